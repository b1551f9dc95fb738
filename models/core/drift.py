"""How far a day's features and scores have moved from those that the model was promoted on.

PSI, the population stability index Σ (a − e)·ln(a / e) over bins of about a tenth, a missing value being a bin of its own, shares floored at 1e-4
(Siddiqi, Credit Risk Scorecards, 2006); KS, the largest distance of the two cumulative distributions of the values that are
there (Kolmogorov–Smirnov). Both at the reference's edges, so KS may be low by what lies between two edges, about .02.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.core.shared import shared
from models.core.champions import Champion
from models.core.metrics import PSI_FLOOR
from models.core.reference import SCORE
from models.core.steps import step

BUCKETS: Final = 1_000_000
DIGITS: Final = 6
"""Sums of shares are rounded, so that the order of adding never shows."""
REFERENCES: Final = (
    "model string, model_version int, subject string, edges array<int>, shares array<double>, bins array<int>, "
    "expected_missing double"
)
SUBJECT: Final = ["model", "model_version", "subject"]
MISSING: Final = -1
"""The cell and bin of values that aren't there."""


def counted(
    scores: Mapping[str, DataFrame], features: DataFrame, watched: Collection[str], most: int
) -> DataFrame:
    """(model, subject, step, n): how often each value was met, at three significant figures; step null: missing.

    `scores`: model → customer_id and score of one day; a customer counts as often as scored. `features`: that day's
    rows of gold.feature, of which those named in `watched` count. Of more than `most` customers a sample, the same one
    every day.
    """
    models = sorted(scores)
    limit = features.agg((F.lit(BUCKETS * most) / F.greatest(F.count("*"), F.lit(1))).alias("_limit"))
    each = [scores[m].select(F.lit(m).alias("model"), "customer_id", "score") for m in models]
    told = _sampled(reduce(DataFrame.unionByName, each), limit)
    own = told.groupBy("model", F.lit(SCORE).alias("subject"), step(F.col("score")).alias("step")).agg(
        F.count("*").alias("n")
    )
    times = told.groupBy("customer_id").agg(*[F.count_if(F.col("model") == m).alias(m) for m in models])
    named = _sampled(features, limit).select("customer_id", F.inline("features"))
    named = named.where(F.col("name").isin(sorted(set(watched) - {SCORE})))
    met = named.join(times, on="customer_id", how="inner")
    by_value = met.groupBy(F.col("name").alias("subject"), step(F.col("value")).alias("step")).agg(
        *[F.sum(m).alias(m) for m in models]
    )
    return own.unionByName(by_value.unpivot(["subject", "step"], [*models], "model", "n")).where("n > 0")


def references(champions: Mapping[str, Champion], spark: SparkSession) -> DataFrame:
    """One row per champion and subject: a few hundred, whatever the bank's size."""
    rows = [
        (name, c.version, subject, list(r.edges), list(r.shares), list(r.bins), r.missing)
        for name, c in champions.items()
        for subject, r in c.reference.items()
    ]
    return spark.createDataFrame(rows, REFERENCES)


def drift(counts: DataFrame, reference: DataFrame, min_rows: int) -> DataFrame:
    """(model, model_version, subject, rows, missing, expected_missing, psi, ks) where at least `min_rows` were met.

    `counts` as `counted` gives them, `reference` as `references` does; a subject that the day didn't bring has no row.
    """
    known = ["model", "subject"]
    met = counts.join(F.broadcast(reference.select(*SUBJECT, "edges")), on=known, how="inner")
    seen = met.groupBy(*SUBJECT, _cell().alias("cell")).agg(F.sum("n").alias("n"))
    cells = _expected(reference).join(seen, on=[*SUBJECT, "cell"], how="left").fillna(0, ["n"])
    whole = Window.partitionBy(*SUBJECT)
    present = F.sum(F.when(F.col("cell") >= 0, F.col("n"))).over(whole)
    enough = cells.withColumns({"rows": F.sum("n").over(whole), "present": present}).where(
        F.col("rows") >= min_rows
    )
    measured = shared(enough)
    both = _psi(measured).join(_ks(measured), on=SUBJECT, how="inner")
    missing = reference.select(*SUBJECT, "expected_missing")
    return both.join(missing, on=SUBJECT, how="inner")


def _sampled(rows: DataFrame, limit: DataFrame) -> DataFrame:
    near = F.pmod(F.xxhash64("customer_id"), F.lit(BUCKETS)) < F.col("_limit")
    return rows.crossJoin(F.broadcast(limit)).where(near).drop("_limit")


def _cell() -> Column:
    """Twice the edges below the step, plus one where it is an edge itself: as models.core.reference counts."""
    below = F.size(F.filter("edges", lambda edge: edge < F.col("step")))
    at = F.array_contains("edges", F.col("step")).cast("int")
    return F.when(F.col("step").isNull(), MISSING).otherwise(2 * below + at)


def _expected(reference: DataFrame) -> DataFrame:
    """Cell, bin, share and expected of each subject: `share` of the values that are there, `expected` of all rows."""
    zipped = F.posexplode(F.arrays_zip("bins", "shares")).alias("cell", "_at")
    there = reference.select(*SUBJECT, "expected_missing", zipped).select(
        *SUBJECT,
        "cell",
        F.col("_at.bins").alias("bin"),
        F.col("_at.shares").alias("share"),
        (F.col("_at.shares") * (1 - F.col("expected_missing"))).alias("expected"),
    )
    absent = reference.select(
        *SUBJECT,
        F.lit(MISSING).alias("cell"),
        F.lit(MISSING).alias("bin"),
        F.lit(0.0).alias("share"),
        F.col("expected_missing").alias("expected"),
    )
    return there.unionByName(absent)


def _psi(cells: DataFrame) -> DataFrame:
    """Rows, missing and psi of each subject."""
    actual = F.sum("n") / F.first("rows")
    bins = cells.groupBy(*SUBJECT, "bin").agg(
        F.first("rows").alias("rows"), actual.alias("actual"), F.sum("expected").alias("expected")
    )
    a, e = F.greatest("actual", F.lit(PSI_FLOOR)), F.greatest("expected", F.lit(PSI_FLOOR))
    absent = F.max(F.when(F.col("bin") == MISSING, F.col("actual")))
    return bins.groupBy(*SUBJECT).agg(
        F.first("rows").alias("rows"),
        F.round(absent, DIGITS).alias("missing"),
        F.round(F.sum((a - e) * F.ln(a / e)), DIGITS).alias("psi"),
    )


def _ks(cells: DataFrame) -> DataFrame:
    """The ks of each subject; null where every value of the day, or of the reference, is missing."""
    up = Window.partitionBy(*SUBJECT).orderBy("cell").rowsBetween(Window.unboundedPreceding, 0)
    apart = F.abs(F.sum("n").over(up) / F.nullif("present", F.lit(0)) - F.sum("share").over(up))
    there = F.sum("share").over(Window.partitionBy(*SUBJECT)) > 0
    held = cells.withColumn("_there", there).withColumn(
        "n", F.when(F.col("cell") >= 0, F.col("n")).otherwise(0)
    )
    told = held.withColumn("_apart", F.when(F.col("_there") & (F.col("present") > 0), apart))
    return told.groupBy(*SUBJECT).agg(F.round(F.max("_apart"), DIGITS).alias("ks"))

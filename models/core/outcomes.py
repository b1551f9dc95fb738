"""What came of scores once their horizon is over: calibration, AUC and lift, by version and slice, counted in Spark.

Scores are counted at three significant figures (models.core.steps), so that ties within a step count half: AUC and lift
agree with those of the rows to about the third place, whatever the bank's size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from models.core.fairness import NOT_STATED, Z
from models.core.steps import step
from models.core.trainable import Kind

BY: Final = ["model_version", "scored_on", "attribute", "group_name"]
EVERYONE: Final = "all"
TOP: Final = 0.1
BINS: Final = 10
DIGITS: Final = 6


def sliced(rows: DataFrame, slices: Mapping[str, str]) -> DataFrame:
    """`rows` once as a whole (attribute and group_name `all`) and once for each slice: name → SQL that gives the group."""
    whole = F.struct(F.lit(EVERYONE).alias("attribute"), F.lit(EVERYONE).alias("group_name"))
    parts = [
        F.struct(
            F.lit(name).alias("attribute"),
            F.coalesce(F.expr(sql).cast("string"), F.lit(NOT_STATED)).alias("group_name"),
        )
        for name, sql in slices.items()
    ]
    return rows.select("*", F.inline(F.array(whole, *parts)))


def figures(rows: DataFrame, kind: Kind, min_rows: int) -> DataFrame:
    """One row for each of BY with at least `min_rows` rows: how the scores did.

    `rows` has BY, score (which orders), foretold and label (in the same unit). Gives rows, cases (label above nought), observed and
    foretold (means), calibration_error, auc with auc_low and auc_high, lift_10. For values the error is |foretold ÷
    real total − 1| and there is no AUC.
    """
    steps = _by_step(rows)
    pairs = F.sum("cases") * F.sum(F.col("n") - F.col("cases"))
    whole = steps.groupBy(*BY).agg(
        F.first("rows").alias("rows"),
        F.sum("cases").alias("cases"),
        (F.sum("real") / F.first("rows")).alias("observed"),
        (F.sum("said") / F.first("rows")).alias("foretold"),
        (F.sum("ahead") / F.nullif(pairs, F.lit(0))).alias("auc"),
        (F.sum(F.col("real") * F.col("taken")) / F.sum(F.col("n") * F.col("taken"))).alias("top"),
    )
    told = whole.where(F.col("rows") >= min_rows).join(_expected_error(steps), on=BY, how="inner")
    return _named(told, kind)


def _by_step(rows: DataFrame) -> DataFrame:
    """Each score's step with counts, those below and above it, and how much of it belongs to the best tenth."""
    label = F.col("label")
    counts = rows.groupBy(*BY, step(F.col("score")).alias("step")).agg(
        F.count("*").alias("n"),
        F.count_if(label > 0).alias("cases"),
        F.sum(label).alias("real"),
        F.sum("foretold").alias("said"),
    )
    below = Window.partitionBy(*BY).orderBy("step").rowsBetween(Window.unboundedPreceding, -1)
    whole, others = Window.partitionBy(*BY), F.col("n") - F.col("cases")
    placed = counts.withColumns(
        {
            "rows": F.sum("n").over(whole),
            "below": F.coalesce(F.sum("n").over(below), F.lit(0)),
            "ahead": F.col("cases") * (F.coalesce(F.sum(others).over(below), F.lit(0)) + others / 2),
        }
    )
    above = F.col("rows") - F.col("below") - F.col("n")
    share = (F.col("rows") * TOP - above) / F.col("n")
    return placed.withColumn("taken", F.least(F.greatest(share, F.lit(0.0)), F.lit(1.0)))


def _expected_error(steps: DataFrame) -> DataFrame:
    """Expected calibration error: |foretold − real| over ten bins of about equal size, weighted by rows."""
    place = F.floor(BINS * (F.col("below") + F.col("n") / 2) / F.col("rows"))
    bins = steps.groupBy(*BY, place.alias("bin")).agg(
        F.abs(F.sum("said") - F.sum("real")).alias("off"), F.first("rows").alias("rows")
    )
    return bins.groupBy(*BY).agg((F.sum("off") / F.first("rows")).alias("expected_error"))


def _named(told: DataFrame, kind: Kind) -> DataFrame:
    value = kind == "value"
    missed = F.abs(F.col("foretold") / F.when(F.col("observed") != 0, F.col("observed")) - 1)
    area = F.lit(None).cast("double") if value else F.col("auc")
    half = Z * _auc_error(area, F.col("cases"), F.col("rows") - F.col("cases"))
    measured = {
        "observed": F.col("observed"),
        "foretold": F.col("foretold"),
        "calibration_error": missed if value else F.col("expected_error"),
        "auc": area,
        "auc_low": F.when(half.isNotNull(), F.greatest(area - half, F.lit(0.0))),
        "auc_high": F.when(half.isNotNull(), F.least(area + half, F.lit(1.0))),
        "lift_10": F.col("top") / F.when(F.col("observed") > 0, F.col("observed")),
    }
    return told.select(*BY, "rows", "cases", *_rounded(measured))


def _rounded(measured: Mapping[str, Column]) -> Sequence[Column]:
    return [F.round(column, DIGITS).alias(name) for name, column in measured.items()]


def _auc_error(area: Column, cases: Column, others: Column) -> Column:
    """The standard error of an AUC (Hanley and McNeil 1982)."""
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (cases - 1) * (q1 - area * area) + (others - 1) * (q2 - area * area)
    pairs = F.when((cases > 0) & (others > 0), cases * others)
    return F.sqrt(F.greatest(spread, F.lit(0.0)) / pairs)

"""gold.model_outcome: one row per model version, date scored and slice whose horizon is over: what came of the scores.

Scores of a month's end are judged by the first run after their horizon, with the labels that training uses; a run that
came too late for one still judges the last three. Slices are those of conf/…/monitoring and, as in training, the groups of
`fairness.groups`: both as they stood when the score was made. Customers merged into others since are left out: what they
did stands under another id now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.models import ModelSpec, ModelsSpec
from conf.monitoring import MonitoringConf
from conf.sql import columns_in
from jobs.core.features import widened
from jobs.core.job import AsOf, IfAny, Job
from jobs.core.schema import column, schema
from jobs.core.scores import WATCHED
from models.core.known import trainable
from models.core.outcomes import figures, sliced
from models.core.splits import add_months, month_end

SCHEMA = schema(
    column("as_of", "date", level=1, category="time", meaning="business date on which it was judged"),
    column("model", "string", level=1, category="reference", meaning="model, such as churn"),
    column("model_version", "int", level=1, category="technical", meaning="registered version that scored"),
    column("attribute", "string", level=1, category="reference", meaning="what it is sliced by; all for the whole"),
    column("group_name", "string", level=1, category="reference", meaning="group of the attribute; all for the whole"),
    column("scored_on", "date", level=1, category="time", meaning="business date of the scores"),
    column("horizon_end", "date", level=1, category="time", meaning="date to which outcomes count"),
    column("rows", "bigint", level=1, category="model", meaning="scores judged"),
    column("cases", "bigint", level=1, category="model", meaning="positive outcomes"),
    column("observed", "double", level=1, category="model", meaning="mean outcome: a rate, or money in the bank's currency"),
    column("foretold", "double", level=1, category="model", meaning="mean calibrated prediction, in the same unit"),
    column("calibration_error", "double", level=1, category="model", meaning="expected calibration error; of values the share by which the total was missed"),
    column("auc", "double", level=1, category="model", meaning="area under the ROC curve; null for values and for one outcome only"),
    column("auc_low", "double", level=1, category="model", meaning="lower end of its 95 % interval (Hanley and McNeil)"),
    column("auc_high", "double", level=1, category="model", meaning="upper end of its 95 % interval"),
    column("lift_10", "double", level=1, category="model", meaning="mean outcome of the best-scored tenth over that of all"),
    key=("as_of", "model", "model_version", "attribute", "group_name", "scored_on"),
    personal=False,
)  # fmt: skip
LABELS: Final = {
    "customer_holding": "gold.customer_holding",
    "account_daily": "gold.account_daily",
    "arrears": "silver.arrears",
    "balance": "silver.balance",
    "card_statement": "silver.card_statement",
    "loan": "silver.loan",
    "product": "silver.product",
}
"""What the models' labels read."""
LOOK_BACK: Final = 3
KEY: Final = ["customer_id", "as_of"]


def build(
    *,
    outcome: DataFrame,
    features: DataFrame,
    profile_history: DataFrame,
    redirect: DataFrame,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    **frames: DataFrame,
) -> DataFrame:
    """Figures of every scoring whose horizon ended and that no earlier run has judged; mostly no rows."""
    section, conf = bank.section("models", ModelsSpec), bank.section("monitoring", MonitoringConf)
    made = []
    for name in WATCHED:
        spec: ModelSpec = getattr(section, name)
        if dates := _pending(frames[name], outcome.where(F.col("model") == name), as_of, spec.horizon_months):
            rows = _labelled(name, frames, spec, dates, redirect)
            parts = _sliced(rows, conf, spec, profile_history, features)
            told = figures(parts, trainable(name).kind, conf.min_rows)
            made.append(_dated(told, name, as_of, spec.horizon_months))
    return (
        reduce(DataFrame.unionByName, made).select(*SCHEMA.names)
        if made
        else spark.createDataFrame([], SCHEMA.spark)
    )


def matured(as_of: date, months: int) -> list[date]:
    """The last month ends whose horizon is over at the close of `as_of`, newest first."""
    return [add_months(month_end(as_of), -months - i) for i in range(LOOK_BACK)]


def _pending(scores: DataFrame, judged: DataFrame, as_of: date, months: int) -> list[date]:
    """Of those the dates that have scores and weren't judged before this run's date: three at most."""
    dates = matured(as_of, months)
    scored = scores.where(F.col("as_of").isin(*dates) & (F.col("horizon_months") == months))
    before = judged.where(F.col("scored_on").isin(*dates) & (F.col("as_of") < F.lit(as_of)))
    done = {r[0] for r in before.select("scored_on").distinct().collect()}
    return sorted({r[0] for r in scored.select("as_of").distinct().collect()} - done)


def _labelled(
    name: str, frames: Mapping[str, DataFrame], spec: ModelSpec, dates: Sequence[date], redirect: DataFrame
) -> DataFrame:
    """The scores of those dates with `foretold` and their label."""
    model, scores = trainable(name), frames[name]
    said = F.col("expected_value" if model.kind == "value" else "probability").cast("double")
    mine = scores.where(F.col("as_of").isin(*dates) & (F.col("horizon_months") == spec.horizon_months))
    gone = redirect.where("old_customer_id <> customer_id").selectExpr("old_customer_id AS customer_id")
    stayed = mine.join(gone, on="customer_id", how="left_anti")
    return model.outcomes(frames, spec, stayed.withColumn("foretold", said).drop("reasons"), dates)


def _sliced(
    rows: DataFrame, conf: MonitoringConf, spec: ModelSpec, history: DataFrame, features: DataFrame
) -> DataFrame:
    wanted = {**conf.slices, **spec.fairness.groups}
    reads = {name: columns_in(sql) for name, sql in wanted.items()}
    drawn = sorted({c for name in spec.fairness.groups for c in reads[name]} - set(rows.columns))
    profiled = sorted(
        {c for name in conf.slices for c in reads[name]} & set(history.columns) - set(rows.columns)
    )
    then = rows.select(*KEY).distinct()
    joined = rows.join(_profile(then, history, profiled), on=KEY, how="left")
    if drawn:
        joined = joined.join(_features(then, features, drawn), on=KEY, how="left")
    known = {name: sql for name, sql in wanted.items() if reads[name] <= set(joined.columns)}
    return sliced(joined.withColumn("scored_on", F.col("as_of")), known)


def _profile(then: DataFrame, history: DataFrame, names: Sequence[str]) -> DataFrame:
    """Attributes of each customer as the run of the date, or the last one before it, saw them."""
    last = F.max(F.struct("valid_from", *names))
    earlier = history.join(then, on="customer_id", how="inner").where(F.col("valid_from") <= F.col("as_of"))
    return (
        earlier.groupBy(*KEY)
        .agg(last.alias("_last"))
        .select(*KEY, *[F.col("_last")[n].alias(n) for n in names])
    )


def _features(then: DataFrame, features: DataFrame, names: Sequence[str]) -> DataFrame:
    """By name, not by place: the definitions may have changed since."""
    those = features.select(*KEY, "features").join(then, on=KEY, how="left_semi")
    return widened(those, names)


def _dated(told: DataFrame, name: str, as_of: date, months: int) -> DataFrame:
    end = F.last_day(F.add_months("scored_on", months))
    return told.withColumns({"as_of": F.lit(as_of), "model": F.lit(name), "horizon_end": end})


JOB = Job(
    table="gold.model_outcome",
    inputs={
        "outcome": IfAny("gold.model_outcome"),
        "features": "gold.feature",
        "profile_history": "gold.customer_profile_history",
        "redirect": "identity.redirect",
        **LABELS,
        **WATCHED,
    },
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per model version, date scored and slice whose horizon is over: what came of the scores",
)

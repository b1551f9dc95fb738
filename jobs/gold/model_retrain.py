"""gold.model_retrain: one row per date and model: whether it must be trained anew, and why.

The rule stands in conf/…/monitoring: bounds on the day's drift, on the last outcomes known of the version in force, and on its age.
`onebook train --if-due` obeys it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.monitoring import Measure, MonitoringConf
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from jobs.core.scores import TRAINED
from models.core.champions import Champion
from models.core.outcomes import EVERYONE
from models.core.reference import SCORE

SCHEMA = schema(
    column("as_of", "date", level=1, category="time", meaning="business date of the verdict"),
    column("model", "string", level=1, category="reference", meaning="model, such as churn"),
    column("model_version", "int", level=1, category="technical", meaning="version in force; null without one"),
    column("trained_as_of", "date", level=1, category="time", meaning="date as of which that version was trained"),
    column("is_due", "boolean", level=1, category="model", meaning="whether it must be trained anew"),
    column("reasons", "array<string>", level=1, category="model", meaning="bounds that are broken, in words; empty where none is"),
    key=("as_of", "model"),
    personal=False,
)  # fmt: skip
NEVER: Final = "no version is in force"
Measures = Mapping[Measure, float]


def build(
    *,
    drift: DataFrame,
    outcome: DataFrame,
    champions: Mapping[str, Champion],
    bank: Bank,
    as_of: date,
    spark: SparkSession,
) -> DataFrame:
    """A verdict for every model that scores; a handful of rows, read and written."""
    conf = bank.section("monitoring", MonitoringConf)
    moved, came = _moved(drift, conf, as_of), _came(outcome, conf)
    rows: list[tuple[Any, ...]] = []
    for name in TRAINED:
        champion = champions.get(name)
        if champion is None:
            rows.append((as_of, name, None, None, True, [NEVER]))
            continue
        key = (name, champion.version)
        now = _told({"age_months": _age(champion, as_of)}, moved.get(key, {}), came.get(key, {}))
        why = conf.due(name, now, _at_gate(champion))
        rows.append((as_of, name, champion.version, _day(champion), bool(why), why))
    return spark.createDataFrame(rows, SCHEMA.spark)


def _moved(drift: DataFrame, conf: MonitoringConf, as_of: date) -> dict[tuple[str, int], dict[str, Any]]:
    """By model and version the day's drift: two figures of the score, and the share of features that moved."""
    own, psi = F.col("subject") == SCORE, F.col("psi")
    measures = {
        "score_psi": F.max(F.when(own, psi)),
        "score_ks": F.max(F.when(own, F.col("ks"))),
        "features_moved": F.avg(F.when(~own, (psi > conf.moved).cast("double"))),
    }
    return _by_version(drift.where(F.col("as_of") == F.lit(as_of)), measures)


def _came(outcome: DataFrame, conf: MonitoringConf) -> dict[tuple[str, int], dict[str, Any]]:
    """By model and version the last outcomes known, of everyone, where there are cases enough."""
    whole = outcome.where((F.col("attribute") == EVERYONE) & (F.col("cases") >= conf.min_cases))
    names = ("calibration_error", "auc", "lift_10")
    return _by_version(whole, {n: F.max_by(n, F.struct("scored_on", "as_of")) for n in names})


def _by_version(rows: DataFrame, measures: Mapping[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    found = rows.groupBy("model", "model_version").agg(*[m.alias(n) for n, m in measures.items()])
    told = [r.asDict() for r in found.collect()]
    return {(r.pop("model"), r.pop("model_version")): r for r in told}


def _told(*parts: Mapping[Any, Any]) -> dict[Measure, float]:
    return {name: float(value) for part in parts for name, value in part.items() if value is not None}


def _at_gate(champion: Champion) -> dict[Measure, float]:
    """What the gate saw of the same measures; the best tenth's share of a total is a tenth of its lift."""
    seen = champion.metrics
    share = seen.get("top_tenth_share")
    lift = seen.get("lift_10", None if share is None else share * 10)
    return _told(
        {"auc": seen.get("auc"), "lift_10": lift, "calibration_error": seen.get("calibration_error")}
    )


def _day(champion: Champion) -> date:
    return date.fromisoformat(champion.as_of)


def _age(champion: Champion, as_of: date) -> int:
    """Whole calendar months between the training's and this."""
    then = _day(champion)
    return (as_of.year - then.year) * 12 + as_of.month - then.month


JOB = Job(
    table="gold.model_retrain",
    inputs={"drift": "gold.model_drift", "outcome": "gold.model_outcome"},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per date and model: whether it must be trained anew, and why",
    watches=TRAINED,
)

"""models.uplift: one row per customer, date and campaign goal: what contact changes, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec, ScoreSpec
from conf.sql import columns_in
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from models.core.book import features_of
from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.explanations import REASONS_DDL, reasons, spread
from models.core.handing import Handed, handed
from models.uplift.fitted import NAMES
from models.uplift.goal import Goal, goals_of, tenth

KEY: Final = ["customer_id", "as_of"]
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("goal", "string", level=1, category="key", meaning="goal of campaigns, as configured under uplift.label.goals"),
    column("effect", "double", level=3, category="model", meaning="by how much contact changes the chance of a response, −1 … 1; below 0 it puts off"),
    column("effect_s", "double", level=3, category="model", meaning="the same by the S-learner, not scaled"),
    column("effect_t", "double", level=3, category="model", meaning="the same by the T-learner, not scaled"),
    column("effect_x", "double", level=3, category="model", meaning="the same by the X-learner, not scaled"),
    column("tenth", "int", level=3, category="model", meaning="tenth of the customers who judged the model, 1 most moved"),
    column("percentile", "double", level=3, category="model", meaning="place among the customers who judged the model, 1 most moved"),
    column("horizon_months", "int", level=1, category="technical", meaning="months after assignment within which a response counts"),
    column("reasons", REASONS_DDL, level=3, category="model", meaning="features that moved the effect most, in its unit, by the X-learner; for the most moved"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=(*KEY, "goal"),
    subject="customer_id",
)  # fmt: skip
OUTPUT: Final = (
    "customer_id string, as_of date, goal string, effect double, effect_s double, effect_t double, effect_x double, "
    f"tenth int, percentile double, reasons {REASONS_DDL}"
)


def build(
    features: DataFrame,
    *,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    model: Champion | None,
) -> DataFrame:
    """Effects at `as_of` under the champion, of the goals that passed the gate; no rows while there is none."""
    spec = bank.section("models", ModelsSpec).uplift
    goals = {name: goal for name, goal in goals_of(model).items() if name in spec.label.goals}
    if model is None or not goals:
        return spark.createDataFrame([], SCHEMA.spark)
    trained = sorted({name for goal in goals.values() for name in goal.features})
    asked = sorted(columns_in(spec.label.eligible))
    rows = features_of(features, as_of, bank.section("features", FeaturesConf), trained, asked)
    eligible = rows.where(F.coalesce(F.expr(spec.label.eligible), F.lit(False)))
    known, how = handed(eligible, [F.col(name) for name in KEY], trained, {})
    scored = known.mapInArrow(_scorer(goals, trained, how, spec.score), OUTPUT)
    return scored.withColumns(
        {"horizon_months": F.lit(model.horizon_months), "model_version": F.lit(model.version)}
    ).select(*SCHEMA.names)


def _scorer(
    goals: Mapping[str, Goal], trained: Sequence[str], how: Handed, spec: ScoreSpec
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch, x in how.matrices(batches):
            for name, goal in goals.items():
                mine = [trained.index(feature) for feature in goal.features]
                yield scored(batch, x[:, mine], name, goal, spec)

    return run


def scored(batch: pa.RecordBatch, x: Matrix, name: str, goal: Goal, spec: ScoreSpec) -> pa.RecordBatch:
    """One goal's effects on the rows of a batch, whose features are `x`, in the columns of OUTPUT."""
    each = goal.effects(x)
    effect = goal.effect(each)
    percentile = goal.percentile(effect)
    top = np.flatnonzero(percentile >= spec.reasons_from_percentile)
    why = reasons(goal, x[top], goal.features, {}, spec.reasons)
    made = {
        **{key: batch.column(key) for key in KEY},
        "goal": pa.array([name] * len(x), pa.string()),
        "effect": pa.array(effect),
        **{f"effect_{learner}": pa.array(each[learner]) for learner in NAMES},
        "tenth": pa.array(tenth(percentile), pa.int32()),
        "percentile": pa.array(percentile),
        "reasons": spread(why, top, len(x)),
    }
    return pa.RecordBatch.from_pydict(made)


JOB = Job(
    table="models.uplift",
    inputs={"features": "gold.feature"},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer, date and campaign goal: what contact changes, and why",
    model="uplift",
)

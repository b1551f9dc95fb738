"""gold.complaint_model: one row per target (cause, product) with the text model that foretells it this month.

Learnt in the run, unlike the models of `onebook train`: nobody decides about it. It is a function of what was known when the
month began, so a day, a backfill and a rebuild have the same one, and complaints foretold this month stay as foretold.
It takes seconds, because the complaints that teach are capped (conf/…/complaints: `taught`), and costs them once a month.
What tells no more than the commonest class is refused, with the reason in place of a model. Terms that fewer than five
complaints use aren't kept; restricted all the same, for they are the customers' words.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.complaints import ComplaintsConf
from jobs.core.job import IfAny, Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.complaints import TARGETS, told

if TYPE_CHECKING:
    from models.text.taught import Taught

SCHEMA = schema(
    column("target", "string", level=1, category="key", meaning="cause or product"),
    column("month", "date", level=1, category="time", meaning="first day of the month that it holds for"),
    column("rows", "bigint", level=1, category="technical", meaning="labelled complaints that it was learnt from, at most as many as configured"),
    column("classes", "array<string>", level=1, category="reference", meaning="classes that occurred often enough, the commonest first"),
    column("macro_f1", "double", level=1, category="model", meaning="mean F1 over classes on later complaints than it was taught with"),
    column("macro_f1_low", "double", level=1, category="model", meaning="lower end of its 95 % interval (bootstrap)"),
    column("macro_f1_high", "double", level=1, category="model", meaning="upper end of its 95 % interval"),
    column("baseline_macro_f1", "double", level=1, category="model", meaning="the same of always naming the commonest class"),
    column("accuracy", "double", level=1, category="model", meaning="share of later complaints named rightly"),
    column("calibration_error", "double", level=1, category="model", meaning="expected calibration error of the named class's probability"),
    column("refused", "string", level=1, category="technical", meaning="why nothing is foretold; null where something is"),
    column("model", "string", level=3, category="model", meaning="terms and weights (models.text.frozen); null where refused"),
    key="target",
    restricted=True,
    personal=False,
)  # fmt: skip


def build(complaint: DataFrame, text: DataFrame, known: DataFrame, *, bank: Bank, as_of: date) -> DataFrame:
    """The month's models: those that stand, or else what complaints known before the month teach."""
    month = as_of.replace(day=1)
    if known.where(F.col("month") == F.lit(month)).limit(1).count():
        return known.select(*SCHEMA.names)
    conf = bank.section("complaints", ComplaintsConf)
    before = F.col("known_from") < F.lit(_until(complaint, month))
    rows = told(complaint.where(before), text.where(before))
    made = [_row(target, month, _taught(rows, label, conf)) for target, label in TARGETS.items()]
    return complaint.sparkSession.createDataFrame(made, SCHEMA.spark)


def _until(complaint: DataFrame, month: date) -> date:
    """The month's first day; the day after the book's first where it began later."""
    first: date | None = complaint.agg(F.min("known_from")).collect()[0][0]
    return month if first is None else max(month, first + timedelta(days=1))


def _taught(rows: DataFrame, label: str, conf: ComplaintsConf) -> Taught:
    """Learnt from a capped sample, the same complaints whenever the book is the same."""
    from models.text.taught import taught  # noqa: PLC0415 - brings scikit-learn along

    labelled = rows.where(F.col("text").isNotNull() & F.col(label).isNotNull())
    some = labelled.orderBy(F.xxhash64("complaint_id"), "complaint_id").limit(conf.taught)
    dated = some.select(
        "complaint_id", "text", F.col(label).alias("label"), F.col("received_on").alias("date")
    )
    frame = dated.toArrow().to_pandas().sort_values("complaint_id", ignore_index=True)
    return taught(frame, conf.terms)


def _row(target: str, month: date, found: Taught) -> tuple[Any, ...]:
    e = found.evaluation
    figures = (
        (None,) * 6 if e is None else (*e.macro_f1, e.baseline_macro_f1, e.accuracy[0], e.calibration_error)
    )
    return (target, month, found.rows, list(found.classes), *figures, found.refused, found.model)


JOB = Job(
    table="gold.complaint_model",
    inputs={
        "complaint": "silver.complaint",
        "text": "silver.complaint_text",
        "known": IfAny("gold.complaint_model"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per target (cause, product) with the text model that foretells it this month",
)

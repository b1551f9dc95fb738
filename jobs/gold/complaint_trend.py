"""gold.complaint_trend: one row per target, month and class of complaints: how many, their share, and whether that is news.

A month is held against the three before it by Fisher's exact test, two-sided, corrected over all rows of a target (Benjamini
and Hochberg 1995; models.text.trend). Recorded and foretold classes count alike: `foretold` says how many rest on the model.
The driver holds a count for each month and class, never a complaint.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.complaints import ComplaintsConf
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.complaints import classed

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = schema(
    column("target", "string", level=1, category="key", meaning="cause or product"),
    column("month", "date", level=1, category="time", meaning="first day of the month in which they were received"),
    column("class_name", "string", level=1, category="reference", meaning="cause, or product_id"),
    column("complaints", "bigint", level=1, category="behaviour", meaning="complaints of the class"),
    column("foretold", "bigint", level=1, category="model", meaning="of them those whose class the model named"),
    column("share", "double", level=1, category="behaviour", meaning="of the month's complaints; null in a month without any"),
    column("before_share", "double", level=1, category="behaviour", meaning="share in the three months before; null where those had none"),
    column("ratio", "double", level=1, category="behaviour", meaning="share over before_share; null where that is 0 or null"),
    column("q", "double", level=1, category="model", meaning="chance of so large a difference without a change (Fisher), corrected for the number of rows"),
    column("change", "string", level=1, category="behaviour", meaning="rise or fall where q < 0.05, else null"),
    key=("target", "month", "class_name"),
    personal=False,
)  # fmt: skip


def build(topic: DataFrame, *, bank: Bank, as_of: date) -> DataFrame:
    """The shares of the configured months up to `as_of`; a month that has begun is told as far as it has come."""
    conf = bank.section("complaints", ComplaintsConf)
    month = F.trunc("received_on", "month").alias("month")
    counted = classed(topic, as_of, conf.trend_months).groupBy("target", month, "class_name")
    counts = counted.agg(F.count("*").alias("complaints"), F.count_if(~F.col("given")).alias("foretold"))
    frame = counts.toArrow().to_pandas()  # months × classes, whatever the bank's size
    rows = [row for target, part in frame.groupby("target") for row in _rows(str(target), part)]
    return topic.sparkSession.createDataFrame(rows, SCHEMA.spark)


def _rows(target: str, counts: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """A target's rows of the table."""
    import pandas as pd  # noqa: PLC0415 - seconds that listing tables doesn't need

    from models.text.trend import of_counts  # noqa: PLC0415 - brings scipy along

    dated = counts.assign(month=pd.PeriodIndex(counts["month"], freq="M"))
    wide, by_model = (
        dated.pivot_table(index="month", columns="class_name", values=v, fill_value=0)
        for v in ("complaints", "foretold")
    )
    for r in of_counts(wide.astype(int)).itertuples():
        month = pd.Period(r.month, freq="M")
        named = int(by_model[r.label].get(month, 0))
        figures = (None if pd.isna(v) else float(v) for v in (r.share, r.before_share, r.ratio, r.q))
        yield (target, month.start_time.date(), r.label, int(r.complaints), named, *figures, r.change or None)


JOB = Job(
    table="gold.complaint_trend",
    inputs={"topic": "gold.complaint_topic"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per target, month and class of complaints: how many, their share, and whether that is news",
)

"""gold.complaint_phrase: one row per target, class and phrase that drives it: what its complaints say and others don't.

By the log-odds ratio with a Dirichlet prior (Monroe, Colaresi and Quinn 2008; models.text.phrases). A phrase has no digit and is
used by five complaints of the class or more, each of another customer and none a copy of another: it says nothing of
one person. Looked for in a capped sample of the last months' complaints (conf/…/complaints: `read`), which the driver holds.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.complaints import ComplaintsConf
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.complaints import TARGETS, classed, words

SCHEMA = schema(
    column("target", "string", level=1, category="key", meaning="cause or product"),
    column("class_name", "string", level=1, category="reference", meaning="cause, or product_id"),
    column("phrase", "string", level=2, category="reference", meaning="words that five customers or more used of it"),
    column("z", "double", level=1, category="model", meaning="log-odds ratio against the other classes over its standard error; above 1.96"),
    column("complaints", "bigint", level=1, category="behaviour", meaning="complaints of the class that use it, in the sample, one of each customer"),
    column("elsewhere", "bigint", level=1, category="behaviour", meaning="complaints of other classes that use it, in the sample"),
    key=("target", "class_name", "phrase"),
    personal=False,
)  # fmt: skip
DIGITS: Final = 6


def build(topic: DataFrame, text: DataFrame, *, bank: Bank, as_of: date) -> DataFrame:
    """The phrases of the configured months' complaints up to `as_of`."""
    conf = bank.section("complaints", ComplaintsConf)
    recent, said = classed(topic, as_of, conf.phrase_months), words(text)
    rows = [
        row
        for target in TARGETS
        for row in _rows(target, recent.where(F.col("target") == target), said, conf)
    ]
    return topic.sparkSession.createDataFrame(rows, SCHEMA.spark)


def _rows(target: str, classed: DataFrame, said: DataFrame, conf: ComplaintsConf) -> list[tuple[Any, ...]]:
    """A target's rows of the table, from one complaint of each customer and class, at most as many as configured."""
    from models.text.phrases import driving  # noqa: PLC0415 - brings pandas along

    place = F.struct(F.xxhash64("complaint_id").alias("hash"), F.col("complaint_id"))
    one_each = (
        classed.groupBy("class_name", "party_id")
        .agg(F.min(place).alias("_first"))
        .select("class_name", "_first.*")
    )
    some = one_each.orderBy("hash", "complaint_id").limit(conf.read).drop("hash")
    read = said.where("text IS NOT NULL").join(F.broadcast(some), on="complaint_id", how="inner")
    frame = read.toArrow().to_pandas().sort_values("complaint_id")
    found = driving(frame["text"].tolist(), frame["class_name"].tolist(), conf.shown)
    return [
        (target, r.label, r.phrase, round(float(r.z), DIGITS), int(r.complaints), int(r.elsewhere))
        for r in found.itertuples()
    ]


JOB = Job(
    table="gold.complaint_phrase",
    inputs={"topic": "gold.complaint_topic", "text": "silver.complaint_text"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per target, class and phrase that drives it",
)

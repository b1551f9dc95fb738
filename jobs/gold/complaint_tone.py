"""gold.complaint_tone: one row per complaint and version of its words: how they sound, from -1 to 1; no text.

Dated, so that a feature at a past date hears only what had been said and was known by then. By the bank's lexicon
(conf/…/complaints: `tone`; models.text.tone), so that each tone can be told by its words. Another lexicon makes all rows anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.complaints import ComplaintsConf
from conf.tone import ToneSpec
from jobs.core.job import Job, Snapshot, Touched
from jobs.core.schema import column, schema

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = schema(
    column("complaint_id", "string", level=2, category="key", meaning="silver.complaint"),
    column("party_id", "string", level=2, category="key", meaning="who complained"),
    column("said_on", "date", level=2, category="time", meaning="first day on which the complaint had words, as known by known_from"),
    column("valid_from", "date", level=1, category="time", meaning="day from which it had these words"),
    column("known_from", "date", level=1, category="time", meaning="date on which the bank could know them"),
    column("batch_id", "string", level=1, category="technical", meaning="delivery that brought them"),
    column("is_deleted", "boolean", level=1, category="technical", meaning="whether the words were withdrawn"),
    column("tone", "double", level=2, category="model", meaning="-1 worst … 1 best, 0 where no word tells; null without a word"),
    column("terms", "array<struct<term:string,value:double>>", level=2, category="model", meaning="terms of the lexicon that tell, each with its value there, from -4 to 4 before what strengthens it"),
    key=("complaint_id", "valid_from", "known_from"),
    subject="party_id",
)  # fmt: skip
READ: Final = tuple(n for n in SCHEMA.names if n not in ("tone", "terms"))
Batches = Callable[[Iterable["pd.DataFrame"]], Iterator["pd.DataFrame"]]


def build(text: DataFrame, *, bank: Bank) -> DataFrame:
    """Every version of the words (of the touched complaints) with its tone."""
    spec = bank.section("complaints", ComplaintsConf).tone
    known = Window.partitionBy("complaint_id").orderBy("known_from")
    dated = text.withColumn("said_on", F.min("valid_from").over(known))
    return dated.select(*READ, "text").mapInPandas(_hearing(spec), SCHEMA.spark)


def _hearing(spec: ToneSpec) -> Batches:
    """Tone and terms of each row, batch by batch; no row looks at another."""

    def run(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        from models.text.tone import tones  # noqa: PLC0415 - only in a worker that is asked something

        for batch in batches:
            heard = tones(spec, batch["text"])
            told = [[{"term": term, "value": value} for term, value in one.terms] for one in heard]
            yield batch.assign(tone=[one.tone for one in heard], terms=told)[SCHEMA.names]

    return run


JOB = Job(
    table="gold.complaint_tone",
    inputs={"text": Touched("silver.complaint_text", by="complaint_id")},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per complaint and version of its words: how they sound; no text",
)

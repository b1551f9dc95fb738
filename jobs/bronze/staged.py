"""Staged deliveries: all files of one contract read once into Parquet, and measured by file from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import SourceContract
from expectations.gate import Suite
from expectations.marks import none
from expectations.verdict import Verdict
from jobs.bronze import table
from jobs.bronze.cells import cut
from jobs.bronze.delivery import Delivery
from jobs.bronze.judgement import Measured, read_facts
from jobs.bronze.lines import read_lines
from jobs.bronze.reading import MALFORMED
from jobs.core import storage
from jobs.core.catalog import Lake

ORIGIN: Final = "_n int, _file string, _batch string, _delivered date, _history boolean"
SUM: Final = "_sum_"
GIVEN: Final = "_given_"


@dataclass(frozen=True, slots=True)
class Stage:
    """Parquet below the lake's staging area, and what it holds of each file (by name)."""

    frame: DataFrame
    uri: str
    contract: SourceContract
    by_file: Mapping[str, Measured]
    distinct: Mapping[str, int]

    def measured(self, delivery: Delivery) -> list[Measured]:
        """What was measured of a delivery's files, in their order."""
        return [self.by_file[f.name] for f in delivery.files]

    def sound(self, batches: Iterable[str]) -> DataFrame:
        """Rows of these batches without a fault."""
        return self._of(batches).where("_faults IS NULL")

    def faulty(self, batches: Iterable[str]) -> DataFrame:
        """Rows of these batches for quarantine."""
        return self._of(batches).where("_faults IS NOT NULL")

    def repeated(self, batches: Sequence[str]) -> bool:
        """Whether a key may stand twice in one of these batches: in one file, or in several of one batch."""
        return any(self.distinct[b] for b in batches)

    def judged(self, batches: Iterable[str], suite: Suite) -> Verdict:
        """The suite's verdict on the rows of these batches: one aggregate; their keys are unique by making."""
        rows = self._of(batches).withColumn("_faults", F.coalesce("_faults", none()))
        metrics = rows.agg(*suite.observations("_faults")).collect()[0].asDict()
        metrics |= suite.tally(rows, metrics, "_faults")
        return suite.judge({**metrics, **suite.measure(rows, proven=("_batch", "_file", "_row"))})

    def remove(self) -> None:
        """Delete the staged files."""
        storage.remove(self.uri)

    def _of(self, batches: Iterable[str]) -> DataFrame:
        return self.frame.where(F.col("_facts").isNull() & F.col("_batch").isin(sorted(batches)))


def stage(
    spark: SparkSession, lake: Lake, contract: SourceContract, deliveries: Sequence[Delivery], suite: Suite
) -> Stage:
    """Read every file of `deliveries` in one pass, type its rows, write them apart, and measure them by file.

    Rows that break a quarantine rule of `suite` are faulty like those that don't cast.
    """
    files = [(d, f) for d in deliveries for f in d.files]
    origins = [
        (n, f.name, d.batch_id, d.business_date, d.kind == "history") for n, (d, f) in enumerate(files)
    ]
    lines = read_lines(spark, [f for _, f in files], contract)
    origin = F.broadcast(spark.createDataFrame(origins, ORIGIN))
    built = table.build(cut(lines, contract).join(origin, on="_n", how="inner"), contract)
    rows = built.withColumn("_faults", _with_rules(suite))
    uri = storage.join(lake.uri, "_staging", *contract.bronze.split("."))
    storage.remove(uri)
    rows.write.mode("overwrite").parquet(uri)
    frame = spark.read.schema(rows.schema).parquet(uri)
    told = {r["_n"]: r for r in _measure(frame, contract).collect()}
    facts = {r["_n"]: r for r in _facts(frame).collect()}
    by_file = {f.name: _measured(told[n], facts[n], contract) for n, (_, f) in enumerate(files)}
    repeated: dict[str, int] = {}
    for n, (d, _) in enumerate(files):
        several = int(len(d.files) > 1)
        repeated[d.batch_id] = repeated.get(d.batch_id, 0) + several + told[n]["sound"] - told[n]["keys"]
    return Stage(frame, uri, contract, by_file, repeated)


def _with_rules(suite: Suite) -> Column:
    """The faults of a record with those of the suite's rules; null where it is sound, or no record at all."""
    broken = F.concat(F.coalesce("_faults", none()), suite.row_faults())
    return F.when(F.col("_facts").isNull() & (F.size(broken) > 0), broken)


def _facts(frame: DataFrame) -> DataFrame:
    """One row for each file: its facts and, where a record had any, keys that the contract doesn't know."""
    told = frame.where("_facts IS NOT NULL OR _extra IS NOT NULL")
    return told.groupBy("_n").agg(F.max("_facts").alias("facts"), F.max("_extra").alias("extra"))


def _measure(frame: DataFrame, contract: SourceContract) -> DataFrame:
    """One row for each file: counts, sums of control columns, distinct keys.

    Numbers only: an aggregate of text beside them would sort every row instead of hashing it.
    """
    record, faulty = F.col("_facts").isNull(), F.col("_faults").isNotNull()
    needed = [c.name for c in contract.columns if c.required or c.name in contract.keys]
    measures: list[Column] = [
        F.count_if(faulty).alias("faulty"),
        F.count_if(F.array_contains("_faults", MALFORMED)).alias("malformed"),
        F.count_if(record & ~faulty).alias("sound"),
        F.count_distinct(F.when(record & ~faulty, F.xxhash64(*contract.keys))).alias("keys"),
        F.count_if(_unsummed(contract)).alias("unsummed"),
        *(F.count(n).alias(GIVEN + n) for n in needed),
        *(F.try_sum(_summed(n)).alias(SUM + n) for n in contract.control_totals),
    ]
    return frame.groupBy("_n").agg(*measures)


def _summed(name: str) -> Column:
    return F.coalesce(F.col(name).try_cast("decimal(38,6)"), F.try_element_at("_control", F.lit(name)))


def _unsummed(contract: SourceContract) -> Column:
    """A row with an amount that not even a person could read."""
    lacking = [F.col(n).isNull() & _summed(n).isNull() for n in contract.control_totals]
    unread = F.lit(False)
    for column in lacking:
        unread = unread | column
    return F.col("_control").isNotNull() & unread


def _measured(row: Row, facts: Row, contract: SourceContract) -> Measured:
    values: dict[str, Any] = row.asDict() | facts.asDict()
    sums: dict[str, Decimal | None] = {n: values[SUM + n] for n in contract.control_totals}
    given = {k.removeprefix(GIVEN): v for k, v in values.items() if k.startswith(GIVEN)}
    return Measured(
        facts=read_facts(values["facts"]),
        faulty=values["faulty"],
        malformed=values["malformed"],
        unsummed=values["unsummed"],
        extra=tuple(values["extra"] or ()),
        never_given=tuple(n for n, count in given.items() if not count),
        sums=sums,
    )

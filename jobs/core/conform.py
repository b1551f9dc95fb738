"""From bronze to canonical rows: each source contract's mapping, as far as known at the business date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.contracts import MapSpec, SourceContract
from conf.sql import code_uses, with_codes
from expectations.marks import named
from jobs.core.catalog import Lake
from jobs.core.errors import BuildError
from jobs.core.job import Versions
from jobs.core.schema import Schema

TRACE: Final = ("_file", "_row", "_faults")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a canonical table has consumed one bronze table: its version, how many of its batches were
    superseded by then, how many of its rows weren't known yet, and the mapping that its oldest rows were conformed under.
    """

    version: int
    superseded: int = 0
    pending: int = 0
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class Conformer:
    """Reads contracts' mappings into one canonical table."""

    spark: SparkSession
    lake: Lake
    bank: Bank
    superseded: Mapping[str, frozenset[str]]

    def sources(self, table: str) -> list[tuple[SourceContract, MapSpec]]:
        """Every mapping of the bank's contracts into `table`."""
        return [(c, m) for c in self.bank.contracts for m in c.maps if m.to == table]

    def mapping(self, contract: SourceContract, table: str) -> str:
        """A hash of all by which the contract's rows become rows of the table."""
        maps = [m.model_dump(mode="json") for m in contract.maps if m.to == table]
        shared = contract.model_dump(mode="json", include={"codes", "lookups", "known_from", "valid_from"})
        return hashlib.sha256(json.dumps([maps, shared], sort_keys=True).encode()).hexdigest()[:16]

    def rows(
        self,
        table: str,
        schema: Schema,
        write: object,
        before: Mapping[str, Position],
        previous: date | None,
    ) -> DataFrame | None:
        """Rows newly delivered since `before`, and rows that were pending then; None where there are none to read.

        Not yet filtered by the business date: the caller counts what is still pending in the same pass.
        """
        frames = [
            self._mapped(contract, mapping, schema, write, before.get(contract.bronze), previous)
            for contract, mapping in self.sources(table)
            if self._news(contract, before.get(contract.bronze))
        ]
        return reduce(DataFrame.unionByName, frames) if frames else None

    def _news(self, contract: SourceContract, before: Position | None) -> bool:
        version = self.lake.version(contract.bronze)
        return version is not None and (before is None or version > before.version or before.pending > 0)

    def _mapped(
        self,
        contract: SourceContract,
        mapping: MapSpec,
        schema: Schema,
        write: object,
        before: Position | None,
        previous: date | None,
    ) -> DataFrame:
        shape = _Shape(contract, mapping, schema)
        fresh = shape.apply(self._joined(contract, self._delivered(contract, before)))
        if contract.delivery.kind == "full" and isinstance(write, Versions):
            earlier = self._last_full(contract, before)
            fresh = fresh.unionByName(self._gone(contract, shape, earlier, write.key[0]))
        if before is not None and before.pending and previous is not None:
            waiting = shape.apply(self._joined(contract, self._until(contract, before)))
            fresh = fresh.unionByName(waiting.where(F.col("known_from") > F.lit(previous)))
        return fresh

    def _delivered(self, contract: SourceContract, before: Position | None) -> DataFrame:
        if before is None:
            rows = self.lake.state(self.spark, contract.bronze)
        elif self.lake.version(contract.bronze) == before.version:
            rows = self.lake.state(self.spark, contract.bronze).limit(0)
        else:
            rows = self.lake.changes(self.spark, contract.bronze, before.version)
        return self._standing(contract, rows)

    def _until(self, contract: SourceContract, before: Position) -> DataFrame:
        return self._standing(contract, self.lake.state(self.spark, contract.bronze, before.version))

    def _standing(self, contract: SourceContract, rows: DataFrame) -> DataFrame:
        replaced = sorted(self.superseded.get(contract.bronze, ()))
        return rows.where(~F.col("_batch").isin(replaced)) if replaced else rows

    def _joined(self, contract: SourceContract, rows: DataFrame) -> DataFrame:
        for lookup in contract.lookups.values():
            found = self.spark.sql(lookup.sql.format_map(self._views()))
            rows = rows.join(F.broadcast(found), on=list(lookup.on), how="left")
        return rows

    def _views(self) -> dict[str, str]:
        views = {}
        for contract in self.bank.contracts:
            if self.lake.version(contract.bronze) is not None:
                rows = self._standing(contract, self.lake.state(self.spark, contract.bronze))
                rows.createOrReplaceTempView(f"bronze_{contract.name}")
                views[contract.name] = f"bronze_{contract.name}"
        return _Views(views)

    def _last_full(self, contract: SourceContract, before: Position | None) -> DataFrame:
        """The new full deliveries with the one before them, to see which keys went missing."""
        rows = self._standing(contract, self.lake.state(self.spark, contract.bronze))
        if before is None:
            return rows
        known = self._until(contract, before).agg(F.max("_delivered").alias("_since"))
        return rows.join(F.broadcast(known), on=F.col("_delivered") >= F.col("_since"), how="inner").drop(
            "_since"
        )

    def _gone(self, contract: SourceContract, shape: _Shape, rows: DataFrame, key: str) -> DataFrame:
        """A closing version for each key that a full delivery had and the next one left out."""
        dates = rows.select("_delivered").distinct()
        following = dates.withColumn("_next", F.lead("_delivered").over(Window.orderBy("_delivered")))
        mapped = shape.apply(self._joined(contract, rows), keep=("_delivered",))
        dated = mapped.join(F.broadcast(following), on="_delivered", how="inner").where("_next IS NOT NULL")
        present = mapped.select(F.col(key).alias("_key"), F.col("_delivered").alias("_seen"))
        missing = dated.join(
            present, on=(F.col(key) == F.col("_key")) & (F.col("_next") == F.col("_seen")), how="left_anti"
        )
        closing = {"valid_from": F.col("_next"), "known_from": F.col("_next"), "is_deleted": F.lit(True)}
        return missing.withColumns(closing).drop("_delivered", "_next")


class _Views(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise BuildError(f"a lookup reads bronze.{name}, which nothing has been delivered to yet")


@dataclass(frozen=True, slots=True)
class _Shape:
    """One mapping as Spark expressions: canonical columns, dates and faults."""

    contract: SourceContract
    mapping: MapSpec
    schema: Schema

    def apply(self, rows: DataFrame, keep: Sequence[str] = ()) -> DataFrame:
        if self.mapping.where:
            rows = rows.where(F.expr(self._sql(self.mapping.where)))
        made = {f"_c_{c.name}": self._column(c.name, c.type) for c in self.schema.columns}
        shaped = rows.select(
            *(value.alias(name) for name, value in made.items()),
            F.col("_file"),
            F.col("_row"),
            named(self._faults()).alias("_faults"),
            *(F.col(k) for k in keep),
        )
        return shaped.withColumnsRenamed({f"_c_{n}": n for n in self.schema.names})

    def _column(self, name: str, type: str) -> Column:
        filled: dict[str, Any] = {
            "source": F.lit(self.contract.system),
            "batch_id": F.col("_batch"),
            "is_deleted": F.lit(False),
        }
        if name in filled:
            return F.expr("_batch") if name == "batch_id" else filled[name]
        if name == "known_from":
            return self._known_from()
        if name == "valid_from":
            sql = self.mapping.valid_from or self.contract.valid_from
            return F.expr(self._sql(sql)).cast(DateType()) if sql else self._known_from()
        sql = self.mapping.columns.get(name)
        return F.expr(f"try_cast({self._sql(sql)} AS {type})") if sql else F.lit(None).cast(type)

    def _known_from(self) -> Column:
        return F.expr(self._sql(self.mapping.known_from or self.contract.known_from)).cast(DateType())

    def _faults(self) -> list[Column]:
        faults = [F.when(self._known_from().isNull(), F.lit("unknown_known_from"))]
        for sql in self.mapping.columns.values():
            for name, inner in code_uses(sql):
                known = self.contract.codes.get(name, {})
                if "*" not in known:
                    value = F.expr(inner).cast("string")
                    unlisted = value.isNotNull() & ~value.isin(list(known))
                    faults.append(F.when(unlisted, F.lit(f"unknown_code_{name}")))
        return faults

    def _sql(self, sql: str) -> str:
        return with_codes(sql, self.contract.codes)

"""The catalog: the lake's tables as the schemas declare them. It alone creates them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.core import changes, commits, storage
from jobs.core.contents import DELTA_LOG, Contents, contents, is_readable
from jobs.core.feed import Feed, feed
from jobs.core.schema import Schema

STAGING: Final = "_staging"


@dataclass(frozen=True, slots=True)
class Lake:
    """A bank's lake at a URI: `<uri>/<layer>/<name>` is one Delta table."""

    uri: str
    _contents: dict[tuple[str, int], Contents] = field(default_factory=dict, compare=False, repr=False)
    _feeds: dict[tuple[str, int, int], Feed | None] = field(default_factory=dict, compare=False, repr=False)

    def path(self, table: str) -> str:
        """Where a table lies. `layer.name` becomes layer/name."""
        layer, name = table.split(".", 1)
        return storage.join(self.uri, layer, name)

    def version(self, table: str) -> int | None:
        """The newest committed version, or None where there is no table; read from the log's file names."""
        log = storage.join(self.path(table), DELTA_LOG)
        names = (storage.name_of(str(info.path)) for info in storage.listing(log))
        versions = [int(n.split(".")[0]) for n in names if n.endswith(".json") and n.split(".")[0].isdigit()]
        return max(versions, default=None)

    def tables(self) -> list[str]:
        """Every table that exists, by name."""
        found = []
        for layer in storage.folders(self.uri):
            for folder in storage.folders(storage.join(self.uri, layer)):
                name = f"{layer}.{folder}"
                if self.version(name) is not None:
                    found.append(name)
        return found

    def read(self, spark: SparkSession, table: str, version: int | None = None) -> DataFrame:
        """A table as it stands, or at a version."""
        reader = spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.path(table))

    def state(self, spark: SparkSession, table: str, version: int | None = None) -> DataFrame:
        """A table as it stands, or at a version, for a job's plan.

        Delta asks its log anew, with a Spark job, for every place of a plan that reads a table, and a day's plans
        read some tables ten times: the files of a version never change, so they are asked for once.
        """
        wanted = self.version(table) if version is None else version
        if wanted is None:
            return self.read(spark, table)
        known = self._known(spark, table, wanted)
        if known.files and not known.is_read_by_name:
            return self.read(spark, table, version)
        return self._by_name(spark, known.schema, known.files)

    def _known(self, spark: SparkSession, table: str, version: int) -> Contents:
        if (known := self._contents.get((table, version))) is None:
            known = self._contents[table, version] = contents(spark, self.path(table), version)
        return known

    def size(self, spark: SparkSession, table: str, after: int | None = None) -> int | None:
        """Bytes of a table's files, or of those that changed after a version; None where the log can't tell."""
        if (now := self.version(table)) is None or now == after:
            return 0
        if after is None:
            return self._known(spark, table, now).size
        told = self._news(spark, table, after)[1]
        return None if told is None else told.size

    def changes(self, spark: SparkSession, table: str, after: int) -> DataFrame:
        """Rows added to an append-only table after version `after`."""
        schema, told = self._news(spark, table, after)
        if told is not None and told.only_adds:
            return self._by_name(spark, schema, told.added)
        return (
            self._feed(spark, table, after)
            .where(F.col("_change_type") == "insert")
            .drop("_change_type", "_commit_version", "_commit_timestamp")
        )

    def touched(self, spark: SparkSession, table: str, after: int, columns: list[str]) -> DataFrame:
        """Distinct values of `columns` in rows added, changed or removed after version `after`."""
        schema, told = self._news(spark, table, after)
        if told is None:
            return self._feed(spark, table, after).select(*columns).distinct()
        parts = [self._by_name(spark, schema, files).select(*columns) for files in told.groups]
        return reduce(
            DataFrame.unionByName, parts, self._by_name(spark, schema, ()).select(*columns)
        ).distinct()

    def _news(self, spark: SparkSession, table: str, after: int) -> tuple[StructType, Feed | None]:
        """The table's schema now, and the files that its log names since `after`."""
        asked = (table, after, self._committed(table))
        if asked not in self._feeds:
            self._feeds[asked] = feed(self.path(table), after, asked[-1])
        return self._known(spark, table, asked[-1]).schema, self._feeds[asked]

    def _by_name(self, spark: SparkSession, schema: StructType, files: Sequence[str]) -> DataFrame:
        return spark.read.schema(schema).parquet(*files) if files else spark.createDataFrame([], schema)

    def _feed(self, spark: SparkSession, table: str, after: int) -> DataFrame:
        reader = spark.read.format("delta").option("readChangeFeed", "true")
        return reader.option("startingVersion", after + 1).load(self.path(table))

    def append(self, rows: DataFrame, table: str, schema: Schema, meta: Mapping[str, Any]) -> int:
        """Add rows, creating the table from its schema where it is new. Returns the committed version."""
        if self.takes_files(table, schema):
            return self._entered(rows, table, schema, meta)
        writer = self._writer(rows, schema, meta).mode("append")
        # The frame holds the schema's columns and no others: what is merged in are columns it has gained.
        writer.option("mergeSchema", "true").save(self.path(table))
        return self._committed(table)

    def overwrite(
        self, rows: DataFrame, table: str, schema: Schema, meta: Mapping[str, Any], where: str | None = None
    ) -> int:
        """Replace the table, or its rows that satisfy `where`. Returns the committed version."""
        if where is None and self.takes_files(table, schema):
            return self._entered(rows, table, schema, meta, instead=True)
        writer = self._writer(rows, schema, meta).mode("overwrite")
        if where is not None:
            writer = writer.option("replaceWhere", where).option("mergeSchema", "true")
        else:
            writer = writer.option("overwriteSchema", "true")
        writer.save(self.path(table))
        return self._committed(table)

    def merge(self, diff: DataFrame, table: str, schema: Schema, meta: Mapping[str, Any]) -> int:
        """Apply a diff: the schema's columns and CHANGE, one row a key. Returns the committed version."""
        if self.takes_files(table, schema):
            return self._marked(diff, table, schema, meta)
        spark = diff.sparkSession
        conf = "spark.databricks.delta.commitInfo.userMetadata"
        spark.conf.set(conf, json.dumps(meta, sort_keys=True))
        try:
            changes.merge(DeltaTable.forPath(spark, self.path(table)), diff, schema.key)
        finally:
            spark.conf.unset(conf)
        return self._committed(table)

    def _marked(self, diff: DataFrame, table: str, schema: Schema, meta: Mapping[str, Any]) -> int:
        """The whole state anew, and beside it what changed: one pass where Delta's merge joins twice, to write anew
        every file that it touches.
        """
        version = self._committed(table)
        standing = self.state(diff.sparkSession, table, version).select(*schema.names)
        folder, marks = (self._prepared(table, part) for part in ("rows", "marks"))
        changes.after(standing, diff, schema.key).write.mode("overwrite").parquet(folder)
        changes.marked(standing, diff, schema.key).write.mode("overwrite").parquet(marks)
        note = json.dumps(meta, sort_keys=True)
        commits.commit_marked(
            folder, marks, self.path(table), version, statistics=schema.statistics, note=note
        )
        storage.remove(folder)
        storage.remove(marks)
        return self._committed(table)

    def _prepared(self, table: str, part: str) -> str:
        return storage.join(self.uri, STAGING, "_commit", *table.split("."), part)

    def takes_files(self, table: str, schema: Schema) -> bool:
        """Whether `enter` can write the table: it lies on this machine and hasn't another shape than the schema."""
        path = self.path(table)
        return is_readable(path) and commits.fits(path, schema.spark)

    def enter(
        self, folder: str, table: str, schema: Schema, meta: Mapping[str, Any], *, instead: bool = False
    ) -> int:
        """Make the Parquet files of a folder a version of the table, added to it or `instead` of what it holds.

        Only where `takes_files` says so. The folder loses its files. Returns the committed version.
        """
        commits.commit(
            folder,
            self.path(table),
            schema.spark,
            properties=table_properties(schema),
            statistics=schema.statistics,
            note=json.dumps(meta, sort_keys=True),
            instead=instead,
        )
        return self._committed(table)

    def _entered(
        self, rows: DataFrame, table: str, schema: Schema, meta: Mapping[str, Any], *, instead: bool = False
    ) -> int:
        folder = self._prepared(table, "rows")
        rows.select(*schema.names).to(schema.spark).write.mode("overwrite").parquet(folder)
        version = self.enter(folder, table, schema, meta, instead=instead)
        storage.remove(folder)
        return version

    def metadata_after(
        self, spark: SparkSession, table: str, after: int, key: str
    ) -> tuple[int, dict[str, Any]] | None:
        """Our note in the newest commit later than `after` that carries one with `key`: (version, note)."""
        history = DeltaTable.forPath(spark, self.path(table)).history()
        ours = history.where((F.col("version") > after) & F.contains("userMetadata", F.lit(f'"{key}":')))
        newest = ours.orderBy(F.desc("version")).select("version", "userMetadata").limit(1).collect()
        return (int(newest[0][0]), json.loads(newest[0][1])) if newest else None

    def _writer(self, rows: DataFrame, schema: Schema, meta: Mapping[str, Any]) -> DataFrameWriter:
        typed = rows.select(*schema.names).to(schema.spark)
        writer = typed.write.format("delta").option("userMetadata", json.dumps(meta, sort_keys=True))
        for name, value in table_properties(schema).items():
            writer = writer.option(name, value)
        return writer

    def _committed(self, table: str) -> int:
        version = self.version(table)
        if version is None:
            raise AssertionError(f"{table}: committed, yet there is no log")
        return version


def table_properties(schema: Schema) -> dict[str, str]:
    """Delta properties set at birth: statistics only of keys and dates, so that no log keeps a personal value."""
    columns = schema.statistics
    statistics = (
        {"delta.dataSkippingStatsColumns": ",".join(columns)}
        if columns
        else {"delta.dataSkippingNumIndexedCols": "0"}
    )
    return {
        **statistics,
        "delta.enableChangeDataFeed": "true",
        "delta.enableDeletionVectors": "false",
    }

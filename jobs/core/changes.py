"""What differs from a state, row by row, in the words of Delta's change feed; and the state after it."""

from __future__ import annotations

from typing import Final

from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

CHANGE: Final = "_change_type"
INSERTED, DELETED, BEFORE, AFTER = "insert", "delete", "update_preimage", "update_postimage"


def kind(is_there: Column, was_there: Column) -> Column:
    """Of a row that differs: INSERTED, AFTER (changed) or DELETED."""
    return F.when(~is_there, DELETED).when(was_there, AFTER).otherwise(INSERTED)


def after(standing: DataFrame, diff: DataFrame, key: tuple[str, ...]) -> DataFrame:
    """The state with `diff` (its columns and CHANGE, one row a key) applied."""
    names = standing.columns
    others = standing.join(diff.select(*key), on=list(key), how="left_anti").select(*names)
    return others.unionByName(diff.where(F.col(CHANGE) != DELETED).select(*names))


def marked(standing: DataFrame, diff: DataFrame, key: tuple[str, ...]) -> DataFrame:
    """The rows as they were and as they are, with CHANGE: what a reader of the change feed is told."""
    names = [*standing.columns, CHANGE]
    was = diff.where(F.col(CHANGE) != INSERTED).select(*key, CHANGE)
    old = standing.join(was, on=list(key), how="inner").select(*names)
    told = old.withColumn(CHANGE, F.when(F.col(CHANGE) == AFTER, BEFORE).otherwise(DELETED))
    return told.unionByName(diff.where(F.col(CHANGE) != DELETED).select(*names))


def merge(target: DeltaTable, diff: DataFrame, key: tuple[str, ...]) -> None:
    """Delta's own MERGE of `diff` into a table, wherever it lies."""
    on = " AND ".join(f"t.`{k}` = d.`{k}`" for k in key)
    columns: dict[str, str | Column] = {c: f"d.`{c}`" for c in diff.columns if c != CHANGE}
    is_gone = f"d.{CHANGE} = '{DELETED}'"
    merging = target.alias("t").merge(diff.alias("d"), on).whenMatchedDelete(is_gone)
    merging.whenMatchedUpdate(set=columns).whenNotMatchedInsert(f"NOT {is_gone}", values=columns).execute()

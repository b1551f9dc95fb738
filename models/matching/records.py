"""Records made ready to compare: keys that bring candidates together, slots that keep clusters sane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.matching import EntityMatching, Kind

RECORD_TYPE: Final = (
    "record_id string, source string, name string, sound string, family string, birth_date date, sex string, "
    "ids array<string>, checked_ids array<string>, number string, phones array<string>, emails array<string>, region string, "
    "city string, street string, postcode string"
)


def keyed(
    records: DataFrame, rules: Mapping[Kind, EntityMatching], unique_sources: Iterable[str]
) -> DataFrame:
    """`records` (RECORD_TYPE and kind) with three arrays: keys (bigint: 64-bit hashes of the blocking values,
    with the rule's name), slots and soft_slots (`name=value`), each by the rules of the record's kind.
    """
    own = F.when(
        F.col("source").isin(*unique_sources),
        F.concat(F.lit("source:"), F.col("source"), F.lit("="), F.col("record_id")),
    )
    empty = records.sparkSession.createDataFrame([], RECORD_TYPE)
    return records.withColumns(
        {
            "keys": _by_kind({kind: _keys(empty, r) for kind, r in rules.items()}),
            "slots": _by_kind({kind: _slots(r.slots, own) for kind, r in rules.items()}),
            "soft_slots": _by_kind({kind: _slots(r.soft_slots) for kind, r in rules.items()}),
        }
    )


def _by_kind(values: Mapping[Kind, Column]) -> Column:
    chosen: Any = F
    for kind, value in values.items():
        chosen = chosen.when(F.col("kind") == kind, value)
    return cast(Column, chosen)


def _keys(empty: DataFrame, rules: EntityMatching) -> Column:
    types = empty.select(*(F.expr(sql).alias(name) for name, sql in rules.blocking.items())).schema
    found = [
        _hashed(name, F.expr(sql), types[name].dataType.typeName() == "array")
        for name, sql in rules.blocking.items()
    ]
    return F.sort_array(F.array_distinct(F.concat(*found)))


def _hashed(name: str, value: Column, many: bool) -> Column:
    values = F.coalesce(value, F.array().cast("array<string>")) if many else F.array_compact(F.array(value))
    return F.transform(values, lambda one: F.xxhash64(F.lit(name), one))


def _slots(slots: Mapping[str, str], *further: Column) -> Column:
    named = [F.concat(F.lit(f"{name}="), F.expr(sql).cast("string")) for name, sql in slots.items()]
    return F.array_compact(F.array(*further, *named).cast("array<string>"))

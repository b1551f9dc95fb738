"""How staged rows become a committed version: one function for each write mode, none commits what is unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.core import changes
from jobs.core.changes import AFTER, CHANGE, DELETED, INSERTED
from jobs.core.job import LOGS, TOUCHED, Append, AsOf, Facts, History, Snapshot, Versions, Write
from jobs.core.shared import sent
from jobs.core.target import Plan, Target, content

MOST: Final = 0.5
"""Where a larger share of a state changes, writing it anew is cheaper than merging the difference."""
LIGHT: Final = 64 << 20
"""Bytes of a state that nobody follows up to which writing it anew is cheaper than a merge of whatever size."""


def plan(write: Write, staged: DataFrame, count: int, target: Target) -> Plan:
    """Decide what to commit of the `count` staged rows under a write mode.

    A rebuild of a log rewrites the run's own date alone: what earlier dates saw, no run can see again.
    """
    if isinstance(write, LOGS):
        target = replace(target, rebuild=False)
    modes: dict[type, Callable[..., Plan]] = {
        Append: _append,
        Facts: _facts,
        Versions: _versions,
        Snapshot: _snapshot,
        AsOf: _as_of,
        History: _history,
    }
    made = modes[type(write)](write, staged, count, target)
    return replace(made, anew=made.anew or target.rebuild)


def commit(planned: Plan, target: Target, meta: Mapping[str, Any]) -> int | None:
    """Carry the plan out as one Delta commit. Returns the new version, or None where nothing was committed."""
    if planned.rows is None:
        return None
    instead = planned.anew and target.lake.version(target.table) is not None
    if target.files is not None and planned.whole and planned.where is None:
        return target.lake.enter(target.files, target.table, target.schema, meta, instead=instead)
    if instead:
        return target.lake.overwrite(planned.rows, target.table, target.schema, meta)
    if planned.merge:
        return target.lake.merge(planned.rows, target.table, target.schema, meta)
    if planned.where is not None:
        return target.lake.overwrite(planned.rows, target.table, target.schema, meta, planned.where)
    return target.lake.append(planned.rows, target.table, target.schema, meta)


def _append(_: Append, staged: DataFrame, count: int, target: Target) -> Plan:
    return Plan(staged if count or target.is_new else None, whole=True)


def _facts(write: Facts, staged: DataFrame, count: int, target: Target) -> Plan:
    if not count:
        return Plan(staged if target.is_new else None, whole=True)
    key = list(target.schema.key)
    told = content([c for c in target.schema.names if c not in ("batch_id", "known_from", "valid_from")])
    keys = staged.select(*key, F.col(write.on).alias("_on"), told.alias("_told"), F.lit(0).alias("_old"))
    if not target.is_new:
        keys = keys.unionByName(_standing_facts(write, staged, target, told))
    twice = keys.groupBy(*key).agg(F.count("*").alias("_n"), F.sum("_old").alias("_olds")).where("_n > 1")
    if twice.limit(1).isEmpty():
        return Plan(staged, whole=True)
    return _sorted_out(staged, keys, key, told)


def _standing_facts(write: Facts, staged: DataFrame, target: Target, told: Column) -> DataFrame:
    """Known facts that the new ones could repeat: those between the first and last of their event dates."""
    span = staged.agg(F.min(write.on), F.max(write.on)).collect()[0]
    rows = target.existing(staged)
    if span[0] is not None:
        rows = rows.where(F.col(write.on).between(span[0], span[1]))
    return rows.select(
        *target.schema.key, F.col(write.on).alias("_on"), told.alias("_told"), F.lit(1).alias("_old")
    )


def _sorted_out(staged: DataFrame, keys: DataFrame, key: list[str], told: Column) -> Plan:
    """The first of each key stays; the same again is deduplicated, another content conflicts."""
    first = Window.partitionBy(*key).orderBy(
        F.desc("_old"), F.asc("known_from"), F.asc("batch_id"), F.asc("_told")
    )
    old = keys.where("_old = 1").select(
        *key, "_told", "_old", F.lit(None).cast("date").alias("known_from"), F.lit("").alias("batch_id")
    )
    new = staged.withColumns({"_told": told, "_old": F.lit(0)})
    ranked = new.unionByName(old, allowMissingColumns=True).withColumns(
        {"_rank": F.row_number().over(first), "_first": F.first("_told").over(first)}
    )
    fresh = ranked.where("_old = 0").localCheckpoint()
    kept = fresh.where("_rank = 1")
    conflicts = fresh.where("_rank > 1 AND _told != _first")
    same = fresh.where("_rank > 1 AND _told = _first").count()
    helpers = ("_told", "_old", "_rank", "_first")
    return Plan(
        kept.drop(*helpers),
        deduplicated=same,
        conflicts=conflicts.drop(*helpers),
        conflicting=conflicts.count(),
    )


def _versions(write: Versions, staged: DataFrame, count: int, target: Target) -> Plan:
    if not count:
        return Plan(staged if target.is_new else None, whole=True)
    key = list(write.key)
    told = content([c for c in target.schema.names if c not in ("batch_id", "known_from", "valid_from")])
    rows = staged.withColumns({"_told": told, "_new": F.lit(1)})
    if not target.is_new:
        standing = target.existing(staged).join(staged.select(*key).distinct(), on=key, how="left_semi")
        rows = rows.unionByName(
            standing.withColumns({"_told": told, "_new": F.lit(0)}), allowMissingColumns=True
        )
    order = Window.partitionBy(*key).orderBy("valid_from", "known_from", "_new", "batch_id", "_told")
    changed = rows.withColumn("_before", F.lag("_told").over(order)).where(
        "_new = 1 AND NOT (_told <=> _before) AND NOT (_before IS NULL AND is_deleted)"
    )
    # Lazily: the count below materialises it, in one Spark job instead of two.
    kept = changed.drop("_told", "_new", "_before").localCheckpoint(eager=False)
    fresh = kept.count()
    return Plan(kept if fresh or target.is_new else None, whole=fresh == count, deduplicated=count - fresh)


def _snapshot(write: Snapshot, staged: DataFrame, count: int, target: Target) -> Plan:
    if target.is_new:
        return Plan(staged, whole=True)
    if target.reshaped(staged):
        return Plan(staged, whole=True, anew=True)
    differing = _differing(staged, target)
    if target.files is not None and target.keys is None and not write.followed:
        fresh, changed, gone = _tally(differing)
        same = count - fresh - changed
        return Plan(staged if same < count or gone else None, True, deduplicated=same, anew=True)
    kept = differing.localCheckpoint(eager=False)
    fresh, changed, gone = _tally(kept)
    same, news = count - fresh - changed, fresh + changed + gone
    if not news:
        return Plan(None, deduplicated=same)
    if target.keys is None and news > MOST * count:
        return Plan(staged, whole=True, deduplicated=same, anew=True)
    if not changed + gone and not target.is_light(staged, LIGHT):
        return Plan(kept.drop(CHANGE), deduplicated=same)
    if target.keys is not None and not write.followed and target.is_light(staged, LIGHT):
        return Plan(_with_others(staged, target, target.keys), deduplicated=same, anew=True)
    return Plan(sent(kept, news), deduplicated=same, merge=True)


def _with_others(staged: DataFrame, target: Target, keys: DataFrame) -> DataFrame:
    """The staged rows, and those that stand under keys that weren't touched."""
    own, names = F.col(target.schema.key[0]) == F.col(TOUCHED), target.schema.names
    others = target.existing(staged).join(keys, on=own, how="left_anti")
    return others.select(*names).unionByName(staged.select(*names))


def _differing(staged: DataFrame, target: Target) -> DataFrame:
    """The rows that are new, changed or, by their key alone, no more (CHANGE)."""
    key, names = list(target.schema.key), target.schema.names
    new = staged.select(*names).withColumn("_told", content(names))
    standing = target.existing(staged)
    if target.keys is not None:
        standing = standing.join(target.keys, on=F.col(key[0]) == F.col(TOUCHED), how="left_semi")
    old = standing.select(*key, content(names).alias("_was"), F.lit(True).alias("_stood"))
    joined = new.withColumn("_stands", F.lit(True)).join(old, on=key, how="full")
    differs = joined.where("_stands IS NULL OR _stood IS NULL OR _told != _was")
    what = changes.kind(F.col("_stands").isNotNull(), F.col("_stood").isNotNull())
    return differs.withColumn(CHANGE, what).select(*names, CHANGE)


def _tally(differing: DataFrame) -> tuple[int, int, int]:
    """(new, changed, gone)."""
    kinds = (INSERTED, AFTER, DELETED)
    row = differing.agg(*(F.count_if(F.col(CHANGE) == kind) for kind in kinds)).collect()[0]
    return int(row[0]), int(row[1]), int(row[2])


def _as_of(_: AsOf, staged: DataFrame, count: int, target: Target) -> Plan:
    if target.is_new:
        return Plan(staged, whole=True)
    return replace(_replacing(staged, count, "as_of", target), whole=True)


def _history(write: History, staged: DataFrame, _count: int, target: Target) -> Plan:
    dates = {"valid_from": F.lit(target.as_of), "is_deleted": F.lit(False)}
    rows = staged.withColumns(dates)
    if target.is_new:
        return Plan(rows)
    key = list(write.key)
    before = _last_logged(write, target.existing(staged), target)
    compared = [c for c in target.schema.names if c not in ("valid_from", "is_deleted")]
    known = before.select(*key, content(compared).alias("_was"))
    changed = (
        rows.join(known, on=key, how="left").where(~content(compared).eqNullSafe(F.col("_was"))).drop("_was")
    )
    gone = before.join(rows.select(*key), on=key, how="left_anti")
    closing = gone.withColumns({"valid_from": F.lit(target.as_of), "is_deleted": F.lit(True)})
    entries = changed.select(*target.schema.names).unionByName(closing.select(*target.schema.names))
    if target.keys is not None and not target.is_before("valid_from"):
        entries = entries.unionByName(_logged_for_others(write, target.existing(staged), target, target.keys))
    # Lazily: the count below materialises it.
    logged = entries.localCheckpoint(eager=False)
    return _replacing(logged, logged.count(), "valid_from", target)


def _last_logged(write: History, log: DataFrame, target: Target) -> DataFrame:
    """The last entry before the run's date of each key, of the touched ones where they are told, that isn't closed."""
    if target.keys is not None:
        log = log.join(target.keys, on=F.col(write.key[0]) == F.col(TOUCHED), how="left_semi")
    last = Window.partitionBy(*write.key).orderBy(F.desc("valid_from"))
    earlier = log.where(F.col("valid_from") < F.lit(target.as_of))
    ranked = earlier.withColumn("_rank", F.row_number().over(last))
    return ranked.where("_rank = 1 AND NOT is_deleted").drop("_rank")


def _logged_for_others(write: History, log: DataFrame, target: Target, keys: DataFrame) -> DataFrame:
    """What an earlier run of the date logged of keys that weren't touched since."""
    of_the_day = log.where(F.col("valid_from") == F.lit(target.as_of))
    return of_the_day.join(keys, on=F.col(write.key[0]) == F.col(TOUCHED), how="left_anti")


def _replacing(rows: DataFrame, count: int, dated: str, target: Target) -> Plan:
    """The `count` rows that replace those of the run's date, by the column `dated`, unless they are the very same."""
    if target.is_before(dated):
        return Plan(rows if count else None)
    where, names = f"{dated} = DATE'{target.as_of.isoformat()}'", target.schema.names
    was = _fingerprint(target.existing(rows).where(where), names)
    if was[0] == 0:
        return Plan(rows if count else None)
    now = _fingerprint(rows, names)
    return Plan(None, deduplicated=now[0]) if was == now else Plan(rows, where=where)


def _fingerprint(rows: DataFrame, names: list[str]) -> tuple[int, int, int]:
    told = content(names)
    row = rows.agg(
        F.count("*"),
        F.coalesce(F.bit_xor(told), F.lit(0)),
        F.coalesce(F.sum(F.pmod(told, F.lit(1_000_003))), F.lit(0)),
    ).collect()[0]
    return int(row[0]), int(row[1]), int(row[2])

"""Candidate pairs: records that share a key. SQL that DuckDB and Spark both run.

Keys shared by more than `limit` records are skipped, so pairs grow linearly with the records.
"""

from __future__ import annotations

from typing import Final

MOVED: Final = "moved"
ENOUGH: Final = 2
"""What `moved` of a pair's two records must come to, where only some pairs are wanted."""


def keys_sql(records: str, dialect: str, *, moved: bool = False) -> str:
    """One row per record and key of `records` (record_id, source, keys, and `moved` if it counts)."""
    spread = "unnest(keys)" if dialect == "duckdb" else "explode(keys)"
    return f"SELECT record_id, source, {'moved, ' if moved else ''}{spread} AS block FROM {records}"


def usable_sql(keys: str, limit: int) -> str:
    """Keys that bring at least two records together, and not too many."""
    return f"SELECT block FROM {keys} GROUP BY block HAVING count(*) BETWEEN 2 AND {limit}"


def skipped_sql(keys: str, limit: int) -> str:
    """How many keys were too common, and the records they hold: (keys, records)."""
    return (
        "SELECT count(*) AS blocks, coalesce(sum(size), 0) AS records FROM "
        f"(SELECT count(*) AS size FROM {keys} GROUP BY block HAVING count(*) > {limit}) AS crowded"
    )


def pairs_sql(keys: str, usable: str, unique_sources: tuple[str, ...], *, moved: bool = False) -> str:
    """Distinct candidate pairs in the shape that Splink takes: match_key, join_key_l, join_key_r.

    moved: only pairs whose two come to ENOUGH together, by the keys' column `moved`. The end that moved more looks for
    the other, so the work follows what moved and not the keys that stand.
    """
    quoted = ", ".join("'" + source.replace("'", "''") + "'" for source in unique_sources)
    distinct = f"AND NOT (l.source = r.source AND l.source IN ({quoted}))" if unique_sources else ""
    in_order = "l.record_id < r.record_id"
    ends, low, high = in_order, "l.record_id", "r.record_id"
    if moved:
        ends = f"l.moved + r.moved >= {ENOUGH} AND (l.moved > r.moved OR (l.moved = r.moved AND {in_order}))"
        low, high = "least(l.record_id, r.record_id)", "greatest(l.record_id, r.record_id)"
    return (
        f"SELECT DISTINCT '0' AS match_key, {low} AS join_key_l, {high} AS join_key_r "
        f"FROM {keys} AS l JOIN {usable} AS u ON l.block = u.block "
        f"JOIN {keys} AS r ON r.block = l.block AND {ends} {distinct}"
    )

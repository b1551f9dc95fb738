"""Candidate pairs: records that share a key. SQL that DuckDB and Spark both run.

Keys shared by more than `limit` records are skipped, so pairs grow linearly with the records.
"""

from __future__ import annotations


def keys_sql(records: str, dialect: str) -> str:
    """One row per record and key of `records` (record_id, source, keys)."""
    spread = "unnest(keys)" if dialect == "duckdb" else "explode(keys)"
    return f"SELECT record_id, source, {spread} AS block FROM {records}"


def usable_sql(keys: str, limit: int) -> str:
    """Keys that bring at least two records together, and not too many."""
    return f"SELECT block FROM {keys} GROUP BY block HAVING count(*) BETWEEN 2 AND {limit}"


def skipped_sql(keys: str, limit: int) -> str:
    """How many keys were too common, and the records they hold: (keys, records)."""
    return (
        "SELECT count(*) AS blocks, coalesce(sum(size), 0) AS records FROM "
        f"(SELECT count(*) AS size FROM {keys} GROUP BY block HAVING count(*) > {limit}) AS crowded"
    )


def pairs_sql(keys: str, usable: str, unique_sources: tuple[str, ...]) -> str:
    """Distinct candidate pairs in the shape that Splink takes: match_key, join_key_l, join_key_r."""
    quoted = ", ".join("'" + source.replace("'", "''") + "'" for source in unique_sources)
    distinct = f"AND NOT (l.source = r.source AND l.source IN ({quoted}))" if unique_sources else ""
    return (
        "SELECT DISTINCT '0' AS match_key, l.record_id AS join_key_l, r.record_id AS join_key_r "
        f"FROM {keys} AS l JOIN {usable} AS u ON l.block = u.block "
        f"JOIN {keys} AS r ON r.block = l.block AND l.record_id < r.record_id {distinct}"
    )

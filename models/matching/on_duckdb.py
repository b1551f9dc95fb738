"""Pairs scored by Splink on DuckDB: within this machine's memory, and on its disk where that isn't enough."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import duckdb
from pyspark.sql import DataFrame
from splink import Linker
from splink.internals.duckdb.database_api import DuckDBAPI

from jobs.core.beside import new_location, opened
from models.matching.blocking import MOVED, keys_sql, pairs_sql, skipped_sql, usable_sql
from models.matching.frequencies import frequency_sql, frozen_frequency_sql
from models.matching.model import MatchModel
from models.matching.predicted import as_pairs, pair_columns
from models.matching.surroundings import Surroundings

log = logging.getLogger(__name__)
AT_ONCE: Final = 1_000_000
"""Pairs scored at a time: what Splink holds of a pair is many times what is kept."""
# Numbers instead of names, in the names' order: a pair is two integers until the likely ones are known.
NUMBERED: Final = (
    "SELECT * REPLACE (row_number() OVER (ORDER BY record_id) AS record_id), record_id AS known_as FROM {}"
)


def score_on_duckdb(
    records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...], around: Surroundings
) -> DataFrame:
    """As models.matching.scoring.score says."""
    target = new_location("pairs")
    with opened() as connection:
        _taken(connection, "arrived", records, NUMBERED)
        _taken(connection, "usable", around.usable)
        _taken(connection, "frozen", around.frequencies)
        _block(connection, model, unique_sources, moved=MOVED in records.columns)
        _score(connection, model, target)
    return as_pairs(records.sparkSession.read.parquet(target), model)


def _taken(
    connection: duckdb.DuckDBPyConnection, name: str, frame: DataFrame | None, sql: str = "SELECT * FROM {}"
) -> None:
    if frame is None:
        return
    source = new_location(name)
    frame.write.parquet(source)
    rows = f"read_parquet('{source}/*.parquet')"
    connection.execute(f"CREATE TABLE {name} AS {sql.format(rows)}")


def _score(connection: duckdb.DuckDBPyConnection, model: MatchModel, target: str) -> None:
    """Each part of the candidates by itself, the likely pairs of each a file in `target`."""
    Path(target).mkdir()
    for number, (low, high) in enumerate(_parts(connection)):
        connection.execute(
            "CREATE OR REPLACE TABLE candidate AS SELECT * FROM candidates "
            f"WHERE join_key_l BETWEEN {low} AND {high}"
        )
        predicted = _predicted(connection, model)
        path = f"{target}/part-{number:05d}.parquet"
        connection.execute(f"COPY ({_named_sql(predicted, model)}) TO '{path}' (FORMAT parquet)")
        connection.execute(f"DROP TABLE {predicted}")


def _parts(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Ranges of left records that have some AT_ONCE pairs each; one that holds nothing where there are none."""
    sql = (
        "SELECT min(join_key_l), max(join_key_l) FROM (SELECT join_key_l, "
        f"(sum(count(*)) OVER (ORDER BY join_key_l) - 1) // {AT_ONCE} AS part FROM candidates GROUP BY join_key_l) "
        "GROUP BY part ORDER BY part"
    )
    return connection.execute(sql).fetchall() or [(0, 0)]


def _predicted(connection: duckdb.DuckDBPyConnection, model: MatchModel) -> str:
    """The name of the table of predictions for the pairs of `candidate`."""
    api = DuckDBAPI(connection)
    linker = Linker(api.register("record"), model.settings("duckdb"), log_level=None, validate_settings=False)
    for column in model.rare_columns:
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
    predictions = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return str(predictions.physical_name)


def _named_sql(predicted: str, model: MatchModel) -> str:
    """Predictions with the records' own ids again."""
    kept = ", ".join(pair_columns(model))
    return (
        "SELECT p.* REPLACE (l.known_as AS record_l, r.known_as AS record_r) "
        f"FROM (SELECT {kept} FROM {predicted}) AS p "
        "JOIN arrived AS l ON l.record_id = p.record_l JOIN arrived AS r ON r.record_id = p.record_r "
        "ORDER BY p.record_l, p.record_r"
    )


def _block(
    connection: duckdb.DuckDBPyConnection, model: MatchModel, unique_sources: tuple[str, ...], *, moved: bool
) -> None:
    """Tables `candidates`, and of what Splink needs for them `record` and tf_of_<column>."""
    connection.execute(f"CREATE TABLE record_key AS {keys_sql('arrived', 'duckdb', moved=moved)}")
    if not _there(connection, "usable"):
        limit = model.rules.block_limit
        connection.execute(f"CREATE TABLE usable AS {usable_sql('record_key', limit)}")
        _tell_skipped(connection, limit)
    pairs = pairs_sql("record_key", "usable", unique_sources, moved=moved)
    connection.execute(f"CREATE TABLE candidates AS {pairs}")
    connection.execute("DROP TABLE record_key")
    spare = ", ".join(["keys", "known_as", *([MOVED] if moved else [])])
    connection.execute(f"CREATE VIEW record AS SELECT * EXCLUDE ({spare}) FROM arrived")
    for column in model.rare_columns:
        connection.execute(f"CREATE TABLE tf_of_{column} AS {_tf_sql(connection, column)}")


def _tell_skipped(connection: duckdb.DuckDBPyConnection, limit: int) -> None:
    # DuckDB keeps a connection busy until a result is read to its end: fetchall, though it is one row.
    ((blocks, held),) = connection.execute(skipped_sql("record_key", limit)).fetchall()
    if blocks:
        log.warning(
            "%d blocking keys are shared by more than %d records (%d in all): skipped", blocks, limit, held
        )


def _there(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall()
    return bool(found)


def _tf_sql(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    if _there(connection, "frozen"):
        return frozen_frequency_sql("record", column, "frozen")
    return frequency_sql("record", column)

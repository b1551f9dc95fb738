"""Which pairs are looked at: on DuckDB, beside what the words say."""

from __future__ import annotations

from itertools import combinations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from models.matching.blocking import ENOUGH, keys_sql, pairs_sql, usable_sql

LIMIT = 3
KEYS = st.sets(st.integers(1, 6), max_size=4)
BOOKS = st.lists(st.tuples(KEYS, st.integers(0, 2), st.sampled_from(["core", "crm"])), min_size=2, max_size=8)


def looked_at(book: list[tuple[set[int], int, str]], *, moved: bool) -> list[tuple[int, int]]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE record (record_id INT, source VARCHAR, moved INT, keys BIGINT[])",
        )
        rows = [(n, source, mark, sorted(keys)) for n, (keys, mark, source) in enumerate(book)]
        connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows)
        connection.execute(f"CREATE TABLE held AS {keys_sql('record', 'duckdb', moved=moved)}")
        connection.execute(f"CREATE TABLE usable AS {usable_sql('held', LIMIT)}")
        found = connection.execute(pairs_sql("held", "usable", ("crm",), moved=moved)).fetchall()
    return sorted((low, high) for _, low, high in found)


@given(BOOKS, st.booleans())
def test_pairs_share_a_key_that_is_not_too_common_and_moved_enough(
    book: list[tuple[set[int], int, str]], moved: bool
) -> None:
    common = {key for key in range(1, 7) if sum(key in keys for keys, _, _ in book) > LIMIT}
    expected = [
        (a, b)
        for a, b in combinations(range(len(book)), 2)
        if (book[a][0] & book[b][0]) - common
        and not book[a][2] == book[b][2] == "crm"
        and (not moved or book[a][1] + book[b][1] >= ENOUGH)
    ]
    assert looked_at(book, moved=moved) == expected

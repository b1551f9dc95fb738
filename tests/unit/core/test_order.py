"""Which of the jobs that may begin is begun first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.core.job import Job, Output, Snapshot
from jobs.core.runner import heights
from jobs.core.schema import Schema, column, schema

ONE: Schema = schema(column("id", "string", level=1, category="key", meaning="id"), key="id", personal=False)


def job(table: str, *inputs: str, also: str | None = None) -> Job:
    return Job(
        table=table,
        inputs={name.replace(".", "_"): name for name in inputs},
        build=lambda: None,
        schema=ONE,
        write=Snapshot(),
        grain="",
        also={also: Output(ONE, Snapshot())} if also else {},
    )


def test_a_job_stands_as_high_as_the_longest_chain_that_waits_for_it() -> None:
    jobs = [
        job("silver.a", also="silver.a2"),
        job("silver.b"),
        job("gold.short", "silver.b"),
        job("gold.feature", "silver.a2"),
        job("models.score", "gold.feature", "silver.b"),
    ]
    seconds = {
        "silver.a": 2.0,
        "silver.b": 5.0,
        "gold.short": 1.0,
        "gold.feature": 30.0,
        "models.score": 10.0,
    }
    assert heights(jobs, seconds) == {
        "silver.a": 42.0,
        "silver.b": 15.0,
        "gold.short": 1.0,
        "gold.feature": 40.0,
        "models.score": 10.0,
    }


def test_a_job_that_reads_its_own_table_waits_for_nobody() -> None:
    assert heights([job("gold.t", "gold.t", "bronze.elsewhere")], {"gold.t": 3.0}) == {"gold.t": 3.0}


@given(st.lists(st.tuples(st.floats(1, 100), st.sets(st.integers(0, 19))), min_size=1, max_size=20))
def test_whoever_is_waited_for_stands_higher_than_who_waits(drawn: list[tuple[float, set[int]]]) -> None:
    jobs = [
        job(f"gold.t{n}", *(f"gold.t{i}" for i in sorted(reads) if i < n))
        for n, (_, reads) in enumerate(drawn)
    ]
    found = heights(jobs, {f"gold.t{n}": seconds for n, (seconds, _) in enumerate(drawn)})
    for one in jobs:
        assert all(found[read] > found[one.table] for read in one.input_tables.values())

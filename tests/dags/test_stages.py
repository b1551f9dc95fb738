"""Each job of the graph runs once a day, after everything that it reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dags.stages import INGEST, GraphError, Scheduled, Stage, read_graph, stages


def job(table: str, *inputs: str, also: tuple[str, ...] = ()) -> Scheduled:
    return Scheduled((table, *also), inputs, table.split(".", maxsplit=1)[0])


def assert_ordered(jobs: tuple[Scheduled, ...], made: tuple[Stage, ...]) -> None:
    """Every table once; every input in an earlier place of its own stage, or in a stage waited for."""
    scheduled = [t for s in made for t in s.tables]
    assert sorted(scheduled) == sorted(t for j in jobs for t in j.tables)
    behind: dict[str, set[str]] = {INGEST: set()}
    for stage in made:
        assert set(stage.after) <= set(behind), f"{stage.name} waits for a later stage"
        behind[stage.name] = set(stage.after).union(*(behind[a] for a in stage.after))
    at = {t: (s, n) for s in made for n, t in enumerate(s.tables)}
    for reader in jobs:
        stage, place = at[reader.tables[0]]
        for table in (i for i in reader.inputs if not i.startswith("bronze.") and i not in reader.tables):
            source, before = at[table]
            assert (source == stage and before < place) or source.name in behind[stage.name]


def test_every_job_of_the_real_graph_is_scheduled_once_and_after_its_inputs() -> None:
    jobs = read_graph()
    assert_ordered(jobs, stages(jobs))


def test_a_day_is_a_handful_of_jvm_starts() -> None:
    assert len(stages(read_graph())) <= 8


def test_segments_that_wait_for_scores_form_a_second_gold_stage_and_publishing_comes_last() -> None:
    jobs = (
        job("silver.party", "bronze.*"),
        job("gold.profile", "silver.party"),
        job("models.churn_score", "gold.profile"),
        job("gold.segment", "gold.profile", "models.churn_score"),
        job("publish.mart", "gold.profile"),
    )
    assert stages(jobs) == (
        Stage("silver", ("silver.party",), ("ingest",)),
        Stage("gold", ("gold.profile",), ("silver",)),
        Stage("models", ("models.churn_score",), ("gold",)),
        Stage("gold_2", ("gold.segment",), ("gold", "models")),
        Stage("publish", ("publish.mart",), ("gold",)),
    )


def test_a_table_may_read_its_own_last_version_and_one_job_may_own_several() -> None:
    jobs = (job("identity.crosswalk", "identity.crosswalk", also=("identity.event",)),)
    assert stages(jobs) == (Stage("identity", ("identity.crosswalk", "identity.event"), ("ingest",)),)


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ((job("gold.a", "gold.b"), job("gold.b", "gold.a")), r"wait for one another: \['gold.a', 'gold.b'\]"),
        ((job("gold.a", "silver.gone"),), r"no job builds \['silver.gone'\]"),
        ((job("gold.a"), job("gold.a")), r"more than one job owns \['gold.a'\]"),
    ],
)
def test_a_graph_that_cannot_be_scheduled_names_its_tables(jobs: tuple[Scheduled, ...], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        stages(jobs)


@given(st.data())
def test_any_graph_without_a_cycle_is_scheduled_whole_and_in_order(data: st.DataObject) -> None:
    layers = ["silver", "identity", "gold", "models"]
    jobs: list[Scheduled] = []
    for n in range(data.draw(st.integers(1, 12))):
        built = [t for j in jobs for t in j.tables]
        inputs = data.draw(st.lists(st.sampled_from(["bronze.*", *built]), max_size=4, unique=True))
        jobs.append(job(f"{data.draw(st.sampled_from(layers))}.t{n}", *inputs))
    assert_ordered(tuple(jobs), stages(jobs))

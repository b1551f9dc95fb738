"""onebook_daily: one run per business date, from the night's deliveries to the published files.

Its stages come from graph.json, so a new table is scheduled by declaring its inputs. A refused delivery or table
stops nothing but itself: its task is skipped, the day goes on, and the last task fails the run.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag

from dags.stages import read_graph, stages
from dags.tasks import BOOK, GOES_ON, command, ingest, nightly, params, tables, verdict


@dag(
    dag_id="onebook_daily",
    schedule=nightly(),
    catchup=False,  # missed nights are one run: as-of takes in everything known; a backfill asks for each
    max_active_runs=1,  # one writer at a time per table
    params=params(),
    tags=["onebook"],
    doc_md=__doc__,
)
def daily() -> None:
    """Ingest, then each stage of the graph behind those that it reads."""
    tasks: dict[str, Any] = {"ingest": ingest()}
    day = stages(read_graph())
    for stage in day:
        tasks[stage.name] = tables(stage.name, stage.tables, outlets=[BOOK] if stage == day[-1] else [])
        for name in stage.after:
            tasks[name] >> tasks[stage.name]
    judged = ["ingest", *(stage.name for stage in day)]
    docs = command("quality_docs", "quality", "--docs", dated=True, **GOES_ON)
    tasks[day[-1].name] >> [docs, command("cockpit", "cockpit", dated=True, **GOES_ON)] >> verdict(judged)


daily()

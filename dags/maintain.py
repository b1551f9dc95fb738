"""onebook_maintain: once a week, on Sunday's book, compact small files and remove what retention lets go."""

from __future__ import annotations

from airflow.sdk import Param, dag

from dags.tasks import BOOK, after, command, due, ends_week, params


@dag(
    dag_id="onebook_maintain",
    schedule=after(BOOK),
    catchup=False,
    max_active_runs=1,
    params={**params(), "force": Param(False, type="boolean", description="whatever the date is")},
    tags=["onebook"],
    doc_md=__doc__,
)
def maintain() -> None:
    """Skip unless the week ends; then OPTIMIZE and VACUUM with the retention of conf/base.yml."""
    due(ends_week) >> command("maintain", "maintain")


maintain()

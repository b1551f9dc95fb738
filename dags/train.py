"""onebook_train: once a month, on the book of the month's last business date, train and let the gate judge.

A daily run never trains; it scores with the champion that this run may have promoted.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from dags.tasks import BOOK, MODELS, after, command, due, ends_month, params


@dag(
    dag_id="onebook_train",
    schedule=after(BOOK),
    catchup=False,
    max_active_runs=1,
    params={**params(), "force": Param(False, type="boolean", description="whatever the date is")},
    tags=["onebook"],
    doc_md=__doc__,
)
def train() -> None:
    """Skip unless the month ends; then one training."""
    due(ends_month) >> command("train", "train", dated=True, outlets=[MODELS])


train()

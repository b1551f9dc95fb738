"""onebook_train: once a month, on the book of the month's last business date, train what is due and let the gate judge.

Models learn from month ends, so that between two of them nothing new is to be learnt. Which of them are due, gold.model_retrain
says: by age, drift or outcomes. A daily run never trains; it scores with the champion that this run may have promoted.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from dags.tasks import BOOK, MODELS, after, command, due, ends_month, params


@dag(
    dag_id="onebook_train",
    schedule=after(BOOK),
    catchup=False,
    max_active_runs=1,
    params={
        **params(),
        "force": Param(False, type="boolean", description="every model, whatever the date and the rule"),
    },
    tags=["onebook"],
    doc_md=__doc__,
)
def train() -> None:
    """Skip unless the month ends; then one training of the models that are due."""
    due(ends_month) >> command("train", "train", dated=True, unforced=("--if-due",), outlets=[MODELS])


train()

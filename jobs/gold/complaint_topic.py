"""gold.complaint_topic: one row per complaint with its cause and product, as the bank recorded them or else foretold.

No word of the complaint is in it. What the bank recorded is never overruled. Foretold is what gold.complaint_model knows;
only complaints that changed are read anew, all of them when a month's model takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import Job, Snapshot, Touched
from jobs.core.schema import column, schema
from jobs.gold.complaints import TARGETS, told

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = schema(
    column("complaint_id", "string", level=2, category="key", meaning="silver.complaint"),
    column("party_id", "string", level=2, category="key", meaning="who complained"),
    column("received_on", "date", level=2, category="time", meaning="day received"),
    column("cause", "string", level=2, category="behaviour", meaning="cause, given or foretold; null where neither"),
    column("cause_given", "boolean", level=1, category="technical", meaning="whether the bank recorded it"),
    column("cause_probability", "double", level=2, category="model", meaning="calibrated probability of the cause foretold; null where given"),
    column("product_id", "string", level=1, category="key", meaning="product complained of, given or foretold; null where neither"),
    column("product_given", "boolean", level=1, category="technical", meaning="whether the bank recorded it"),
    column("product_probability", "double", level=2, category="model", meaning="calibrated probability of the product foretold; null where given"),
    column("model_month", "date", level=1, category="time", meaning="month of the model that foretold; null where nothing was"),
    key="complaint_id",
    subject="party_id",
)  # fmt: skip
KEPT: Final = ("complaint_id", "party_id", "received_on")
Batches = Callable[[Iterable["pd.DataFrame"]], Iterator["pd.DataFrame"]]


def build(complaint: DataFrame, text: DataFrame, learnt: DataFrame) -> DataFrame:
    """Every complaint (of the touched ones) as it stands, with what is foretold where nothing was recorded."""
    known = learnt.where(F.col("model").isNotNull()).select("target", "month", "model").collect()  # two rows
    models = {r["target"]: r["model"] for r in known}
    month = F.lit(max((r["month"] for r in known), default=None)).cast("date")
    rows = told(complaint, text).select(
        *KEPT,
        *TARGETS.values(),
        *(F.col(label).isNotNull().alias(f"{target}_given") for target, label in TARGETS.items()),
        *(F.lit(None).cast("double").alias(f"{target}_probability") for target in TARGETS),
        "text",
    )
    wordless = rows.drop("text")
    found = rows.mapInPandas(_foretelling(models), wordless.schema) if models else wordless
    foretold = [F.col(f"{target}_probability").isNotNull() for target in TARGETS]
    return found.withColumn("model_month", F.when(foretold[0] | foretold[1], month)).select(*SCHEMA.names)


def _foretelling(models: Mapping[str, str]) -> Batches:
    """Fills in what wasn't recorded, batch by batch; no row looks at another."""

    def run(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            for target, model in models.items():
                _foretell(batch, target, model)
            yield batch.drop(columns="text")

    return run


def _foretell(batch: pd.DataFrame, target: str, model: str) -> None:
    """Writes label and probability into the rows of `batch` that have a text and no label."""
    asked = ~batch[f"{target}_given"] & batch["text"].notna()
    if not asked.any():
        return
    from models.text.frozen import thawed  # noqa: PLC0415 - scikit-learn only in a worker that is asked something

    found = thawed(model).predict(batch.loc[asked, "text"].tolist())
    batch.loc[asked, TARGETS[target]] = found["label"].to_numpy()
    batch.loc[asked, f"{target}_probability"] = found["probability"].to_numpy()


JOB = Job(
    table="gold.complaint_topic",
    inputs={
        "complaint": Touched("silver.complaint", by="complaint_id"),
        "text": Touched("silver.complaint_text", by="complaint_id"),
        "learnt": "gold.complaint_model",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per complaint with its cause and product, recorded or foretold",
)

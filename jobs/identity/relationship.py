"""identity.relationship: one row per directed relationship between two customers."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.columns.time import current
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="from"),
    column("other_customer_id", "string", level=2, category="key", meaning="to"),
    column(
        "kind",
        "string",
        level=3,
        category="quasi_identifier",
        meaning="spouse, parent, guarantor, employer, legal_representative or shareholder",
    ),
    column("share", "decimal(9,6)", level=3, category="financial", meaning="largest share stated, 0 … 1"),
    column(
        "evidence", "array<string>", level=2, category="technical", meaning="the sources' relationship ids"
    ),
    column("valid_from", "date", level=1, category="time", meaning="first date of it"),
    key=("customer_id", "other_customer_id", "kind"),
    subject="customer_id",
)


def build(relationship: DataFrame, crosswalk: DataFrame) -> DataFrame:
    """The sources' current relationships, from their records to customers; one with oneself is dropped."""
    to = crosswalk.select("party_id", "customer_id")
    lifted = (
        current(relationship, "relationship_id")
        .join(to, on="party_id", how="inner")
        .join(
            to.select(
                F.col("party_id").alias("other_party_id"), F.col("customer_id").alias("other_customer_id")
            ),
            on="other_party_id",
            how="inner",
        )
        .where("customer_id <> other_customer_id")
    )
    return (
        lifted.groupBy("customer_id", "other_customer_id", "kind")
        .agg(
            F.max("share").alias("share"),
            F.sort_array(F.collect_set("relationship_id")).alias("evidence"),
            F.min("valid_from").alias("valid_from"),
        )
        .select(*SCHEMA.names)
    )


JOB = Job(
    table="identity.relationship",
    inputs={"relationship": "silver.relationship", "crosswalk": "identity.crosswalk"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per directed relationship between two customers",
)

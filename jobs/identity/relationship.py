"""identity.relationship: one row per directed relationship between two customers.

A relationship that a source states between two records holds between two customers as surely as both records are theirs:
of p, the probability by which each joined its customer (1 for one that stands alone or joined by an exact rule), one
statement gives p·q, and several count as independent: 1 − Π (1 − p·q).

Only what is in force at the business date stands here; what was is in the table's earlier versions.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.columns.time import current, in_force
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
    column("confidence", "double", level=2, category="model", meaning="that it is between these two, 0 … 1"),
    column(
        "valid_from",
        "date",
        level=1,
        category="time",
        meaning="first day of it: as a source tells, else since when it is told",
    ),
    column("valid_to", "date", level=1, category="time", meaning="last day; null: no end is known"),
    key=("customer_id", "other_customer_id", "kind"),
    subject="customer_id",
)


def build(relationship: DataFrame, crosswalk: DataFrame, as_of: date) -> DataFrame:
    """The sources' relationships in force at `as_of`, from records to customers; one with oneself is dropped."""
    to = crosswalk.select("party_id", "customer_id", F.coalesce("probability", F.lit(1.0)).alias("p"))
    lifted = (
        current(relationship, "relationship_id")
        .where(in_force(F.lit(as_of)))
        .join(to, on="party_id", how="inner")
        .join(
            to.select(
                F.col("party_id").alias("other_party_id"),
                F.col("customer_id").alias("other_customer_id"),
                F.col("p").alias("q"),
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
            F.round(1 - F.product(1 - F.col("p") * F.col("q")), 6).alias("confidence"),
            F.min(F.coalesce("starts_on", "valid_from")).alias("valid_from"),
            F.when(F.count("ends_on") == F.count("*"), F.max("ends_on")).alias("valid_to"),
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

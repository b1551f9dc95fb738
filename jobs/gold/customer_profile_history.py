"""gold.customer_profile_history: one row per customer and change of what is worth remembering of the profile.

Balances and counts move every day and would make a row a day for everybody: they are computed for any past
day from the roll-ups (jobs.core.features). Here stand the attributes that change by an event.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import History, Job
from jobs.core.schema import column, schema
from jobs.gold import customer_profile

REMEMBERED: Final = (
    "customer_id", "kind", "sex", "birth_date", "age_band", "nationality", "marital_status", "education",
    "occupation", "industry", "annual_income", "area_code", "kyc_status", "kyc_expires_on", "manager_id",
    "branch_id", "customer_since", "lifecycle_stage", "contracts_open", "families", "roles",
    "preferred_channel", "value_tier", "risk_level", "suitability_expires_on", "arrears_standing",
    "bureau_standing", "interests", "open_complaints", "nps_group",
)  # fmt: skip

SCHEMA = schema(
    *(customer_profile.SCHEMA[name] for name in REMEMBERED),
    column("valid_from", "date", level=1, category="time", meaning="business date of the run that saw the change"),
    column("is_deleted", "boolean", level=1, category="technical", meaning="true where the customer is no more"),
    key=("customer_id", "valid_from"),
    subject="customer_id",
)  # fmt: skip


def build(*, profile: DataFrame, as_of: date) -> DataFrame:
    """Today's state; the history write keeps what differs from the last entry."""
    dated = {"valid_from": F.lit(as_of), "is_deleted": F.lit(False)}
    return profile.select(*REMEMBERED).withColumns(dated)


JOB = Job(
    table="gold.customer_profile_history",
    inputs={"profile": "gold.customer_profile"},
    build=build,
    schema=SCHEMA,
    write=History(key=("customer_id",)),
    grain="one row per customer and change of what is worth remembering of the profile",
)

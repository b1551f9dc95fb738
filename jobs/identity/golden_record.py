"""identity.golden_record: one row per customer, with the surviving value of each attribute that names nobody."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import MatchingConf
from conf.survivorship import SurvivorshipConf
from jobs.core.job import Job, Output, Snapshot, Touched
from jobs.core.schema import column, schema
from jobs.identity.candidates import of_customers
from jobs.identity.corrected import corrected
from jobs.identity.survivorship import survivors

CROSSWALK: Final = "identity.crosswalk"
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="the customer"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("sex", "string", level=3, category="quasi_identifier", meaning="F or M, null where unknown"),
    column("birth_date", "date", level=3, category="quasi_identifier", meaning="date of birth of a person"),
    column("nationality", "string", level=2, category="quasi_identifier", meaning="ISO 3166 country code"),
    column(
        "marital_status",
        "string",
        level=3,
        category="quasi_identifier",
        meaning="single, married, divorced or widowed",
    ),
    column("education", "string", level=2, category="quasi_identifier", meaning="highest education"),
    column("occupation", "string", level=3, category="quasi_identifier", meaning="occupation"),
    column("industry", "string", level=2, category="quasi_identifier", meaning="industry"),
    column(
        "annual_income", "decimal(18,2)", level=4, category="financial", meaning="declared income per year"
    ),
    column(
        "area_code",
        "string",
        level=2,
        category="quasi_identifier",
        meaning="administrative area of residence",
    ),
    column("kyc_status", "string", level=3, category="risk", meaning="valid, expired or missing"),
    column("kyc_expires_on", "date", level=2, category="time", meaning="day on which the review expires"),
    column("customer_since", "date", level=2, category="time", meaning="first day of the relationship"),
    column("manager_id", "string", level=2, category="key", meaning="relationship manager, silver.employee"),
    column("branch_id", "string", level=2, category="key", meaning="branch in charge, silver.branch"),
    column("records", "bigint", level=1, category="technical", meaning="source records it stands for"),
    column("sources", "bigint", level=1, category="technical", meaning="source systems they come from"),
    key="customer_id",
    subject="customer_id",
)
IDENTITY = schema(
    column("customer_id", "string", level=2, category="key", meaning="the customer"),
    column("full_name", "string", level=4, category="direct_identifier", meaning="name"),
    column("latin_name", "string", level=4, category="direct_identifier", meaning="name in Latin capitals"),
    column(
        "national_id",
        "string",
        level=5,
        category="direct_identifier",
        meaning="number of the identity document",
    ),
    column("id_scheme", "string", level=2, category="reference", meaning="kind of document"),
    column(
        "mobile", "string", level=4, category="direct_identifier", meaning="mobile number with country code"
    ),
    column("email", "string", level=4, category="direct_identifier", meaning="e-mail address"),
    column("region", "string", level=3, category="direct_identifier", meaning="region of the address"),
    column("city", "string", level=3, category="direct_identifier", meaning="city"),
    column("district", "string", level=3, category="direct_identifier", meaning="district"),
    column("street", "string", level=4, category="direct_identifier", meaning="street and house"),
    column("postcode", "string", level=3, category="direct_identifier", meaning="postcode"),
    key="customer_id",
    subject="customer_id",
    restricted=True,
)
LINEAGE = schema(
    column("customer_id", "string", level=2, category="key", meaning="the customer"),
    column("attribute", "string", level=1, category="key", meaning="attribute, or a group chosen together"),
    column("party_id", "string", level=2, category="key", meaning="source record whose value won"),
    column("source", "string", level=1, category="technical", meaning="its system, or steward"),
    column(
        "rule",
        "string",
        level=1,
        category="technical",
        meaning="rule that decided; steward, only, agreed, or lowest record id",
    ),
    column("runner_up_party_id", "string", level=2, category="key", meaning="best record with another value"),
    column("runner_up_source", "string", level=1, category="technical", meaning="its system"),
    column(
        "sources_agreeing", "bigint", level=1, category="technical", meaning="systems that state the winner"
    ),
    column(
        "sources_total", "bigint", level=1, category="technical", meaning="systems that state a valid value"
    ),
    key=("customer_id", "attribute"),
    subject="customer_id",
)


def build(
    *,
    party: DataFrame,
    party_name: DataFrame,
    identifier: DataFrame,
    contact_point: DataFrame,
    address: DataFrame,
    crosswalk: DataFrame,
    correction: DataFrame,
    bank: Bank,
) -> dict[str, DataFrame]:
    """Every customer with a live record; values that name people go to the restricted table."""
    country = bank.section("matching", MatchingConf).phone_country
    owned = of_customers(
        crosswalk,
        country=country,
        party=party,
        party_name=party_name,
        identifier=identifier,
        contact_point=contact_point,
        address=address,
    )
    told = corrected(owned, correction, crosswalk, country)
    won = survivors(told, bank.section("survivorship", SurvivorshipConf)).localCheckpoint()
    return {
        "identity.golden_record": _described(_standing(crosswalk), won),
        "identity.golden_identity": _identity(won),
        "identity.golden_lineage": won.select(*LINEAGE.names),
    }


def _standing(crosswalk: DataFrame) -> DataFrame:
    live = crosswalk.where("is_live")
    return live.groupBy("customer_id").agg(
        F.min("kind").alias("kind"),
        F.count("*").alias("records"),
        F.count_distinct("source").alias("sources"),
    )


def _described(customers: DataFrame, won: DataFrame) -> DataFrame:
    wide = _wide(won, [*(c for c in SCHEMA.names if c not in ("customer_id", *customers.columns)), "kyc"])
    every = customers.join(wide, on="customer_id", how="left")
    parted = every.withColumns(
        {name: F.get_json_object("kyc", f"$.{name}") for name in ("kyc_status", "kyc_expires_on")}
    )
    return parted.select(*(F.col(c.name).try_cast(c.type).alias(c.name) for c in SCHEMA.columns))


def _identity(won: DataFrame) -> DataFrame:
    wide = _wide(won, ["full_name", "latin_name", "national_id", "mobile", "email", "address"])
    parts = {
        name: F.get_json_object("address", f"$.{name}")
        for name in ("region", "city", "district", "street", "postcode")
    }
    number = {
        "id_scheme": F.substring_index("national_id", ":", 1),
        "national_id": F.substring_index("national_id", ":", -1),
    }
    return wide.withColumns(parts | number).select(*IDENTITY.names)


def _wide(won: DataFrame, attributes: list[str]) -> DataFrame:
    return won.groupBy("customer_id").agg(*(_won(name).alias(name) for name in attributes))


def _won(attribute: str) -> Column:
    return F.max(F.when(F.col("attribute") == attribute, F.col("value")))


JOB = Job(
    table="identity.golden_record",
    inputs={
        "party": Touched("silver.party", by="party_id", owner=CROSSWALK),
        "party_name": Touched("silver.party_name", by="party_id", owner=CROSSWALK),
        "identifier": Touched("silver.identifier", by="party_id", via="identifier_id", owner=CROSSWALK),
        "contact_point": Touched("silver.contact_point", by="party_id", owner=CROSSWALK),
        "address": Touched("silver.address", by="party_id", owner=CROSSWALK),
        "crosswalk": Touched(CROSSWALK, by="customer_id"),
        "correction": Touched("identity.correction", by="party_id", owner=CROSSWALK),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer",
    also={
        "identity.golden_identity": Output(IDENTITY, Snapshot()),
        "identity.golden_lineage": Output(LINEAGE, Snapshot()),
    },
)

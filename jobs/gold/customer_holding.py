"""gold.customer_holding: one row per customer and contract (account, loan, card, fund …) with the role in it.

A customer with several source records keeps one row per contract: the strongest role, the earliest start,
and an end only if all of them ended. Loans and cards that no holding lists belong to the party they name,
or else to the owners of the account behind them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.columns.lookup import looked_up
from jobs.columns.money import SHARE
from jobs.columns.spans import begun, running
from jobs.columns.time import current
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared

FAMILY_OF_KIND: Final = {"account": "deposit", "loan": "loan", "card": "card"}
OVER: Final = ("closed", "finished", "written_off")

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("contract_id", "string", level=3, category="key", meaning="account, loan or card"),
    column("kind", "string", level=1, category="reference", meaning="account, loan or card: which silver table describes it"),
    column("account_id", "string", level=3, category="key", meaning="account behind it, or itself"),
    column("product_id", "string", level=1, category="key", meaning="silver.product"),
    column("family", "string", level=2, category="reference", meaning="deposit, loan, card, fund, insurance or wealth"),
    column("role", "string", level=2, category="reference", meaning="owner, joint or user"),
    column("share", SHARE, level=2, category="reference", meaning="part of it that counts as the customer's own"),
    column("opened_on", "date", level=2, category="time", meaning="first day"),
    column("closed_on", "date", level=2, category="time", meaning="last day, null while it runs"),
    column("status", "string", level=2, category="reference", meaning="open, dormant or closed"),
    key=("customer_id", "contract_id"),
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    crosswalk: DataFrame,
    holdings: DataFrame,
    accounts: DataFrame,
    loans: DataFrame,
    cards: DataFrame,
    products: DataFrame,
    as_of: date,
) -> DataFrame:
    """Every contract of every customer that had begun by `as_of`."""
    known = _contracts(current(accounts, "account_id"), current(loans, "loan_id"), current(cards, "card_id"))
    contracts = shared(known.where(begun(F.col("opened_on"), as_of)))
    people = shared(_standing(crosswalk))
    held = _merged(shared(_listed(holdings, contracts, people, as_of)), contracts, people)
    families = current(products, "product_id").select("product_id", F.col("family").alias("_family"))
    named = held.join(families, on="product_id", how="left")
    usual = looked_up(FAMILY_OF_KIND, F.col("kind"))
    return (
        named.withColumn("family", F.coalesce("_family", usual))
        .withColumn("share", _share())
        .withColumn("status", _status(as_of))
        .select(*SCHEMA.names)
    )  # fmt: skip


def _standing(crosswalk: DataFrame) -> DataFrame:
    """(party_id, customer_id) of every customer with a live source record, those of gone records included."""
    live = crosswalk.where("is_live").select("customer_id").distinct()
    return crosswalk.join(live, on="customer_id", how="left_semi").select("party_id", "customer_id")


def _contracts(accounts: DataFrame, loans: DataFrame, cards: DataFrame) -> DataFrame:
    """All three kinds of contract in one shape: id, kind, its account, party, product, span and status."""
    account = accounts.select(
        F.col("account_id").alias("contract_id"), F.lit("account").alias("kind"), "account_id",
        F.lit(None).cast("string").alias("party_id"), "product_id", "opened_on", "closed_on", "status",
    )  # fmt: skip
    ended = F.when(F.col("status").isin(*OVER), F.expr("add_months(granted_on, term_months)"))
    loan = loans.select(
        F.col("loan_id").alias("contract_id"), F.lit("loan").alias("kind"), "account_id", "party_id",
        "product_id", F.col("granted_on").alias("opened_on"), ended.alias("closed_on"), "status",
    )  # fmt: skip
    card = cards.select(
        F.col("card_id").alias("contract_id"), F.lit("card").alias("kind"), "account_id", "party_id",
        "product_id", F.col("issued_on").alias("opened_on"), "closed_on", "status",
    )  # fmt: skip
    return _one_each(account.unionByName(loan).unionByName(card))


def _one_each(described: DataFrame) -> DataFrame:
    """One row per contract: a loan or card that also stands among the accounts is a loan or card."""
    own = F.when(F.col("kind") != "account", F.col("status"))
    return described.groupBy("contract_id").agg(
        F.max("kind").alias("kind"),  # account < card < loan
        F.max("account_id").alias("account_id"),
        F.max("party_id").alias("party_id"),
        F.max("product_id").alias("product_id"),
        F.min("opened_on").alias("opened_on"),
        F.max("closed_on").alias("closed_on"),
        F.coalesce(F.max(own), F.max("status")).alias("status"),
    )


def _listed(holdings: DataFrame, contracts: DataFrame, people: DataFrame, as_of: date) -> DataFrame:
    """Holdings as the sources list them, completed from the contract where it has its own record."""
    about = contracts.select(
        F.col("contract_id"), F.col("kind").alias("_kind"), F.col("account_id").alias("_account"),
        F.col("product_id").alias("_product"), F.col("opened_on").alias("_opened"),
        F.col("closed_on").alias("_closed"), F.col("status").alias("_status"),
    )  # fmt: skip
    held = current(holdings, "holding_id").withColumnRenamed("account_id", "contract_id")
    joined = held.join(people, on="party_id", how="inner").join(about, on="contract_id", how="left")
    return joined.select(
        "customer_id",
        "contract_id",
        F.coalesce("_kind", F.lit("account")).alias("kind"),
        F.coalesce("_account", "contract_id").alias("account_id"),
        F.coalesce("product_id", "_product").alias("product_id"),
        "role",
        F.coalesce("opened_on", "_opened").alias("opened_on"),
        F.coalesce("closed_on", "_closed").alias("closed_on"),
        F.col("_status").alias("_state"),
    ).where(begun(F.col("opened_on"), as_of))


def _merged(listed: DataFrame, contracts: DataFrame, people: DataFrame) -> DataFrame:
    """Listed holdings and unlisted loans and cards, one row per customer and contract."""
    unlisted = contracts.where(F.col("kind") != "account").join(
        listed.select("contract_id").distinct(), on="contract_id", how="left_anti"
    )
    named = unlisted.join(people, on="party_id", how="inner").withColumn("role", F.lit("owner"))
    owners = listed.where(F.col("role").isin("owner", "joint") & (F.col("kind") == "account"))
    behind = owners.select("account_id", "customer_id", "role").distinct()
    unnamed = unlisted.where(F.col("party_id").isNull()).join(behind, on="account_id", how="inner")
    found = named.unionByName(unnamed, allowMissingColumns=True).withColumn("_state", F.col("status"))
    rows = listed.unionByName(found.select(*listed.columns)).groupBy("customer_id", "contract_id")
    return rows.agg(
        F.min("kind").alias("kind"),
        F.min("account_id").alias("account_id"),
        F.max("product_id").alias("product_id"),
        F.min("role").alias("role"),  # joint < owner < user: corrected below
        F.max((F.col("role") == "owner").cast("int")).alias("_owns"),
        F.min("opened_on").alias("opened_on"),
        F.when(F.count("*") == F.count("closed_on"), F.max("closed_on")).alias("closed_on"),
        F.max("_state").alias("_state"),
    ).withColumn("role", F.when(F.col("_owns") == 1, "owner").otherwise(F.col("role")))


def _share() -> Column:
    """Owners and joint holders own a contract in equal parts; who may only use it owns nothing of it."""
    mine = F.col("role") != "user"
    owners = F.sum(mine.cast("int")).over(Window.partitionBy("contract_id"))
    return F.when(mine, F.lit(1) / F.nullif(owners, F.lit(0))).otherwise(F.lit(0)).cast(SHARE)


def _status(as_of: date) -> Column:
    open_still = running(F.col("opened_on"), F.col("closed_on"), as_of)
    over = ~open_still | F.coalesce(F.col("_state").isin(*OVER), F.lit(False))
    return F.when(over, "closed").when(F.col("_state") == "dormant", "dormant").otherwise("open")


JOB = Job(
    table="gold.customer_holding",
    inputs={
        "crosswalk": "identity.crosswalk",
        "holdings": "silver.holding",
        "accounts": "silver.account",
        "loans": "silver.loan",
        "cards": "silver.card",
        "products": "silver.product",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer and contract with the role in it",
)

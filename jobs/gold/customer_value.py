"""gold.customer_value: one row per customer with a contract: what is held, and what it brought in twelve months.

contribution = sum over contracts of (average balance x yearly margin x part of the year it ran) + fees;
profit = contribution - cost of risk - cost to serve. The balance is the contract's share of its last known
balance (gold.account_balance); a loan without a stated balance counts as repaid evenly over its term. Margins
come from the product catalogue, else from the configured ones by family; the rates of loss by days past due
and the costs by channel are the bank's assumptions (conf/profile.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.profile import ProfileConf, ValueConf
from jobs.columns.money import MONEY, money, nothing, or_nothing, positive
from jobs.columns.spans import days_running
from jobs.columns.time import current
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema

YEAR_DAYS: Final = 365
INVESTED: Final = ("fund", "insurance", "wealth")

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("aum", MONEY, level=4, category="financial", meaning="assets under management: deposits and investments"),
    column("deposits", MONEY, level=4, category="financial", meaning="balances of accounts, overdrafts aside"),
    column("investments", MONEY, level=4, category="financial", meaning="market value of funds, insurance and wealth products"),
    column("loans_outstanding", MONEY, level=4, category="financial", meaning="owed on loans and overdrafts"),
    column("card_debt", MONEY, level=4, category="financial", meaning="owed on cards at the last statement"),
    column("contracts_open", "int", level=3, category="financial", meaning="contracts running, used ones included"),
    column("interest_income", MONEY, level=4, category="financial", meaning="margin earned on balances in twelve months"),
    column("fee_income", MONEY, level=4, category="financial", meaning="fees of twelve months"),
    column("contribution", MONEY, level=4, category="financial", meaning="interest and fee income"),
    column("cost_of_risk", MONEY, level=4, category="financial", meaning="expected loss of a year"),
    column("cost_to_serve", MONEY, level=4, category="financial", meaning="contacts and contracts of twelve months"),
    column("profit", MONEY, level=4, category="financial", meaning="contribution less cost of risk and to serve"),
    key="customer_id",
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    holdings: DataFrame,
    account_balances: DataFrame,
    account_daily: DataFrame,
    interaction_daily: DataFrame,
    crosswalk: DataFrame,
    loans: DataFrame,
    statements: DataFrame,
    arrears: DataFrame,
    products: DataFrame,
    bank: Bank,
    as_of: date,
) -> DataFrame:
    """The value of every customer who holds or held a contract, at the close of `as_of`."""
    conf = bank.section("profile", ProfileConf).value
    start = as_of - timedelta(days=YEAR_DAYS)
    priced = _priced(holdings, products, conf)
    owed = _balances(account_balances, loans, statements, as_of)
    fees = _fees(account_daily, conf, start, as_of)
    late = _last(arrears, "loan_id", "reported_on", "days_past_due").withColumnRenamed(
        "loan_id", "contract_id"
    )
    contracts = priced
    for detail in (owed, fees, late):
        contracts = contracts.join(detail, on="contract_id", how="left")
    by_customer = _summed(_earned(contracts, conf, start, as_of))
    served = _contact_cost(interaction_daily, crosswalk, conf, start, as_of)
    return _totals(by_customer.join(served, on="customer_id", how="left")).select(*SCHEMA.names)


def _priced(holdings: DataFrame, products: DataFrame, conf: ValueConf) -> DataFrame:
    """Holdings with margin and yearly fee, the catalogue's before the configured."""
    catalogue = current(products, "product_id").select(
        "product_id", F.col("margin").alias("_margin"), F.col("fee").alias("_fee")
    )
    usual = F.create_map(*[F.lit(x) for pair in conf.margins.items() for x in pair])
    return holdings.join(catalogue, on="product_id", how="left").withColumn(
        "_margin", F.coalesce("_margin", usual[F.col("family")], F.lit(Decimal(0)))
    )


def _balances(balances: DataFrame, loans: DataFrame, statements: DataFrame, as_of: date) -> DataFrame:
    """(contract_id, _balance, _average): the last known balance of each contract, debts positive."""
    stated = balances.select(
        F.col("account_id").alias("contract_id"), F.col("kind").alias("_of"),
        F.when(F.col("kind") == "outstanding", F.abs("balance")).otherwise(F.col("balance")).alias("_balance"),
        F.abs("average_balance").alias("_average"),
    )  # fmt: skip
    left = _repaid_evenly(current(loans, "loan_id"), as_of)
    scheduled = left.join(stated.select("contract_id"), on="contract_id", how="left_anti")
    cards = _last(statements, "card_id", "statement_on", "balance").select(
        F.col("card_id").alias("contract_id"), F.lit("outstanding").alias("_of"),
        F.col("balance").alias("_balance"), F.abs("balance").alias("_average"),
    )  # fmt: skip
    carded = cards.join(stated.select("contract_id"), on="contract_id", how="left_anti")
    every = stated.unionByName(scheduled).unionByName(carded)
    return every.groupBy("contract_id").agg(
        F.sum("_balance").alias("_balance"), F.sum("_average").alias("_average")
    )


def _repaid_evenly(loans: DataFrame, as_of: date) -> DataFrame:
    """What is left of a loan repaid in equal parts over its term; nothing once it is over."""
    gone = F.floor(F.months_between(F.lit(as_of), F.col("granted_on")))
    repaid = F.coalesce(gone / F.nullif(F.col("term_months"), F.lit(0)), F.lit(0))
    left = F.greatest(F.lit(0), 1 - repaid)
    over = F.coalesce(F.col("status").isin("finished", "written_off"), F.lit(False))
    owed = money(F.when(over, nothing()).otherwise(F.col("amount") * left.cast("decimal(9,6)")))
    return loans.where(F.col("granted_on") <= F.lit(as_of)).select(
        F.col("loan_id").alias("contract_id"), F.lit("outstanding").alias("_of"),
        owed.alias("_balance"), money((owed + F.col("amount")) / 2).alias("_average"),
    )  # fmt: skip


def _fees(account_daily: DataFrame, conf: ValueConf, start: date, as_of: date) -> DataFrame:
    """(contract_id, _fees): fee bookings of the year by account."""
    year = F.col("booked_on").between(F.lit(start + timedelta(days=1)), F.lit(as_of))
    income = account_daily.where(year & F.col("kind").isin(*conf.fee_kinds) & (F.col("direction") == "debit"))
    by_account = income.groupBy(F.col("account_id").alias("contract_id"))
    return by_account.agg(F.sum("amount").alias("_fees"))


def _last(rows: DataFrame, key: str, on: str, value: str) -> DataFrame:
    """(key, value): the value of each key's last row by date and knowledge."""
    last = F.max(F.struct(on, "known_from", value))
    return rows.groupBy(key).agg(last[value].alias(value))


def _earned(contracts: DataFrame, conf: ValueConf, start: date, as_of: date) -> DataFrame:
    """Each contract's balances and what it earned and cost in the year, by the customer's share."""
    share, balance = F.col("share"), F.col("_balance")
    ran = days_running(F.col("opened_on"), F.col("closed_on"), start, as_of) / F.lit(YEAR_DAYS)
    running = F.col("status") != "closed"
    still = F.when(running, balance)
    debt = F.col("family").isin("loan", "card")
    overdrawn = F.when(F.col("family") == "deposit", positive(-still))
    owed = F.when(F.col("family") == "loan", positive(still)).otherwise(or_nothing(overdrawn))
    loss = _rate(F.coalesce(F.col("days_past_due"), F.lit(0)), conf)
    return contracts.select(
        "customer_id",
        money(F.when(F.col("family") == "deposit", positive(still)) * share).alias("deposits"),
        money(F.when(F.col("family").isin(*INVESTED), positive(still)) * share).alias("investments"),
        money(owed * share).alias("loans_outstanding"),
        money(F.when(F.col("family") == "card", positive(still)) * share).alias("card_debt"),
        running.cast("int").alias("contracts_open"),
        money(F.col("_average") * F.col("_margin") * share * ran.cast("decimal(9,6)")).alias(
            "interest_income"
        ),
        money((or_nothing(F.col("_fees")) + _yearly(F.col("_fee"), ran)) * share).alias("fee_income"),
        money(F.when(debt, positive(still)).otherwise(owed) * share * loss).alias("cost_of_risk"),
        money(F.when(share > 0, _yearly(F.lit(conf.contract_cost), ran))).alias("_contracts_cost"),
    )


def _yearly(amount: Column, ran: Column) -> Column:
    """The part of a yearly amount that falls on the part of the year that it ran."""
    return or_nothing(amount.cast(MONEY) * ran.cast("decimal(9,6)"))


def _rate(days_past_due: Column, conf: ValueConf) -> Column:
    """Expected loss per year at so many days past due."""
    rate = F.lit(conf.loan_loss[0])
    for days in sorted(conf.loan_loss):
        rate = F.when(days_past_due >= days, F.lit(conf.loan_loss[days])).otherwise(rate)
    return rate.cast("decimal(9,6)")


def _summed(earned: DataFrame) -> DataFrame:
    amounts = [c for c in earned.columns if c not in ("customer_id", "contracts_open")]
    sums = [or_nothing(F.sum(c)).alias(c) for c in amounts]
    return earned.groupBy("customer_id").agg(
        *sums, F.sum("contracts_open").cast("int").alias("contracts_open")
    )


def _contact_cost(
    interactions: DataFrame, crosswalk: DataFrame, conf: ValueConf, start: date, as_of: date
) -> DataFrame:
    """(customer_id, _contacts_cost) of the year's contacts; a channel without a cost costs nothing."""
    costs = F.create_map(*[F.lit(x) for pair in conf.contact_costs.items() for x in pair])
    year = interactions.where(F.col("occurred_on").between(F.lit(start + timedelta(days=1)), F.lit(as_of)))
    people = crosswalk.select("party_id", "customer_id")
    by_party = year.groupBy("party_id", "channel").agg(F.sum("interactions").alias("_n"))
    mine = by_party.join(people, on="party_id", how="inner")
    return mine.groupBy("customer_id").agg(
        F.sum(money(F.col("_n") * costs[F.col("channel")])).alias("_contacts_cost")
    )


def _totals(rows: DataFrame) -> DataFrame:
    return (
        rows.withColumn("aum", money(F.col("deposits") + F.col("investments")))
        .withColumn("contribution", money(F.col("interest_income") + F.col("fee_income")))
        .withColumn(
            "cost_to_serve", or_nothing(F.coalesce("_contacts_cost", nothing()) + F.col("_contracts_cost"))
        )
        .withColumn("profit", money(F.col("contribution") - F.col("cost_of_risk") - F.col("cost_to_serve")))
    )


JOB = Job(
    table="gold.customer_value",
    inputs={
        "holdings": "gold.customer_holding",
        "account_balances": "gold.account_balance",
        "account_daily": "gold.account_daily",
        "interaction_daily": "gold.interaction_daily",
        "crosswalk": "identity.crosswalk",
        "loans": "silver.loan",
        "statements": "silver.card_statement",
        "arrears": "silver.arrears",
        "products": "silver.product",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer with a contract: what is held, and what it brought in twelve months",
)

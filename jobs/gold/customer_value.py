"""gold.customer_value: one row per customer with a contract: what is held, and what it brought in twelve months.

Beside it gold.customer_value_family, the same by product family, with what a year brings and costs as it runs now.

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
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.profile import ProfileConf, ValueConf
from jobs.columns.lookup import looked_up
from jobs.columns.money import MONEY, money, nothing, or_nothing, positive
from jobs.columns.spans import days_running
from jobs.columns.time import current
from jobs.core.job import Job, Output, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from jobs.gold.last_balances import last_balances, last_of

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
BY_FAMILY: Final = "gold.customer_value_family"
FOR_FAMILIES: Final = ("contribution_rate", "owed", "lost_at_default", "contracts_rate")
FAMILY = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("family", "string", level=2, category="key", meaning="deposit, loan, card, fund, insurance or wealth; other where no product tells"),
    column("contracts_open", "int", level=3, category="financial", meaning="contracts running, used ones included"),
    column("contribution", MONEY, level=4, category="financial", meaning="interest and fee income of twelve months"),
    column("contribution_rate", MONEY, level=4, category="financial", meaning="interest and fee income that a year brings, of what runs now"),
    column("owed", MONEY, level=4, category="financial", meaning="owed on loans, cards and overdrafts that run"),
    column("lost_at_default", MONEY, level=4, category="risk", meaning="what of it a default would lose; null where for some of it no loss given default is configured"),
    column("cost_of_risk", MONEY, level=4, category="financial", meaning="expected loss of a year, of what is owed"),
    column("cost_to_serve", MONEY, level=4, category="financial", meaning="a year's cost of contracts that run, and of twelve months' contacts in equal parts by running contract"),
    key=("customer_id", "family"),
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
) -> dict[str, DataFrame]:
    """The value of every customer who holds or held a contract, whole and by family, at the close of `as_of`."""
    conf = bank.section("profile", ProfileConf).value
    start = as_of - timedelta(days=YEAR_DAYS)
    priced = _priced(holdings, products, conf)
    owed = last_balances(account_balances, loans, statements, as_of)
    fees = _fees(account_daily, conf, start, as_of)
    late = last_of(arrears, "loan_id", "reported_on", "days_past_due").withColumnRenamed(
        "loan_id", "contract_id"
    )
    contracts = priced
    for detail in (owed, fees, late):
        contracts = contracts.join(detail, on="contract_id", how="left")
    earned = shared(_earned(contracts, conf, start, as_of))
    by_customer = _summed(earned.drop("family", *FOR_FAMILIES))
    served = _contact_cost(interaction_daily, crosswalk, conf, start, as_of)
    whole = _totals(by_customer.join(served, on="customer_id", how="left")).select(*SCHEMA.names)
    return {"gold.customer_value": whole, BY_FAMILY: _by_family(earned, served).select(*FAMILY.names)}


def _priced(holdings: DataFrame, products: DataFrame, conf: ValueConf) -> DataFrame:
    """Holdings with margin and yearly fee, the catalogue's before the configured."""
    catalogue = current(products, "product_id").select(
        "product_id", F.col("margin").alias("_margin"), F.col("fee").alias("_fee")
    )
    usual = looked_up(conf.margins, F.col("family"))
    return holdings.join(catalogue, on="product_id", how="left").withColumn(
        "_margin", F.coalesce("_margin", usual, F.lit(Decimal(0)))
    )


def _fees(account_daily: DataFrame, conf: ValueConf, start: date, as_of: date) -> DataFrame:
    """(contract_id, _fees): fee bookings of the year by account."""
    year = F.col("booked_on").between(F.lit(start + timedelta(days=1)), F.lit(as_of))
    income = account_daily.where(year & F.col("kind").isin(*conf.fee_kinds) & (F.col("direction") == "debit"))
    by_account = income.groupBy(F.col("account_id").alias("contract_id"))
    return by_account.agg(F.sum("amount").alias("_fees"))


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
    at_risk = F.when(debt, positive(still)).otherwise(owed) * share
    booked = or_nothing(F.col("_fees") / F.greatest(ran, F.lit(1 / 12)))
    rate = F.col("_average") * F.col("_margin") * share
    return contracts.select(
        "customer_id",
        F.coalesce("family", F.lit("other")).alias("family"),
        money(F.when(F.col("family") == "deposit", positive(still)) * share).alias("deposits"),
        money(F.when(F.col("family").isin(*INVESTED), positive(still)) * share).alias("investments"),
        money(owed * share).alias("loans_outstanding"),
        money(F.when(F.col("family") == "card", positive(still)) * share).alias("card_debt"),
        running.cast("int").alias("contracts_open"),
        money(F.col("_average") * F.col("_margin") * share * ran.cast("decimal(9,6)")).alias(
            "interest_income"
        ),
        money((or_nothing(F.col("_fees")) + _yearly(F.col("_fee"), ran)) * share).alias("fee_income"),
        money(at_risk * loss).alias("cost_of_risk"),
        money(F.when(share > 0, _yearly(F.lit(conf.contract_cost), ran))).alias("_contracts_cost"),
        money(F.when(running, or_nothing(rate) + (booked + or_nothing(F.col("_fee"))) * share)).alias(
            "contribution_rate"
        ),
        money(at_risk).alias("owed"),
        money(at_risk * _lost_part(conf)).alias("lost_at_default"),
        money(F.when(running & (share > 0), F.lit(conf.contract_cost))).alias("contracts_rate"),
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


def _lost_part(conf: ValueConf) -> Column:
    """Loss given default of a contract's product, else of its family; null where neither is configured."""
    given = conf.loss_given_default
    own, usual = looked_up(given.products, F.col("product_id")), looked_up(given.families, F.col("family"))
    return F.coalesce(own, usual).cast("decimal(9,6)")


def _summed(earned: DataFrame) -> DataFrame:
    amounts = [c for c in earned.columns if c not in ("customer_id", "contracts_open")]
    sums = [or_nothing(F.sum(c)).alias(c) for c in amounts]
    return earned.groupBy("customer_id").agg(
        *sums, F.sum("contracts_open").cast("int").alias("contracts_open")
    )


def _by_family(earned: DataFrame, served: DataFrame) -> DataFrame:
    """Sums by family; contacts cost every running contract alike."""
    brought = or_nothing(F.sum(or_nothing(F.col("interest_income")) + or_nothing(F.col("fee_income"))))
    now = ("contribution_rate", "owed", "cost_of_risk", "contracts_rate")
    rates = [or_nothing(F.sum(name)).alias(name) for name in now]
    contracts = F.sum("contracts_open").cast("int").alias("contracts_open")
    told = F.bool_and(F.col("lost_at_default").isNotNull() | (F.col("owed") <= 0))
    rates.append(F.when(told, or_nothing(F.sum("lost_at_default"))).alias("lost_at_default"))
    rows = earned.groupBy("customer_id", "family").agg(contracts, brought.alias("contribution"), *rates)
    every = F.nullif(F.sum("contracts_open").over(Window.partitionBy("customer_id")), F.lit(0))
    contacts = or_nothing(F.col("_contacts_cost") * F.col("contracts_open") / every)
    joined = rows.join(served, on="customer_id", how="left")
    return joined.withColumn("cost_to_serve", money(F.col("contracts_rate") + contacts))


def _contact_cost(
    interactions: DataFrame, crosswalk: DataFrame, conf: ValueConf, start: date, as_of: date
) -> DataFrame:
    """(customer_id, _contacts_cost) of the year's contacts; a channel without a cost costs nothing."""
    cost = looked_up(conf.contact_costs, F.col("channel"))
    year = interactions.where(F.col("occurred_on").between(F.lit(start + timedelta(days=1)), F.lit(as_of)))
    people = crosswalk.select("party_id", "customer_id")
    by_party = year.groupBy("party_id", "channel").agg(F.sum("interactions").alias("_n"))
    mine = by_party.join(people, on="party_id", how="inner")
    return mine.groupBy("customer_id").agg(F.sum(money(F.col("_n") * cost)).alias("_contacts_cost"))


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
    grain="one row per customer with a contract: what is held, and what it brought in twelve months; and by family",
    also={BY_FAMILY: Output(FAMILY, Snapshot())},
)

"""gold.customer_profile: one row per customer: who they are, what they do, bring, risk and like, and their stage.

Every customer of identity.golden_record has a row; one who never had a contract is a prospect. Dates stand
where days since would, so that a quiet customer's row doesn't change from day to day.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.profile import ProfileConf
from jobs.columns.money import MONEY, or_nothing
from jobs.core.features import widened
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.tiers import with_tier

CHANNELS: Final = ("app", "web", "branch", "call", "atm")
NATURAL: Final = (
    "kind", "sex", "birth_date", "nationality", "marital_status", "education", "occupation", "industry",
    "annual_income", "area_code", "kyc_status", "kyc_expires_on", "manager_id", "branch_id",
)  # fmt: skip
VALUE: Final = (
    "aum", "deposits", "investments", "loans_outstanding", "card_debt", "contribution", "cost_of_risk",
    "cost_to_serve", "profit",
)  # fmt: skip
COUNTS: Final = (
    "txn_count_30d", "txn_count_90d", "txn_count_365d", "login_count_30d", "login_count_90d",
    "login_count_365d", "complaints_365d", "open_complaints", "risk_level", "days_past_due", "bureau_score",
    "nps",
)  # fmt: skip
READ: Final = (
    *COUNTS, "days_since_own_txn", "days_since_login", "suitability_days_left", "overdue_amount",
    "over_indebted", "csat_365d", *(f"{c}_count_90d" for c in CHANNELS),
)  # fmt: skip
"""Features that the profile shows; gold.feature draws them (conf/shared/features)."""

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("sex", "string", level=3, category="quasi_identifier", meaning="F or M, null where unknown"),
    column("birth_date", "date", level=3, category="quasi_identifier", meaning="date of birth"),
    column("age", "int", level=3, category="quasi_identifier", meaning="whole years"),
    column("age_band", "string", level=2, category="quasi_identifier", meaning="configured band of ages, e.g. 25-34"),
    column("nationality", "string", level=2, category="quasi_identifier", meaning="ISO 3166 country code"),
    column("marital_status", "string", level=3, category="quasi_identifier", meaning="single, married, divorced or widowed"),
    column("education", "string", level=2, category="quasi_identifier", meaning="highest education"),
    column("occupation", "string", level=3, category="quasi_identifier", meaning="occupation"),
    column("industry", "string", level=2, category="quasi_identifier", meaning="industry"),
    column("annual_income", MONEY, level=4, category="financial", meaning="declared income per year"),
    column("area_code", "string", level=2, category="quasi_identifier", meaning="administrative area"),
    column("kyc_status", "string", level=3, category="risk", meaning="valid, expired or missing"),
    column("kyc_expires_on", "date", level=2, category="time", meaning="day on which the identity check expires"),
    column("manager_id", "string", level=2, category="key", meaning="relationship manager, silver.employee"),
    column("branch_id", "string", level=2, category="key", meaning="branch in charge, silver.branch"),
    column("customer_since", "date", level=2, category="time", meaning="first day of the relationship"),
    column("lifecycle_stage", "string", level=2, category="behaviour", meaning="prospect, acquired, active, loyal, declining or lost"),
    column("contracts_open", "int", level=3, category="financial", meaning="contracts running"),
    column("contracts_ever", "int", level=3, category="financial", meaning="contracts ever had"),
    column("families", "array<string>", level=3, category="financial", meaning="product families running, sorted"),
    column("roles", "array<string>", level=2, category="reference", meaning="roles in running contracts, sorted"),
    column("last_booking_on", "date", level=3, category="behaviour", meaning="last booking that the customer or a payer caused"),
    column("last_login_on", "date", level=3, category="behaviour", meaning="last login"),
    column("bookings_30d", "int", level=3, category="behaviour", meaning="bookings in 30 days"),
    column("bookings_90d", "int", level=3, category="behaviour", meaning="bookings in 90 days"),
    column("bookings_365d", "int", level=3, category="behaviour", meaning="bookings in 365 days"),
    column("logins_30d", "int", level=3, category="behaviour", meaning="logins in 30 days"),
    column("logins_90d", "int", level=3, category="behaviour", meaning="logins in 90 days"),
    column("logins_365d", "int", level=3, category="behaviour", meaning="logins in 365 days"),
    column("preferred_channel", "string", level=2, category="preference", meaning="channel most used in 90 days"),
    *(column(v, MONEY, level=4, category="financial", meaning="as in gold.customer_value") for v in VALUE),
    column("value_tier", "string", level=3, category="financial", meaning="tier by the configured measure"),
    column("risk_level", "int", level=3, category="risk", meaning="1 cautious … 5 aggressive, by questionnaire"),
    column("suitability_expires_on", "date", level=2, category="time", meaning="last day of the risk questionnaire"),
    column("days_past_due", "int", level=4, category="risk", meaning="days past due as last reported"),
    column("overdue_amount", MONEY, level=4, category="risk", meaning="overdue as last reported"),
    column("arrears_standing", "string", level=4, category="risk", meaning="configured band of days past due"),
    column("bureau_score", "int", level=4, category="risk", meaning="lowest last score at a credit bureau"),
    column("bureau_standing", "string", level=4, category="risk", meaning="over_indebted, low, sound, or unknown"),
    column("interests", "array<string>", level=3, category="preference", meaning="interest attributes, sorted"),
    column("complaints_365d", "int", level=2, category="behaviour", meaning="complaints in 365 days"),
    column("open_complaints", "int", level=2, category="behaviour", meaning="complaints not yet closed"),
    column("nps", "int", level=2, category="behaviour", meaning="last answer to would you recommend us, 0 … 10"),
    column("nps_group", "string", level=2, category="behaviour", meaning="promoter, passive or detractor"),
    column("csat", "decimal(9,2)", level=2, category="behaviour", meaning="mean satisfaction of 365 days"),
    key="customer_id",
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    golden_record: DataFrame,
    holdings: DataFrame,
    values: DataFrame,
    features: DataFrame,
    bank: Bank,
    as_of: date,
) -> DataFrame:
    """Every customer's profile at the close of `as_of`."""
    conf = bank.section("profile", ProfileConf)
    read = sorted({*READ, *conf.reads})
    known = bank.section("features", FeaturesConf)
    today = widened(features.where(F.col("as_of") == F.lit(as_of)), read, known).drop("as_of", "definition")
    people = golden_record.select("customer_id", "customer_since", *NATURAL)
    worth = values.select("customer_id", *VALUE)
    rows = people
    for part in (_relation(holdings), worth, today):
        rows = rows.join(part, on="customer_id", how="left")
    return _described(with_tier(_complete(rows, as_of), conf.tier_measure, conf.tiers), conf, as_of)


def _relation(holdings: DataFrame) -> DataFrame:
    """What each customer holds and ever held, in one row."""
    running = F.col("status") != "closed"
    return holdings.groupBy("customer_id").agg(
        F.count("*").cast("int").alias("contracts_ever"),
        F.sum(running.cast("int")).cast("int").alias("contracts_open"),
        F.sort_array(F.collect_set(F.when(running, F.col("family")))).alias("families"),
        F.sort_array(F.collect_set(F.when(running, F.col("role")))).alias("roles"),
        F.min("opened_on").alias("_first_opened"),
    )


def _complete(rows: DataFrame, as_of: date) -> DataFrame:
    """Nothing where nothing is held, and when the relationship began."""
    none = F.array().cast("array<string>")
    amounts = {v: or_nothing(F.col(v)) for v in VALUE}
    counts = {c: F.coalesce(c, F.lit(0)) for c in ("contracts_ever", "contracts_open")}
    lists = {c: F.coalesce(c, none) for c in ("families", "roles")}
    since = F.least("customer_since", "_first_opened")  # least() skips nulls
    dated = rows.withColumns({**amounts, **counts, **lists, "customer_since": since})
    days = F.datediff(F.lit(as_of), F.coalesce("_first_opened", "customer_since"))
    return dated.withColumns({"days_a_customer": days, "families_open": F.size("families")})


def _described(rows: DataFrame, conf: ProfileConf, as_of: date) -> DataFrame:
    """The profile's columns, in the schema's order."""
    age = F.floor(F.months_between(F.lit(as_of), F.col("birth_date")) / 12).cast("int")
    told = {
        **{c: F.col(c).cast("int") for c in COUNTS},
        "age": age,
        "age_band": _age_band(age, conf.age_bands),
        "lifecycle_stage": _stage(conf),
        "last_booking_on": _days_ago("days_since_own_txn", as_of),
        "last_login_on": _days_ago("days_since_login", as_of),
        "preferred_channel": _preferred_channel(),
        "suitability_expires_on": F.date_add(F.lit(as_of), F.col("suitability_days_left").cast("int")),
        "arrears_standing": _arrears_standing(conf),
        "bureau_standing": _bureau_standing(conf),
        "interests": _interests(conf),
        "nps_group": _nps_group(),
        "csat": F.col("csat_365d").cast("decimal(9,2)"),
        "overdue_amount": or_nothing(F.col("overdue_amount")),
    }
    renamed = {f"{new}_{d}d": F.col(f"{old}_{d}d").cast("int") for new, old in (("bookings", "txn_count"), ("logins", "login_count")) for d in (30, 90, 365)}  # fmt: skip
    return rows.withColumns({**told, **renamed}).select(*SCHEMA.names)


def _days_ago(feature: str, as_of: date) -> Column:
    return F.date_sub(F.lit(as_of), F.col(feature).cast("int"))


def _age_band(age: Column, edges: tuple[int, ...]) -> Column:
    """`0-17`, `18-24` … `65+`: the band of the last edge not above the age."""
    starts = (0, *edges)
    band = F.when(age >= starts[-1], f"{starts[-1]}+")
    for low, high in reversed(list(zip(starts, edges, strict=False))):
        band = band.when((age >= low) & (age < high), f"{low}-{high - 1}")
    return band


def _stage(conf: ProfileConf) -> Column:
    stage = F.lit(None).cast("string")
    for rule in reversed(conf.lifecycle):
        stage = F.when(F.expr(rule.when), rule.stage).otherwise(stage)
    return stage


def _preferred_channel() -> Column:
    """The channel most used in 90 days; of equals the first of CHANNELS; null without any contact."""
    used = F.array(*[F.struct(F.col(f"{c}_count_90d").alias("n"), F.lit(-i), F.lit(c).alias("c")) for i, c in enumerate(CHANNELS)])  # fmt: skip
    most = F.array_max(used)
    return F.when(most["n"] > 0, most["c"])


def _arrears_standing(conf: ProfileConf) -> Column:
    days, standing = F.coalesce("days_past_due", F.lit(0)), F.lit(None).cast("string")
    for start in sorted(conf.arrears_bands):
        standing = F.when(days >= start, conf.arrears_bands[start]).otherwise(standing)
    return standing


def _bureau_standing(conf: ProfileConf) -> Column:
    known = F.col("bureau_score").isNotNull() | F.col("over_indebted").isNotNull()
    low = F.col("bureau_score") < conf.low_bureau_score
    return F.when(~known, "unknown").when(F.col("over_indebted") > 0, "over_indebted").when(low, "low").otherwise("sound")  # fmt: skip


def _interests(conf: ProfileConf) -> Column:
    each = [F.when(F.expr(sql), F.lit(name)) for name, sql in sorted(conf.interests.items())]
    return F.filter(F.array(*each).cast("array<string>"), lambda name: name.isNotNull())


def _nps_group() -> Column:
    """Detractor 0–6, passive 7–8, promoter 9–10 (Reichheld, 2003)."""
    nps = F.col("nps")
    return F.when(nps >= 9, "promoter").when(nps >= 7, "passive").when(nps.isNotNull(), "detractor")


JOB = Job(
    table="gold.customer_profile",
    inputs={
        "golden_record": "identity.golden_record",
        "holdings": "gold.customer_holding",
        "values": "gold.customer_value",
        "features": "gold.feature",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer: who they are, what they do, bring, risk and like, and their stage",
)

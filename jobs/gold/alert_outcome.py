"""gold.alert_outcome: one row per early warning and date: how many of those raised a horizon ago were right.

Judged are warnings raised in a window that ends a horizon before the date, once for each customer and beginning. One was
right where a loan of the customer was reported so many days past due (conf/…/alerts: `judged`) after it was raised and
within the horizon. Those who were so late in as many days before it are counted apart: they
needed no warning.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.alerts import AlertsConf, JudgedConf
from conf.bank import Bank
from jobs.core.job import AsOf, Job
from jobs.core.links import Links
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("as_of", "date", level=1, category="time", meaning="business date on which it was judged"),
    column("alert", "string", level=1, category="reference", meaning="name in conf/…/alerts"),
    column("raised", "bigint", level=1, category="risk", meaning="warnings whose horizon is over"),
    column("too_late", "bigint", level=1, category="risk", meaning="of them those about customers already so late"),
    column("judged", "bigint", level=1, category="risk", meaning="the others"),
    column("came_true", "bigint", level=1, category="risk", meaning="of those judged, the ones that came true"),
    column("precision", "double", level=1, category="risk", meaning="right over judged"),
    column("low", "double", level=1, category="risk", meaning="lower end of its 95 % interval (Wilson)"),
    column("high", "double", level=1, category="risk", meaning="upper end of its 95 % interval"),
    column("judged_within_budget", "bigint", level=1, category="risk", meaning="judged, of those within the day's budget"),
    column("precision_within_budget", "double", level=1, category="risk", meaning="right over judged of those"),
    column("lead_days", "double", level=1, category="risk", meaning="median days from the warning to so late a loan"),
    key=("as_of", "alert"),
    personal=False,
)  # fmt: skip
Z: Final = "1.959964"


def build(
    *,
    history: DataFrame,
    arrears: DataFrame,
    holding: DataFrame,
    loan: DataFrame,
    card: DataFrame,
    crosswalk: DataFrame,
    bank: Bank,
    as_of: date,
) -> DataFrame:
    """What came of the warnings whose horizon is over at the close of `as_of`."""
    conf = bank.section("alerts", AlertsConf).judged
    links = Links({"holding": holding, "loan": loan, "card": card, "crosswalk": crosswalk}, [as_of])
    known = (F.col("known_from") <= F.lit(as_of)) & (F.col("days_past_due") >= conf.days_past_due)
    late = arrears.where(known).join(links.of("loan").drop("as_of"), on="loan_id", how="inner")
    told = _told(_raised(history, conf, as_of), late.select("customer_id", "reported_on"), conf)
    return _figures(told).withColumn("as_of", F.lit(as_of)).select(*SCHEMA.names)


def _raised(history: DataFrame, conf: JudgedConf, as_of: date) -> DataFrame:
    """(customer_id, alert, raised_on, within_budget): beginnings, not changes of one that stood already."""
    order = Window.partitionBy("customer_id", "alert").orderBy("valid_from")
    began = history.withColumn("_stood", F.lag(~F.col("is_deleted")).over(order)).where(
        ~F.col("is_deleted") & ~F.coalesce("_stood", F.lit(False))
    )
    last = F.date_sub(F.lit(as_of), conf.horizon_days)
    inside = F.col("valid_from").between(F.date_sub(last, conf.window_days), last)
    return began.where(inside).select(
        "customer_id", "alert", F.col("valid_from").alias("raised_on"), "within_budget"
    )


def _told(raised: DataFrame, late: DataFrame, conf: JudgedConf) -> DataFrame:
    """Each warning with whether it was too late, and on which day it came true (null where it didn't)."""
    met = raised.join(late, on="customer_id", how="left")
    after, until = F.col("reported_on") > F.col("raised_on"), F.date_add("raised_on", conf.horizon_days)
    before = F.col("reported_on").between(F.date_sub("raised_on", conf.horizon_days), F.col("raised_on"))
    true_on = F.min(F.when(after & (F.col("reported_on") <= until), F.col("reported_on")))
    return met.groupBy(*raised.columns).agg(
        F.coalesce(F.max(before), F.lit(False)).alias("_late"),
        true_on.alias("_true_on"),
    )


def _figures(told: DataFrame) -> DataFrame:
    judged, right = ~F.col("_late"), ~F.col("_late") & F.col("_true_on").isNotNull()
    budget = F.col("within_budget")
    counted = told.groupBy("alert").agg(
        F.count("*").alias("raised"),
        F.count_if("_late").alias("too_late"),
        F.count_if(judged).alias("judged"),
        F.count_if(right).alias("came_true"),
        F.count_if(judged & budget).alias("judged_within_budget"),
        F.count_if(right & budget).alias("_true_within"),
        F.median(F.when(right, F.datediff("_true_on", "raised_on"))).alias("lead_days"),
    )
    share = {
        "precision": "came_true / judged",
        "precision_within_budget": "_true_within / judged_within_budget",
    }
    rates = counted.withColumns({name: F.expr(_some(sql)) for name, sql in share.items()})
    return rates.withColumns({"low": F.expr(_wilson("-")), "high": F.expr(_wilson("+"))})


def _some(ratio: str) -> str:
    over = ratio.rsplit(" ", 1)[1]
    return ratio.replace(f"/ {over}", f"/ nullif({over}, 0)")


def _wilson(sign: str) -> str:
    """An end of the Wilson score interval of `came_true` of `judged` (Wilson 1927)."""
    n, p = "nullif(judged, 0)", "precision"
    middle, spread = (
        f"({p} + {Z} * {Z} / (2 * {n}))",
        f"sqrt({p} * (1 - {p}) / {n} + {Z} * {Z} / (4 * {n} * {n}))",
    )
    return f"({middle} {sign} {Z} * {spread}) / (1 + {Z} * {Z} / {n})"


JOB = Job(
    table="gold.alert_outcome",
    inputs={
        "history": "gold.alert_history",
        "arrears": "silver.arrears",
        "holding": "silver.holding",
        "loan": "silver.loan",
        "card": "silver.card",
        "crosswalk": "identity.crosswalk",
    },
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per date and early warning: how many of those raised a horizon ago were right",
)

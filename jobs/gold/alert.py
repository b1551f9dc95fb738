"""gold.alert: one row per early warning that stands today and customer it is about, with its evidence.

A state, computed from today's features, relationships and default scores alone: when a warning was raised stands in
gold.alert_history, and how often such warnings were right in gold.alert_outcome. Where the default model has no
champion, rules over its score raise nothing.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.alerts import LINKED, SCORED, AlertsConf, AlertSpec, LinkedConf
from conf.bank import Bank
from conf.features import FeaturesConf
from jobs.columns.lookup import looked_up
from jobs.core.features import PACKED, widened
from jobs.core.job import IfAny, Job, Snapshot
from jobs.core.schema import column, schema
from jobs.core.scores import latest
from jobs.core.shared import shared

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("alert", "string", level=1, category="key", meaning="name in conf/…/alerts"),
    column("level", "string", level=3, category="risk", meaning="notice, warning or alarm"),
    column("evidence", PACKED, level=4, category="risk", meaning="what the rule shows, by name; without what is unknown"),
    column("at_stake", "double", level=4, category="risk", meaning="what the bank stands to lose, as configured"),
    column("place", "int", level=3, category="risk", meaning="place among the alert's customers, most at stake first"),
    column("within_budget", "boolean", level=3, category="risk", meaning="whether the day's budget reaches so far"),
    column("definition", "string", level=1, category="technical", meaning="hash of the rule"),
    key=("customer_id", "alert"),
    subject="customer_id",
)  # fmt: skip
STAKE: Final = "_at_stake"


def build(
    *, features: DataFrame, relationship: DataFrame, default: DataFrame, bank: Bank, as_of: date
) -> DataFrame:
    """Every alert of every customer, in one pass over the day's features."""
    conf, known = bank.section("alerts", AlertsConf), bank.section("features", FeaturesConf)
    today = features.where(F.col("as_of") == F.lit(as_of))
    rows = shared(widened(today, conf.reads, known).drop("as_of", "definition"))
    linked = rows.join(_linked(rows, relationship, conf.linked), on="customer_id", how="left")
    scored = linked.join(_scores(default, as_of), on="customer_id", how="left")
    stake = F.coalesce(F.expr(conf.at_stake).cast("double"), F.lit(0.0))
    return _placed(_raised(scored.withColumn(STAKE, stake), conf), conf).select(*SCHEMA.names)


def _linked(rows: DataFrame, relationship: DataFrame, conf: LinkedConf) -> DataFrame:
    """customer_id and, for each feature of `conf`, the worst of it among those linked, in either direction."""
    small = (F.col("kind") == "shareholder") & (F.coalesce("share", F.lit(0)) < conf.least_share)
    there = relationship.where(F.col("kind").isin(*conf.kinds) & ~small)
    one_way = there.select("customer_id", F.col("other_customer_id").alias("_other"))
    back = there.select(F.col("other_customer_id").alias("customer_id"), F.col("customer_id").alias("_other"))
    others = rows.select(F.col("customer_id").alias("_other"), *conf.features)
    met = one_way.unionByName(back).distinct().join(others, on="_other", how="inner")
    worst = [F.max(name).alias(LINKED + name) for name in conf.features]
    return met.groupBy("customer_id").agg(F.count("*").alias("_links"), *worst).drop("_links")


def _scores(default: DataFrame, as_of: date) -> DataFrame:
    """customer_id and SCORED, of the last scoring by the date."""
    named = {name: name.removeprefix("default_") for name in sorted(SCORED)}
    return latest(default, as_of).select("customer_id", *(F.col(c).alias(n) for n, c in named.items()))


def _raised(rows: DataFrame, conf: AlertsConf) -> DataFrame:
    each = [F.when(F.expr(s.when), _entry(name, s)) for name, s in sorted(conf.alerts.items())]
    shape = f"array<struct<alert:string,level:string,evidence:{PACKED},definition:string>>"
    found = F.filter(F.array(*each).cast(shape), lambda e: e.isNotNull())
    return rows.select("customer_id", STAKE, F.inline(found))


def _entry(name: str, spec: AlertSpec) -> Column:
    shown = F.array(*(F.struct(F.lit(n).alias("name"), F.col(n).alias("value")) for n in spec.evidence))
    return F.struct(
        F.lit(name).alias("alert"),
        F.lit(spec.level).alias("level"),
        F.filter(shown.cast(PACKED), lambda e: e["value"].isNotNull()).alias("evidence"),
        F.lit(spec.rule).alias("definition"),
    )


def _placed(rows: DataFrame, conf: AlertsConf) -> DataFrame:
    first = Window.partitionBy("alert").orderBy(F.desc(STAKE), "customer_id")
    budget = looked_up({name: s.budget for name, s in conf.alerts.items()}, F.col("alert"))
    placed = rows.withColumns({"at_stake": F.col(STAKE), "place": F.row_number().over(first)})
    return placed.withColumn("within_budget", F.col("place") <= F.coalesce(budget, F.lit(0)))


JOB = Job(
    table="gold.alert",
    inputs={
        "features": "gold.feature",
        "relationship": "identity.relationship",
        "default": IfAny("models.default_score"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per early warning that stands today and customer it is about",
)

"""Survivorship: of all that a customer's records state, which value wins, by which rule, and over whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window, WindowSpec

from conf.survivorship import Rule, SurvivorshipConf

# What stands for a rule where no rule decided.
ONLY, AGREED, TIE = "only", "agreed", "lowest record id"
# A day later than any date a bank writes (about the year 11000): what is no date comes last.
LATEST_DAY: Final = 3_300_000
_Make = Callable[[tuple[Rule, ...], str], Column]


def survivors(candidates: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    """One row per customer and attribute: the winning value and how it won.

    `candidates`: customer_id, party_id, source, attribute, value, parts, verified, valid_from. A value that
    fails its attribute's `valid` never wins. Ties fall to the lowest record id. Columns: customer_id,
    attribute, value, party_id, source, rule, runner_up_value, runner_up_party_id, runner_up_source,
    sources_agreeing, sources_total.
    """
    of_value = Window.partitionBy("customer_id", "attribute", "value")
    of_attribute = Window.partitionBy("customer_id", "attribute")
    best = of_attribute.orderBy(F.desc("ranks"), "party_id", "value")
    ranked = (
        # By customer once: what follows is by customer and more, and needs no further exchange of rows.
        candidates.where(_valid(conf))
        .repartition("customer_id")
        .withColumn("_same", F.count("*").over(of_value))
        .withColumn("ranks", _by_attribute(conf, lambda rules, name: F.array(*_ranks(rules, conf, name))))
        .withColumns({"_place": F.row_number().over(best), "_won": F.first("value").over(best)})
    )
    return _judged(ranked.withColumns(_beside(of_attribute)).where("_place = 1"), conf)


def _beside(of_attribute: WindowSpec) -> dict[str, Column]:
    """What each row's attribute has beside it. By windows, as the rows are sorted so: an aggregate would hash them all."""
    agrees = F.col("value") == F.col("_won")
    entry = F.struct("_place", "party_id", "source", "value", "ranks")
    sources = {"sources_agreeing": F.when(agrees, F.col("source")), "sources_total": F.col("source")}
    counted = {
        name: F.size(F.collect_set(source).over(of_attribute)).cast("bigint")
        for name, source in sources.items()
    }
    second = F.min(F.when(~agrees, entry)).over(of_attribute)
    return {"second": second, "_stated": F.count("*").over(of_attribute), **counted}


def _judged(winners: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    return winners.select(
        "customer_id",
        "attribute",
        "value",
        "party_id",
        "source",
        _deciding(conf).alias("rule"),
        F.col("second.value").alias("runner_up_value"),
        F.col("second.party_id").alias("runner_up_party_id"),
        F.col("second.source").alias("runner_up_source"),
        "sources_agreeing",
        "sources_total",
    )


def _valid(conf: SurvivorshipConf) -> Column:
    chosen: Column = F.lit(True)
    for name, rule in conf.attributes.items():
        if rule.valid is not None:
            chosen = F.when(
                F.col("attribute") == name, F.coalesce(F.expr(rule.valid), F.lit(False))
            ).otherwise(chosen)
    return chosen


def _deciding(conf: SurvivorshipConf) -> Column:
    """The first rule at which the winner stands above the runner-up."""
    names = _by_attribute(conf, lambda rules, _: F.array(*(F.lit(r) for r in rules)))
    above = F.zip_with("ranks", "second.ranks", lambda w, s: w > s)
    decided = F.get(names, F.array_position(above, F.lit(True)).cast("int") - 1)
    alone = F.when(F.col("_stated") == 1, F.lit(ONLY)).otherwise(F.lit(AGREED))
    return F.when(F.col("second").isNull(), alone).otherwise(F.coalesce(decided, F.lit(TIE)))


def _by_attribute(conf: SurvivorshipConf, make: _Make) -> Column:
    chosen = make(conf.default.rules, "")
    for name, rule in conf.attributes.items():
        chosen = F.when(F.col("attribute") == name, make(rule.rules, name)).otherwise(chosen)
    return chosen


def _ranks(rules: tuple[Rule, ...], conf: SurvivorshipConf, attribute: str) -> list[Column]:
    """Each rule as a number, higher wins."""
    scales: dict[Rule, Column] = {
        "verified": F.col("verified"),
        "trust": _trust(conf.trust_of(attribute)),
        "recency": F.unix_date("valid_from"),
        "majority": F.col("_same"),
        "completeness": F.col("parts") * 1000 + F.length("value"),
        "earliest": -F.coalesce(F.unix_date(F.col("value").try_cast("date")), F.lit(LATEST_DAY)),
    }
    return [scales[rule].cast("bigint") for rule in rules]


def _trust(trust: dict[str, int]) -> Column:
    chosen: Column = F.lit(0)
    for source, points in sorted(trust.items()):
        chosen = F.when(F.col("source") == source, points).otherwise(chosen)
    return chosen

"""Survivorship: of all that a customer's records state, which value wins, by which rule, and over whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window, WindowSpec

from conf.contracts import STEWARD
from conf.sql import columns_in
from conf.survivorship import Choice, Rule, SurvivorshipConf
from jobs.columns.lookup import looked_up
from jobs.identity.vote import weighed, weights

# What stands for a rule where no rule decided.
ONLY, AGREED, TIE = "only", "agreed", "lowest record id"
# A day later than any date a bank writes (about the year 11000): what is no date comes last.
LATEST_DAY: Final = 3_300_000
OWNER: Final = ("customer_id", "attribute")


def survivors(candidates: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    """One row per customer and attribute: the winning value and how it won.

    `candidates`: customer_id, kind, party_id, source, attribute, value, form, parts, verified, valid_from. Values with
    one `form` are one value, written differently. A value that fails its attribute's `valid` never wins, whoever states
    it; what a steward set stands above what records state. Ties fall to the lowest record id. Columns: customer_id, attribute, value, party_id, source, rule, runner_up_value,
    runner_up_party_id, runner_up_source, sources_agreeing, sources_total.
    """
    of_form, of_attribute = Window.partitionBy(*OWNER, "form"), Window.partitionBy(*OWNER)
    best = of_attribute.orderBy(F.desc("ranks"), "party_id", "value")
    # By customer once: what follows is by customer and more, and needs no further exchange of rows.
    stated = valid(candidates.repartition("customer_id"), conf)
    ranked = (
        _with_votes(stated.withColumn("_same", F.count("*").over(of_form)), conf)
        .withColumn(
            "ranks", _by_choice(conf, lambda choice: F.array(_is_set().cast("bigint"), *_ranks(choice, conf)))
        )
        .withColumns({"_place": F.row_number().over(best), "_won": F.first("form").over(best)})
    )
    return _judged(ranked.withColumns(_beside(of_attribute)).where("_place = 1"), conf)


def valid(candidates: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    """The candidates that may win."""
    return _with_cases(candidates, conf).where(_by_choice(conf, _valid))


def _with_cases(candidates: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    """With `stated_by` where a case asks for it."""
    asked = [when for _, when, _ in _choices(conf) if when is not None]
    if not any("stated_by" in {c.lower() for c in columns_in(when)} for when in asked):
        return candidates
    systems = F.collect_set(F.when(~_is_set(), F.col("source"))).over(Window.partitionBy(*OWNER))
    return candidates.withColumn("stated_by", F.array_sort(systems))


def _with_votes(stated: DataFrame, conf: SurvivorshipConf) -> DataFrame:
    """With `_votes` where an attribute is decided by them."""
    if not any("vote" in choice.rules for _, _, choice in _choices(conf)):
        return stated
    return weighed(stated, _by_choice(conf, weights), OWNER)


def _beside(of_attribute: WindowSpec) -> dict[str, Column]:
    """What each row's attribute has beside it. By windows, as the rows are sorted so: an aggregate would hash them all."""
    agrees = F.col("form") == F.col("_won")
    entry = F.struct("_place", "party_id", "source", "value", "ranks")
    system = F.when(~_is_set(), F.col("source"))
    sources = {"sources_agreeing": F.when(agrees, system), "sources_total": system}
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


def _deciding(conf: SurvivorshipConf) -> Column:
    """The first rule at which the winner stands above the runner-up."""
    names = _by_choice(conf, lambda choice: F.array(*(F.lit(r) for r in (STEWARD, *choice.rules))))
    above = F.zip_with("ranks", "second.ranks", lambda w, s: w > s)
    decided = F.get(names, F.array_position(above, F.lit(True)).cast("int") - 1)
    alone = F.when(F.col("_stated") == 1, F.lit(ONLY)).otherwise(F.lit(AGREED))
    return (
        F.when(_is_set(), STEWARD)
        .when(F.col("second").isNull(), alone)
        .otherwise(F.coalesce(decided, F.lit(TIE)))
    )


def _choices(conf: SurvivorshipConf) -> Iterator[tuple[str | None, str | None, Choice]]:
    """(attribute, when, choice) in the order in which they are asked; what holds for all the rest names neither."""
    for name in conf.attributes:
        for when, choice in conf.of(name).choices():
            yield name, when, choice
    for when, choice in conf.default.choices():
        yield None, when, choice


def _by_choice(conf: SurvivorshipConf, make: Callable[[Choice], Column]) -> Column:
    """What `make` gives for the choice that each row falls under."""
    *earlier, (_, _, last) = _choices(conf)
    return reduce(
        lambda rest, one: F.when(_falls(one[0], one[1]), make(one[2])).otherwise(rest),
        reversed(earlier),
        make(last),
    )


def _falls(attribute: str | None, when: str | None) -> Column:
    named = F.lit(True) if attribute is None else F.col("attribute") == attribute
    return named if when is None else named & F.coalesce(F.expr(when), F.lit(False))


def _is_set() -> Column:
    """Whether a candidate is a steward's."""
    return F.col("source") == STEWARD


def _valid(choice: Choice) -> Column:
    return F.lit(True) if choice.valid is None else F.coalesce(F.expr(choice.valid), F.lit(False))


def _ranks(choice: Choice, conf: SurvivorshipConf) -> list[Column]:
    """Each rule as a number, higher wins."""
    scales: dict[Rule, Callable[[], Column]] = {
        "preferred": lambda: F.when(F.expr(str(choice.preferred)), 1).otherwise(0),
        "verified": lambda: F.col("verified"),
        "vote": lambda: F.col("_votes"),
        "trust": lambda: F.coalesce(looked_up(conf.trust_of(choice), F.col("source")), F.lit(0)),
        "recency": lambda: F.unix_date("valid_from"),
        "majority": lambda: F.col("_same"),
        "completeness": lambda: F.col("parts") * 1000 + F.length("value"),
        "earliest": lambda: -F.coalesce(F.unix_date(F.col("value").try_cast("date")), F.lit(LATEST_DAY)),
    }
    return [scales[rule]().cast("bigint") for rule in choice.rules]

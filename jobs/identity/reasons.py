"""A customer's links in words, the weakest one, and what would be split off: small frames of one customer in, no Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import EntityMatching

if TYPE_CHECKING:
    from models.linkage.cohesion import Cohesion
    from models.linkage.explaining import Field, PairExplained

Row = Mapping[str, Any]


def pairs_inside(customer_id: str, crosswalk: DataFrame, pairs: DataFrame) -> DataFrame:
    """The scored pairs among the customer's records, as in identity.match_pair."""
    mine = crosswalk.where(F.col("customer_id") == customer_id).select("party_id")
    for side in ("record_l", "record_r"):
        pairs = pairs.join(mine.withColumnRenamed("party_id", side), on=side, how="left_semi")
    return pairs.orderBy(F.desc("probability"), "record_l", "record_r")


def ages_of(customer_id: str, crosswalk: DataFrame, match_record: DataFrame) -> DataFrame:
    """record_id, since, slots and soft_slots of the customer's records, oldest first: what decides beside the links."""
    mine = crosswalk.where(F.col("customer_id") == customer_id).selectExpr("party_id AS record_id")
    chosen = match_record.select("record_id", "since", "slots", "soft_slots")
    return chosen.join(mine, on="record_id", how="left_semi").orderBy("since", "record_id")


def why(
    customer_id: str, pairs: Sequence[Row], records: Sequence[Row], rules: EntityMatching
) -> dict[str, Any]:
    """For JSON: `sentence` by language, `weakest` (None where no link alone carries the customer), `seam`, and `links`,
    weakest first, each with its own sentence. `pairs` as `pairs_inside`, `records` as `ages_of` gives them.
    """
    from models.linkage import wording  # noqa: PLC0415 - scipy only where a customer is explained

    whole = held_together(customer_id, pairs, records, rules)
    told = whole.as_dict()
    said = {(p["record_l"], p["record_r"]): explained(p, rules) for p in pairs}
    for link in told["links"]:
        pair = said[link["record_l"], link["record_r"]]
        link["sentence"] = {language: wording.pair(pair, language) for language in wording.LANGUAGES}
    return {"sentence": {language: wording.cluster(whole, language) for language in wording.LANGUAGES}} | told


def explained(pair: Row, rules: EntityMatching) -> PairExplained:
    """A row of identity.match_pair taken apart."""
    from models.linkage.explaining import PairExplained  # noqa: PLC0415

    return PairExplained(
        record_l=pair["record_l"],
        record_r=pair["record_r"],
        probability=pair["probability"],
        threshold=rules.threshold,
        same_customer=True,
        prior=log2(rules.prior / (1 - rules.prior)),
        weight=pair["weight"],
        fields=tuple(_field(field, rules) for field in pair["fields"]),
        certain=pair["certain"],
    )


def _field(field: Row, rules: EntityMatching) -> Field:
    from models.linkage.explaining import MISSING, Field  # noqa: PLC0415

    comparison = rules.comparisons.get(field["field"])
    if field["level"] is None or comparison is None:
        return Field(field["field"], MISSING, field["weight"])
    level = comparison.levels[len(comparison.levels) - 1 - field["level"]]
    usual = log2(level.m / level.u)
    return Field(field["field"], level.label, field["weight"], usual, best=level.rare is not None)


def held_together(
    customer_id: str, pairs: Sequence[Row], records: Sequence[Row], rules: EntityMatching
) -> Cohesion:
    """The customer's joining links; each is tried without, by the rule that made the customer."""
    from models.linkage.cohesion import Link, cohesion  # noqa: PLC0415

    joining = [p for p in pairs if p["certain"] is not None or p["probability"] >= rules.threshold]
    links = [Link(p["record_l"], p["record_r"], p["probability"], p["certain"]) for p in joining]
    names = [record["record_id"] for record in records]
    edges = _edges(joining, {record["record_id"]: record for record in records})
    return cohesion(customer_id, names, links, _parted(names, edges, rules.soft_threshold), method="single")


def _edges(pairs: Sequence[Row], records: Mapping[str, Row]) -> list[dict[str, Any]]:
    """As models.matching.clusters takes them."""
    ends = ("since", "slots", "soft_slots")
    return [
        {name: pair[name] for name in ("record_l", "record_r", "probability", "weight", "certain")}
        | {f"{name}_{side}": records[pair[f"record_{side}"]][name] for side in ("l", "r") for name in ends}
        for pair in pairs
    ]


def _parted(names: Sequence[str], edges: Sequence[dict[str, Any]], soft_threshold: float) -> Any:
    from models.matching.clusters import agglomerated  # noqa: PLC0415

    def parted(fallen: int | None) -> list[int]:
        left = [edge for i, edge in enumerate(edges) if i != fallen]
        first = {m["record_id"]: m["first_record_id"] for m in agglomerated(left, soft_threshold)}
        return [names.index(first.get(name, name)) for name in names]

    return parted

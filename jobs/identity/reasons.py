"""A customer's links in words, the weakest one, and what would be split off: small frames of one customer in, no Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING, Any, Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import EntityMatching
from jobs.identity.decision import in_force
from models.matching.decisions import MUST

if TYPE_CHECKING:
    from models.linkage.cohesion import Cohesion
    from models.linkage.explaining import Field, PairExplained

Row = Mapping[str, Any]
PAIR: Final = ("record_l", "record_r", "probability", "weight", "certain", "decision")
BY_STEWARD: Final = "steward"
"""As a link's exact rule: a person said so."""


def pairs_inside(customer_id: str, crosswalk: DataFrame, pairs: DataFrame) -> DataFrame:
    """The scored pairs among the customer's records, as in identity.match_pair."""
    return _inside(customer_id, crosswalk, pairs).orderBy(F.desc("probability"), "record_l", "record_r")


def _inside(customer_id: str, crosswalk: DataFrame, rows: DataFrame) -> DataFrame:
    mine = crosswalk.where(F.col("customer_id") == customer_id).select("party_id")
    for side in ("record_l", "record_r"):
        rows = rows.join(mine.withColumnRenamed("party_id", side), on=side, how="left_semi")
    return rows


def ages_of(customer_id: str, crosswalk: DataFrame, match_record: DataFrame) -> DataFrame:
    """record_id, since, slots and soft_slots of the customer's records, oldest first: what decides beside the links."""
    mine = crosswalk.where(F.col("customer_id") == customer_id).selectExpr("party_id AS record_id")
    chosen = match_record.select("record_id", "since", "slots", "soft_slots")
    return chosen.join(mine, on="record_id", how="left_semi").orderBy("since", "record_id")


def decisions_inside(customer_id: str, crosswalk: DataFrame, decision: DataFrame) -> DataFrame:
    """record_l, record_r, decision: what stewards said, and is in force, of pairs of the customer's records."""
    return _inside(customer_id, crosswalk, in_force(decision)).orderBy("record_l", "record_r")


def why(
    customer_id: str,
    pairs: Sequence[Row],
    records: Sequence[Row],
    decisions: Sequence[Row],
    rules: EntityMatching,
) -> dict[str, Any]:
    """For JSON: `sentence` by language, `weakest` (None where no link alone carries the customer), `seam`, and `links`,
    weakest first, each with its own sentence. Rows as `pairs_inside`, `ages_of` and `decisions_inside` give them.
    """
    from models.linkage import sentences  # noqa: PLC0415 - scipy only where a customer is explained

    whole = held_together(customer_id, pairs, records, decisions, rules)
    told, scored = whole.as_dict(), {(p["record_l"], p["record_r"]): p for p in pairs}
    for link, known in zip(told["links"], whole.links, strict=True):
        pair = scored.get((known.record_l, known.record_r))
        link["sentence"] = {
            language: sentences.by_steward(known, language)
            if known.certain == BY_STEWARD or pair is None
            else sentences.pair(explained(pair, rules), language)
            for language in sentences.LANGUAGES
        }
    return {
        "sentence": {language: sentences.cluster(whole, language) for language in sentences.LANGUAGES}
    } | told


def explained(pair: Row, rules: EntityMatching) -> PairExplained:
    """A row of identity.match_pair taken apart."""
    from models.linkage.explaining import PairExplained  # noqa: PLC0415

    return PairExplained(
        record_l=pair["record_l"],
        record_r=pair["record_r"],
        probability=pair["probability"],
        threshold=rules.threshold,
        same_customer=True,
        prior=pair["weight"] - sum(field["weight"] or 0.0 for field in pair["fields"]),
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
    customer_id: str,
    pairs: Sequence[Row],
    records: Sequence[Row],
    decisions: Sequence[Row],
    rules: EntityMatching,
) -> Cohesion:
    """The customer's joining links; each is tried without, by the rule that made the customer."""
    from models.linkage.cohesion import Link, cohesion  # noqa: PLC0415

    decided = {(d["record_l"], d["record_r"]): d["decision"] for d in decisions}
    joining = [p for p in pairs if p["certain"] is not None or p["probability"] >= rules.threshold]
    musts = [dict.fromkeys(PAIR) | dict(d) for d in decisions if d["decision"] == MUST]
    plain = [p for p in joining if (p["record_l"], p["record_r"]) not in decided]
    edges = [*({**p, "decision": None} for p in plain), *musts]
    links = [
        Link(
            e["record_l"],
            e["record_r"],
            e["probability"] or 1.0,
            BY_STEWARD if e["decision"] else e["certain"],
        )
        for e in edges
    ]
    apart = [dict.fromkeys(PAIR) | dict(d) for d in decisions if d["decision"] != MUST]
    known = {record["record_id"]: record for record in records}
    return cohesion(
        customer_id,
        list(known),
        links,
        _parted(_ended([*edges, *apart], known), known, rules),
        method="single",
    )


def _ended(edges: Sequence[Row], records: Mapping[str, Row]) -> list[dict[str, Any]]:
    """With both ends' age and slots, as models.matching.clusters takes them."""
    ends = ("since", "slots", "soft_slots")
    return [
        {name: edge[name] for name in PAIR}
        | {f"{name}_{side}": records[edge[f"record_{side}"]][name] for side in ("l", "r") for name in ends}
        for edge in edges
    ]


def _parted(edges: Sequence[dict[str, Any]], known: Mapping[str, Row], rules: EntityMatching) -> Any:
    from models.matching.clusters import agglomerated  # noqa: PLC0415

    names = list(known)

    def parted(fallen: int | None) -> list[int]:
        left = [edge for i, edge in enumerate(edges) if i != fallen]
        first = {m["record_id"]: m["first_record_id"] for m in agglomerated(left, rules.soft_threshold)}
        return [names.index(first.get(name, name)) for name in names]

    return parted

"""`onebook explain`: one customer – source records and why they are one, golden values, scores, segments, gates."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from jobs.cli import output
from jobs.cli.match_explain import InLanguage, Language
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Place, Verbose, day, place
from jobs.core.errors import UsageError
from jobs.identity import explanation, reasons

SCORES: Final = (
    "models.clv_score",
    "models.churn_score",
    "models.churn_survival",
    "models.cross_sell_score",
    "models.default_score",
    "models.uplift",
    "gold.lifetime_value",
)
MOST_COLUMNS: Final = 7
MOST_LINKS: Final = 5
DATED: Final = (*SCORES, "gold.eligibility")


def command(
    customer_id: Annotated[str, typer.Argument(help="A customer id, as in gold.customer_profile.")],
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    language: InLanguage = Language.en,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Explain one customer: every source record and why they were joined, and all that was made of them."""
    where = place(bank, None, lake, conf).existing()
    book = _Book(where, day(as_of))
    found = _standing(book, customer_id.strip().upper())
    told = {"customer_id": found, "asked": customer_id, **dict(_parts(book, found))}
    why = _why(book, found)
    if json:
        output.as_json(told | {"why": why})
        return
    output.facts({"customer": found, **({"merged from": customer_id} if found != customer_id else {})})
    _say(why, language)
    for name, part in told.items():
        if isinstance(part, list):
            _draw(name.replace("_", " "), part)


def _say(why: dict[str, Any], language: Language) -> None:
    """What holds the customer together, and its weakest links, in sentences."""
    said = [why, *why["links"][:MOST_LINKS]] if why else []
    for each in said:
        output.OUT.print(each["sentence"][language.value], highlight=False, soft_wrap=True, markup=False)
    if why and len(why["links"]) > MOST_LINKS:
        output.say(f"{len(why['links']) - MOST_LINKS} further links, all stronger: --json tells them")


def _draw(name: str, rows: list[dict[str, Any]]) -> None:
    """A table where it fits a screen, else one row below the other."""
    if not rows:
        output.facts({name: "none"})
    elif len(rows[0]) <= MOST_COLUMNS:
        output.table(name, list(rows[0]), [tuple(map(_plain, row.values())) for row in rows])
    else:
        for i, row in enumerate(rows, 1):
            told = [(key, _plain(value)) for key, value in row.items() if value not in (None, [])]
            output.table(f"{name} {i} of {len(rows)}", ("what", "value"), told)


def _plain(value: Any) -> Any:
    """Nested values in words: a list one below the other, a record as `gate: reason`."""
    if isinstance(value, list):
        return "\n".join(str(_plain(v)) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items() if v not in (None, ""))
    return value


class _Book:
    """Tables of one lake as they stood at a date."""

    def __init__(self, where: Place, as_of: Any) -> None:
        self.where, self.as_of = where, as_of

    def read(self, table: str) -> DataFrame | None:
        """A table at its version of the date; None where it doesn't exist, or didn't at the date."""
        version = self.where.lake.version(table)
        if version is not None and self.as_of:
            entry = self.where.ledger.last(table, self.as_of)
            version = entry.version if entry else None
        return None if version is None else self.where.lake.read(self.where.spark, table, version)

    def rows(self, frame: DataFrame | None) -> list[dict[str, Any]]:
        """A small frame's rows."""
        return [] if frame is None else [row.asDict(recursive=True) for row in frame.collect()]

    def of(self, table: str, customer_id: str) -> list[dict[str, Any]]:
        """A customer's rows of a table; of dated ones those of the newest date."""
        frame = self.read(table)
        if frame is None:
            return []
        mine = frame.where(F.col("customer_id") == customer_id)
        if table in DATED:
            newest = mine.agg(F.max("as_of").alias("newest"))
            mine = mine.join(newest, on=F.col("as_of") == F.col("newest"), how="inner").drop("newest")
        return self.rows(mine)


def _standing(book: _Book, customer_id: str) -> str:
    """The id that stands for `customer_id` today. Raises UsageError where nobody ever had it."""
    crosswalk = book.read("identity.crosswalk")
    if crosswalk is None:
        when, remedy = (
            (f" at {book.as_of}", "give a later date") if book.as_of else ("", "run `onebook run` first")
        )
        raise UsageError(f"there were no customers yet{when}", remedy)
    if not crosswalk.where(F.col("customer_id") == customer_id).isEmpty():
        return customer_id
    redirect = book.read("identity.redirect")
    found = book.rows(None if redirect is None else explanation.standing_id(customer_id, redirect))
    if not found:
        raise UsageError(f"there is no customer {customer_id}", "ids stand in gold.customer_profile")
    return str(found[0]["customer_id"])


def _parts(book: _Book, customer_id: str) -> list[tuple[str, list[dict[str, Any]]]]:
    crosswalk, pairs = book.read("identity.crosswalk"), book.read("identity.match_pair")
    lineage, events = book.read("identity.golden_lineage"), book.read("identity.event")
    assert crosswalk is not None
    parts = [("records", book.rows(explanation.records_of(customer_id, crosswalk)))]
    if pairs is not None:
        parts.append(("links", book.rows(explanation.links_of(customer_id, crosswalk, pairs))))
    if events is not None:
        parts.append(("events", book.rows(explanation.events_of(customer_id, events))))
    if lineage is not None:
        parts.append(("golden", book.rows(explanation.golden_of(customer_id, lineage))))
    if (said := book.read("identity.correction")) is not None:
        parts.append(("corrections", book.rows(explanation.corrections_of(customer_id, crosswalk, said))))
    parts += [(table.split(".")[1], book.of(table, customer_id)) for table in SCORES]
    parts.append(("alerts", book.of("gold.alert", customer_id)))
    parts.append(("segments", book.of("gold.segment_member", customer_id)))
    return [*parts, ("gates", book.of("gold.eligibility", customer_id))]


def _why(book: _Book, customer_id: str) -> dict[str, Any]:
    """The links in words; empty where the book keeps no pairs."""
    tables = [book.read(f"identity.{name}") for name in ("crosswalk", "match_pair", "match_record")]
    crosswalk, pairs, records = tables
    if crosswalk is None or pairs is None or records is None:
        return {}
    kinds = book.rows(crosswalk.where(F.col("customer_id") == customer_id).select("kind").limit(1))
    rules = book.where.bank.section("matching", MatchingConf).of(kinds[0]["kind"])
    inside = book.rows(reasons.pairs_inside(customer_id, crosswalk, pairs))
    ages = book.rows(reasons.ages_of(customer_id, crosswalk, records))
    decision = book.read("identity.decision")
    said = [] if decision is None else book.rows(reasons.decisions_inside(customer_id, crosswalk, decision))
    return reasons.why(customer_id, inside, ages, said, rules)

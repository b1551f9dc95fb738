"""`onebook steward correct` and `corrections`: golden values that a steward sets or rejects, and what became of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from conf.survivorship import SurvivorshipConf
from jobs.cli import output
from jobs.cli.book import only_writer
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Place, Verbose, place
from jobs.cli.spoken import added, column, known, standing
from jobs.core.errors import UsageError
from jobs.identity import answers, correcting, correction
from jobs.identity.corrected import unfit
from jobs.identity.correcting import Said

TABLE: Final = "identity.correction"
LISTED: Final = ("party_id", "attribute", "correction", "author", "decided_at", "known_from", "status")
WORDS: Final = (
    "line int, party_id string, attribute string, correction string, value string, decided_at timestamp"
)


def correct(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: record, attribute, correction, value, author, reason, decided_at."
        ),
    ],
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    author: Annotated[str | None, typer.Option(help="Author of rows that name none.")] = None,
    decided_at: Annotated[
        str | None, typer.Option("--decided-at", help="Time of rows that name none (ISO 8601).")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take corrections of golden values in: all of a file's rows or none; the next run obeys them."""
    where = place(bank, None, lake, conf).existing()
    taken = correcting.read(file, now=datetime.now(UTC), author=author, decided_at=decided_at)
    with only_writer(where):
        new = _checked(where, file, taken.said)
        batch = _appended(where, file, new) if new else None
    told = {"taken": len(new), "known_before": len(taken.said) - len(new), "left_open": taken.left_open}
    told |= _statuses(where, batch) if batch else {}
    if json:
        output.as_json(told)
        return
    output.facts(told)
    if new:
        output.say("the next `onebook run` obeys what is in force")


def corrections(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    status: Annotated[
        str | None, typer.Option(help="Only corrections of this status, such as in_force.")
    ] = None,
    rows: Annotated[int, typer.Option(help="At most this many, newest first.", min=0)] = 50,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List corrections of golden values and what became of them; the values stand in identity.correction."""
    where = place(bank, None, lake, conf).existing()
    spoken = standing(where, TABLE)
    if spoken is None or spoken.isEmpty():
        raise UsageError(
            "nobody has corrected anything yet", "`onebook steward correct FILE` takes corrections in"
        )
    counts = Counter({r["status"]: r["count"] for r in spoken.groupBy("status").count().collect()})
    chosen = spoken.where(F.col("status") == status) if status else spoken
    newest = chosen.orderBy(F.desc("batch"), F.desc("decided_at"), "correction_id").limit(rows)
    found = [r.asDict() for r in newest.select(*LISTED, "reason").collect()]
    if json:
        output.as_json({"statuses": dict(counts), "corrections": found})
        return
    output.facts({name: counts[name] for name in sorted(counts)})
    output.table("corrections", LISTED, [tuple(r[c] for c in LISTED) for r in found])


def _checked(where: Place, file: Path, said: tuple[Said, ...]) -> list[Said]:
    """The rows not taken in before. Raises DataRefused where they name unknown records, change what was said, or set what
    could never hold.
    """
    crosswalk = standing(where, "identity.crosswalk")
    if crosswalk is None:
        raise UsageError("the book knows no records yet", "run `onebook run` first")
    named = crosswalk.join(column(where, "party_id", [one.party_id for one in said]), "party_id", "left_semi")
    owners = named.select("party_id", "customer_id", "kind")
    problems = list(correcting.unknown(said, {r["party_id"] for r in owners.collect()}))
    ids = [one.correction_id for one in said]
    new, changed = correcting.fresh(said, known(where, TABLE, "correction_id", ids, "correction", "reason"))
    answers.refuse(file, [*problems, *changed, *_unfit(where, new, owners)])
    return new


def _unfit(where: Place, new: list[Said], owners: Any) -> list[str]:
    """Problems with values, which only the book's own rules can tell."""
    rows = [(s.line, s.party_id, s.attribute, s.correction, s.value, s.decided_at) for s in new]
    words = where.spark.createDataFrame(rows, WORDS).join(owners, on="party_id", how="inner")
    rules = where.bank.section("survivorship", SurvivorshipConf)
    country = where.bank.section("matching", MatchingConf).phone_country
    found = sorted(unfit(words, rules, country).collect())
    return [_problem(line, attribute, rules, is_value=is_value) for line, attribute, is_value in found]


def _problem(line: int, attribute: str, rules: SurvivorshipConf, *, is_value: bool) -> str:
    if not is_value:
        return f"line {line}: the value can't be read as {attribute}; write it as docs/golden-record.md shows"
    rule = rules.of(attribute).valid
    return f"line {line}: the value could never win, for `valid` of {attribute} refuses it ({rule}); mend the value"


def _appended(where: Place, file: Path, new: list[Said]) -> int:
    """Add the rows as one commit; returns the import's number."""

    def rows(as_of: date, batch: int) -> list[tuple[Any, ...]]:
        return [
            (s.correction_id, s.party_id, s.attribute, s.correction, s.value, s.author, s.reason, s.decided_at, as_of, batch,
             correction.NEW)
            for s in new
        ]  # fmt: skip

    return added(where, TABLE, correction.SCHEMA, rows, file, correcting.content(new))


def _statuses(where: Place, batch: int) -> dict[str, int]:
    """What the next run will make of an import: its corrections by status."""
    spoken = standing(where, TABLE)
    assert spoken is not None
    mine = correction.build(spoken, where.bank).where(F.col("batch") == batch)
    return {r["status"]: r["count"] for r in mine.groupBy("status").count().orderBy("status").collect()}

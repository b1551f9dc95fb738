"""`onebook steward correct` and `corrections`: golden values that a steward sets or rejects, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from conf.survivorship import SurvivorshipConf
from jobs.cli import output
from jobs.cli.book import only_writer
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Place, Verbose, place
from jobs.cli.spoken import (
    Author,
    DecidedAt,
    Rows,
    Spoken,
    Status,
    by_status,
    known_records,
    say,
    standing,
    tally,
)
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
    author: Author = None,
    decided_at: DecidedAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take corrections of golden values in: all of a file's rows or none; the next run obeys them."""
    where = place(bank, None, lake, conf).existing()
    taken = correcting.read(file, now=datetime.now(UTC), author=author, decided_at=decided_at)
    with only_writer(where):
        new = _checked(where, file, taken.said)
        batch = _spoken(where).add(new, _about, file) if new else None
    told = tally(taken, new, _statuses(where, batch) if batch else {})
    output.as_json(told) if json else say(told)


def corrections(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    status: Status = None,
    rows: Rows = 50,
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
    said = _spoken(where)
    counts, found = by_status(spoken), said.newest(spoken, status, rows)
    output.as_json({"statuses": counts, "corrections": found}) if json else said.draw(counts, found)


def _spoken(where: Place) -> Spoken:
    return Spoken(where, TABLE, correction.SCHEMA, correcting.FORM, LISTED)


def _about(said: Said) -> tuple[str | None, ...]:
    return said.party_id, said.attribute, said.correction, said.value


def _checked(where: Place, file: Path, said: tuple[Said, ...]) -> list[Said]:
    """The rows not taken in before. Raises DataRefused where they name unknown records, change what was said, or set what
    could never hold.
    """
    owners = known_records(where, (one.party_id for one in said))
    problems = correcting.unknown(said, {r["party_id"] for r in owners.collect()})
    new, changed = _spoken(where).fresh(said)
    answers.refuse(file, [*problems, *changed, *_unfit(where, new, owners)])
    return new


def _unfit(where: Place, new: list[Said], owners: DataFrame) -> list[str]:
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


def _statuses(where: Place, batch: int) -> dict[str, int]:
    """What the next run will make of an import: its corrections by status."""
    spoken = standing(where, TABLE)
    assert spoken is not None
    return by_status(correction.build(spoken, where.bank).where(F.col("batch") == batch))

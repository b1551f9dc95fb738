"""`onebook steward`: hand out questions, take decisions in, see what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.markup import escape

from conf.matching import MatchingConf
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
from jobs.identity import answers, decision, intake, queue
from jobs.identity.intake import Said

TABLE, REVIEW = "identity.decision", "identity.review"
LISTED: Final = (
    "decision_id",
    "record_l",
    "record_r",
    "decision",
    "author",
    "decided_at",
    "known_from",
    "status",
)

app = typer.Typer(
    help="What stewards say: who is one customer, and what is true of one.", no_args_is_help=True
)


@app.command("import")
def import_command(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet: record_l, record_r, decision, author, reason, decided_at.")
    ],
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    author: Author = None,
    decided_at: DecidedAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take decisions in: all of a file's rows or none; the next run obeys them. Importing again changes nothing."""
    where = place(bank, None, lake, conf).existing()
    taken = intake.read(file, now=datetime.now(UTC), author=author, decided_at=decided_at)
    with only_writer(where):
        new = _checked(where, file, taken.said)
        batch = _spoken(where).add(new, _about, file) if new else None
    statuses, opposed = _judged(where, batch) if batch else ({}, [])
    told = tally(taken, new, statuses)
    if json:
        output.as_json({**told, "contradictions": opposed})
        return
    say(told)
    _warn(opposed)


@app.command("export")
def export_command(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet to write; give it back filled in with `import`.")
    ],
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    code: Annotated[str | None, typer.Option(help="Only questions of this code, such as grey_zone.")] = None,
    rows: Annotated[int | None, typer.Option(help="At most this many, most at stake first.", min=1)] = None,
    values: Annotated[
        bool,
        typer.Option("--values", help="Add the records' names, numbers and addresses: a restricted file."),
    ] = False,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write the review queue as a file to answer in: fill in decision, author, reason, decided_at."""
    where = place(bank, None, lake, conf).existing()
    review = standing(where, REVIEW)
    if review is None:
        raise UsageError("there is no review queue yet", "run `onebook run` first")
    chosen = review.where(F.col("code") == code) if code else review
    most = where.bank.section("matching", MatchingConf)
    limited = chosen.orderBy("rank").limit(rows or most.review.most)
    asked = queue.queue(limited, standing(where, "identity.match_record") if values else None)
    found = [queue.told(row.asDict(recursive=True), most) for row in asked.collect()]
    queue.write(file, found, queue.columns_of(values=values))
    told = {"questions": len(found), "file": str(file)}
    output.as_json(told) if json else output.facts(told)


@app.command("list")
def list_command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    status: Status = None,
    rows: Rows = 50,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List decisions and what became of them, and the contradictions that wait for a word."""
    where = place(bank, None, lake, conf).existing()
    spoken = standing(where, TABLE)
    if spoken is None:
        raise UsageError(
            "nobody has decided anything yet", "`onebook steward import FILE` takes decisions in"
        )
    decisions = _spoken(where)
    counts, found = by_status(spoken), decisions.newest(spoken, status, rows)
    opposed = _rows(standing(where, "identity.contradiction"))
    if json:
        output.as_json({"statuses": counts, "decisions": found, "contradictions": opposed})
        return
    decisions.draw(counts, found)
    _warn(opposed)


def _spoken(where: Place) -> Spoken:
    return Spoken(where, TABLE, decision.SCHEMA, intake.FORM, LISTED)


def _about(said: Said) -> tuple[str, str, str]:
    return said.record_l, said.record_r, said.decision


def _warn(opposed: list[dict[str, Any]]) -> None:
    for row in opposed:
        output.say(f"[yellow]contradiction[/yellow] {escape(_sentence(row))}", styled=True)


def _checked(where: Place, file: Path, said: tuple[Said, ...]) -> list[Said]:
    """The rows not taken in before. Raises DataRefused where rows name unknown records or change what was said."""
    here = known_records(where, (r for one in said for r in (one.record_l, one.record_r))).collect()
    problems = intake.unknown(said, {row["party_id"]: row["kind"] for row in here})
    new, changed = _spoken(where).fresh(said)
    answers.refuse(file, [*problems, *changed])
    return new


def _judged(where: Place, batch: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """What the next run will make of an import: decisions by status, and the contradictions that it has a part in."""
    spoken = standing(where, TABLE)
    assert spoken is not None
    built = decision.build(spoken)
    mine = built[TABLE].where(F.col("batch") == batch)
    held = built["identity.contradiction"].withColumn("_id", F.explode("held_back"))
    parts = held.join(mine.select(F.col("decision_id").alias("_id")), on="_id", how="left_semi")
    return by_status(mine), _rows(parts.drop("_id").dropDuplicates(["decision_id"]))


def _sentence(row: dict[str, Any]) -> str:
    """A contradiction in words: who says what of whom."""
    links = ", ".join(f"{p['record_l']} is {p['record_r']} ({p['author']})" for p in row["path"])
    apart = f"{row['record_l']} and {row['record_r']} are two ({row['author']})"
    return f"{apart}, yet {links}; withdraw one of them"


def _rows(frame: DataFrame | None) -> list[dict[str, Any]]:
    return [] if frame is None else [r.asDict(recursive=True) for r in frame.orderBy("decision_id").collect()]

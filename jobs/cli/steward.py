"""`onebook steward`: hand out questions, take decisions in, see what became of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
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
from jobs.cli.spoken import added, column, known, standing
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
    author: Annotated[str | None, typer.Option(help="Author of rows that name none.")] = None,
    decided_at: Annotated[
        str | None, typer.Option("--decided-at", help="Time of rows that name none (ISO 8601).")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take decisions in: all of a file's rows or none; the next run obeys them. Importing again changes nothing."""
    where = place(bank, None, lake, conf).existing()
    taken = intake.read(file, now=datetime.now(UTC), author=author, decided_at=decided_at)
    with only_writer(where):
        new = _checked(where, file, taken.said)
        batch = _appended(where, file, new) if new else None
    statuses, opposed = _judged(where, batch) if batch else (Counter[str](), [])
    told = {
        "taken": len(new),
        "known_before": len(taken.said) - len(new),
        "left_open": taken.left_open,
        **{name: statuses[name] for name in sorted(statuses)},
    }
    if json:
        output.as_json({**told, "contradictions": opposed})
        return
    output.facts(told)
    _warn(opposed)
    if new:
        output.say("the next `onebook run` obeys what is in force")


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
    status: Annotated[
        str | None, typer.Option(help="Only decisions of this status, such as in_force.")
    ] = None,
    rows: Annotated[int, typer.Option(help="At most this many, newest first.", min=0)] = 50,
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
    counts = Counter({r["status"]: r["count"] for r in spoken.groupBy("status").count().collect()})
    chosen = spoken.where(F.col("status") == status) if status else spoken
    newest = chosen.orderBy(F.desc("batch"), F.desc("decided_at"), "decision_id").limit(rows)
    found = [r.asDict() for r in newest.select(*LISTED, "reason").collect()]
    opposed = _rows(standing(where, "identity.contradiction"))
    if json:
        output.as_json({"statuses": dict(counts), "decisions": found, "contradictions": opposed})
        return
    output.facts({name: counts[name] for name in sorted(counts)})
    output.table("decisions", LISTED, [tuple(r[c] for c in LISTED) for r in found])
    _warn(opposed)


def _warn(opposed: list[dict[str, Any]]) -> None:
    for row in opposed:
        output.say(f"[yellow]contradiction[/yellow] {escape(_sentence(row))}", styled=True)


def _checked(where: Place, file: Path, said: tuple[Said, ...]) -> list[Said]:
    """The rows not taken in before. Raises DataRefused where rows name unknown records or change what was said."""
    crosswalk = standing(where, "identity.crosswalk")
    if crosswalk is None:
        raise UsageError("the book knows no records yet", "run `onebook run` first")
    named = column(where, "party_id", [r for one in said for r in (one.record_l, one.record_r)])
    here = crosswalk.join(named, on="party_id", how="left_semi").select("party_id", "kind").collect()
    problems = list(intake.unknown(said, {row["party_id"]: row["kind"] for row in here}))
    ids = [one.decision_id for one in said]
    new, changed = intake.fresh(said, known(where, TABLE, "decision_id", ids, "decision", "reason"))
    answers.refuse(file, [*problems, *changed])
    return new


def _appended(where: Place, file: Path, new: list[Said]) -> int:
    """Add the rows as one commit; returns the import's number."""

    def rows(as_of: date, batch: int) -> list[tuple[Any, ...]]:
        return [
            (s.decision_id, s.record_l, s.record_r, s.decision, s.author, s.reason, s.decided_at, as_of, batch, decision.NEW)
            for s in new
        ]  # fmt: skip

    return added(where, TABLE, decision.SCHEMA, rows, file, intake.content(new))


def _judged(where: Place, batch: int) -> tuple[Counter[str], list[dict[str, Any]]]:
    """What the next run will make of an import: decisions by status, and the contradictions that it has a part in."""
    spoken = standing(where, TABLE)
    assert spoken is not None
    built = decision.build(spoken)
    mine = built[TABLE].where(F.col("batch") == batch)
    statuses = Counter({r["status"]: r["count"] for r in mine.groupBy("status").count().collect()})
    held = built["identity.contradiction"].withColumn("_id", F.explode("held_back"))
    parts = held.join(mine.select(F.col("decision_id").alias("_id")), on="_id", how="left_semi")
    return statuses, _rows(parts.drop("_id").dropDuplicates(["decision_id"]))


def _sentence(row: dict[str, Any]) -> str:
    """A contradiction in words: who says what of whom."""
    links = ", ".join(f"{p['record_l']} is {p['record_r']} ({p['author']})" for p in row["path"])
    apart = f"{row['record_l']} and {row['record_r']} are two ({row['author']})"
    return f"{apart}, yet {links}; withdraw one of them"


def _rows(frame: DataFrame | None) -> list[dict[str, Any]]:
    return [] if frame is None else [r.asDict(recursive=True) for r in frame.orderBy("decision_id").collect()]

"""`onebook steward`: hand out questions, take decisions in, see what became of them."""

from __future__ import annotations

from collections import Counter
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
from jobs.core.errors import UsageError
from jobs.core.ledger import DeliveryEntry
from jobs.identity import decision, intake, queue
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

app = typer.Typer(help="Stewards' decisions about who is one customer.", no_args_is_help=True)


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
    review = _table(where, REVIEW)
    if review is None:
        raise UsageError("there is no review queue yet", "run `onebook run` first")
    chosen = review.where(F.col("code") == code) if code else review
    most = where.bank.section("matching", MatchingConf)
    limited = chosen.orderBy("rank").limit(rows or most.review.most)
    asked = queue.queue(limited, _table(where, "identity.match_record") if values else None)
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
    spoken = _table(where, TABLE)
    if spoken is None:
        raise UsageError(
            "nobody has decided anything yet", "`onebook steward import FILE` takes decisions in"
        )
    counts = Counter({r["status"]: r["count"] for r in spoken.groupBy("status").count().collect()})
    chosen = spoken.where(F.col("status") == status) if status else spoken
    newest = chosen.orderBy(F.desc("batch"), F.desc("decided_at"), "decision_id").limit(rows)
    found = [r.asDict() for r in newest.select(*LISTED, "reason").collect()]
    opposed = _rows(_table(where, "identity.contradiction"))
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
    crosswalk, spoken = _table(where, "identity.crosswalk"), _table(where, TABLE)
    if crosswalk is None:
        raise UsageError("the book knows no records yet", "run `onebook run` first")
    named = _column(where, "party_id", {r for one in said for r in (one.record_l, one.record_r)})
    here = crosswalk.join(named, on="party_id", how="left_semi").select("party_id", "kind").collect()
    problems = list(intake.unknown(said, {row["party_id"]: row["kind"] for row in here}))
    known: dict[str, tuple[str, str]] = {}
    if spoken is not None:
        same = spoken.join(
            _column(where, "decision_id", {one.decision_id for one in said}), "decision_id", "left_semi"
        )
        known = {r["decision_id"]: (r["decision"], r["reason"]) for r in same.collect()}
    new, changed = intake.fresh(said, known)
    intake.refuse(file, [*problems, *changed])
    return new


def _column(where: Place, name: str, values: set[str]) -> DataFrame:
    return where.spark.createDataFrame([(v,) for v in sorted(values)], f"{name} string")


def _appended(where: Place, file: Path, new: list[Said]) -> int:
    """Add the rows as one commit, entered in the ledger like any delivery; returns the import's number."""
    spoken, as_of = _table(where, TABLE), where.ledger.latest_as_of()
    last = spoken.agg(F.max("batch")).first() if spoken is not None else None
    batch = int((last[0] if last is not None else None) or 0) + 1
    assert as_of is not None
    rows = [
        (
            s.decision_id,
            s.record_l,
            s.record_r,
            s.decision,
            s.author,
            s.reason,
            s.decided_at,
            as_of,
            batch,
            decision.NEW,
        )
        for s in new
    ]
    frame = where.spark.createDataFrame(rows, decision.SCHEMA.spark)
    version = where.lake.append(frame, TABLE, decision.SCHEMA, {"decisions": len(rows), "batch": batch})
    where.ledger.deliver([_delivery(file, new, batch, as_of, version)])
    return batch


def _delivery(file: Path, new: list[Said], batch: int, as_of: Any, version: int) -> DeliveryEntry:
    return DeliveryEntry(
        batch_id=f"decisions-{batch}",
        table=TABLE,
        business_date=as_of,
        kind="decisions",
        content=intake.content(new),
        files=[file.name],
        outcome="taken",
        taken_as_of=as_of,
        rows_in=len(new),
        rows_out=len(new),
        version=version,
    )


def _judged(where: Place, batch: int) -> tuple[Counter[str], list[dict[str, Any]]]:
    """What the next run will make of an import: decisions by status, and the contradictions that it has a part in."""
    spoken = _table(where, TABLE)
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


def _table(where: Place, name: str) -> DataFrame | None:
    return where.lake.read(where.spark, name) if where.lake.version(name) is not None else None


def _rows(frame: DataFrame | None) -> list[dict[str, Any]]:
    return [] if frame is None else [r.asDict(recursive=True) for r in frame.orderBy("decision_id").collect()]

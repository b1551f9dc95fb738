"""`onebook quality`: what the gates said of each table, and Great Expectations' data docs of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

import typer
from pyspark.sql import functions as F

from jobs.cli import output
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Place, Verbose, day, place
from jobs.core import storage
from jobs.core.errors import UsageError
from jobs.core.quality import TABLE

COLUMNS = ("table", "rule", "action", "rows", "failures", "outcome")


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    docs: Annotated[bool, typer.Option("--docs", help="Build the data docs, a site of plain files.")] = False,
    days: Annotated[int, typer.Option(help="Days before the date that the data docs show too.", min=0)] = 0,
    everything: Annotated[bool, typer.Option("--all", help="Rules that held as well.")] = False,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show the rules that rows broke at a date (default: the book's); build the data docs."""
    where = place(bank, None, lake, conf).existing()
    at = day(as_of) or where.ledger.latest_as_of()
    if at is None or where.lake.version(TABLE) is None:
        raise UsageError("nothing was judged yet", "run `onebook run` first")
    results = _results(where, at, days)
    site = _site(where, results) if docs else None
    shown = [r for r in results if r["as_of"] == at and (everything or r["outcome"] != "ok")]
    if json:
        output.as_json({"as_of": at, "site": site, "results": [{c: r[c] for c in COLUMNS} for r in shown]})
        return
    output.table(f"Quality at {at}", COLUMNS, [[r[c] for c in COLUMNS] for r in shown], ("rows", "failures"))
    if site:
        output.say(f"data docs: {site}/index.html")


def _results(where: Place, at: date, days: int) -> list[dict[str, Any]]:
    """Rules × tables × days: counts only, and few."""
    judged = where.lake.read(where.spark, TABLE)
    rows = judged.where(F.col("as_of").between(F.lit(at - timedelta(days=days)), F.lit(at)))
    return [r.asDict() for r in rows.orderBy("as_of", "table", "rule").collect()]


def _site(where: Place, results: list[dict[str, Any]]) -> str:
    from expectations.docs import build_docs  # noqa: PLC0415 - Great Expectations takes seconds to import

    uri = storage.join(where.lake.uri, "docs", "quality")
    folders = (tree / "banks" / where.bank_name / "expectations" for tree in where.bank.trees)
    build_docs(results, uri, tuple(f for f in folders if f.is_dir()))  # type: ignore[arg-type]
    return uri

"""`onebook show`: a table's rows, version and columns, as the book stood at a date."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

import typer

from conf.bank import Bank
from jobs.bronze.table import bronze_schema
from jobs.cli import output
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Place, Verbose, day, place
from jobs.core.errors import UsageError
from jobs.core.ledger import Entry
from jobs.core.quality import RESULT
from jobs.core.quality import TABLE as QUALITY
from jobs.registry import registry


def command(
    table: Annotated[str, typer.Argument(help="layer.name, for example gold.customer_profile")],
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    rows: Annotated[int, typer.Option(help="Print this many rows too (restricted tables: none).", min=0)] = 0,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show a table as the book stood at the close of a date (default: now)."""
    where = place(bank, None, lake, conf).existing()
    version, entry = _version(where, table, day(as_of))
    frame = where.lake.read(where.spark, table, version)
    if rows and is_restricted(where.bank, table):
        output.say(f"{table} is restricted: none of its rows are printed")
        rows = 0
    told: dict[str, Any] = {
        "table": table,
        "version": version,
        "as_of": (entry.as_of if entry else day(as_of)),
        "rows": frame.count(),
        "columns": [
            {"name": f.name, "type": f.dataType.simpleString(), "meaning": _meaning(f)} for f in frame.schema
        ],
        "outcome": entry.outcome if entry else None,
        "message": _failure(where, table),
    }
    if json:
        shown = [r.asDict(recursive=True) for r in frame.limit(rows).collect()] if rows else []
        output.as_json({**told, **({"sample": shown} if rows else {})})
        return
    output.facts({k: told[k] for k in ("table", "version", "as_of", "rows") if told[k] is not None})
    if told["message"]:
        output.facts({"last run": told["message"]})
    output.table("columns", ("name", "type", "meaning"), [tuple(c.values()) for c in told["columns"]])
    if rows:
        output.table("rows", frame.columns, [tuple(r) for r in frame.limit(rows).collect()])


def is_restricted(bank: Bank, table: str) -> bool:
    """Whether a table holds direct identifiers or raw lines; one that nothing describes any more may do so."""
    delivered = {c.bronze: bronze_schema(c) for c in bank.contracts if c.bronze == table}
    schema = {**registry().schemas, QUALITY: RESULT, **delivered}.get(table)
    return schema is None or schema.restricted


def _version(where: Place, table: str, as_of: Any) -> tuple[int, Entry | None]:
    standing = where.lake.version(table) if "." in table else None
    if standing is None:
        raise _missing(where, table)
    entry = where.ledger.last(table, as_of)
    if as_of is None:
        return standing, entry
    if table.startswith("bronze."):
        dated = [
            d.version
            for d in where.ledger.deliveries(table)
            if d.version is not None and d.taken_as_of <= as_of
        ]
        if dated:
            return max(dated), None
    if entry is None or entry.version is None:
        raise UsageError(f"{table} wasn't there yet at {as_of}", _since(where, table))
    return entry.version, entry


def _since(where: Place, table: str) -> str:
    made = [e.as_of for e in where.ledger.entries() if e.table == table and e.version is not None]
    taken = [d.taken_as_of for d in where.ledger.deliveries(table) if d.version is not None]
    dates = [*made, *taken]
    return f"it was first made as of {min(dates)}" if dates else "give a later date"


def _missing(where: Place, table: str) -> UsageError:
    if table in registry().schemas:
        return UsageError(f"{table} isn't in this lake yet", f"make it: `onebook run --to-table {table}`")
    known, name = where.lake.tables(), table.rsplit(".", maxsplit=1)[-1]
    close = [t for t in known if t.split(".")[-1] == name] or get_close_matches(table, known, n=3, cutoff=0.7)
    return UsageError(
        f"there is no table {table}", f"did you mean {', '.join(close)}?" if close else "see `onebook list`"
    )


def _failure(where: Place, table: str) -> str | None:
    last = where.ledger.last(table, sound=False)
    return f"failed on {last.as_of}: {last.message}" if last and last.outcome == "failed" else None


def _meaning(field: Any) -> str:
    return str((field.metadata or {}).get("comment", ""))

"""`onebook maintain`: compact tables and remove files that no retained version needs."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli import output
from jobs.cli.book import only_writer
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Verbose, place
from jobs.core.maintenance import optimise, vacuum


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    tables: Annotated[str | None, typer.Option(help="Only these tables (comma-separated).")] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """OPTIMIZE and VACUUM every table; VACUUM keeps the retention that the settings name."""
    where = place(bank, None, lake, conf).existing()
    chosen = [t.strip() for t in tables.split(",")] if tables else where.lake.tables()
    hours = where.settings.maintenance.vacuum_hours
    with only_writer(where):
        for table in chosen:
            removed, added = optimise(where.spark, where.lake, table)
            vacuum(where.spark, where.lake, table, hours)
            told = {"table": table, "files_before": removed, "files_after": added, "vacuum_hours": hours}
            if json:
                output.as_json(told)
            else:
                output.say(f"{table:<34} {removed} files rewritten as {added}")

"""`onebook maintain`: compact tables and remove files that no retained version needs."""

from __future__ import annotations

from typing import Annotated

import typer

from conf.wording import near
from jobs.cli import output
from jobs.cli.book import only_writer
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Verbose, place
from jobs.core.errors import UsageError
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
    chosen = _chosen(where.lake.tables(), tables)
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


def _chosen(there: list[str], tables: str | None) -> list[str]:
    """The tables named, by default all. Raises UsageError, before anything is done, for one that isn't there."""
    named = [name.strip() for name in (tables or "").split(",") if name.strip()]
    if absent := [name for name in named if name not in there]:
        raise UsageError(
            f"there is no table {absent[0]} in this lake", near(absent[0], there, "see `onebook list`")
        )
    return named or there

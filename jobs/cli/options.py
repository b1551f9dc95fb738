"""Options that the commands share, and the place (bank, lake, extracts, settings) that they describe."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyspark.sql import SparkSession

from conf.bank import Bank, open_bank
from conf.settings import Settings, load_settings
from conf.trees import check_trees
from jobs.core import session, storage
from jobs.core.catalog import Lake
from jobs.core.errors import UsageError
from jobs.core.ledger import Ledger, open_ledger

DAY_AS: Final = "YYYY-MM-DD"


def a_day(value: str | datetime) -> datetime:
    """The business date that an option names."""
    try:
        return value if isinstance(value, datetime) else datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        raise typer.BadParameter(f"{value!r} is no date: write {DAY_AS}, such as 2026-03-01") from None


def dated(*names: str, help: str) -> Any:
    """An option that takes a business date."""
    return typer.Option(*names, parser=a_day, metavar=DAY_AS, help=help)


BankName = Annotated[
    str, typer.Option("--bank", envvar="ONEBOOK_BANK", help="Bank: a folder under conf/banks.")
]
ExtractsAt = Annotated[
    str | None,
    typer.Option("--extracts", envvar="ONEBOOK_EXTRACTS", help="Folder or URI of the bank's extracts."),
]
LakeAt = Annotated[
    str | None,
    typer.Option("--lake", envvar="ONEBOOK_LAKE", help="Folder or URI of the lake [data/lake/<bank>]."),
]
ConfAt = Annotated[
    list[Path] | None,
    typer.Option(
        "--conf", envvar="ONEBOOK_CONF", help="A configuration tree laid over conf/; may be repeated."
    ),
]
AsOfDate = Annotated[datetime | None, dated("--as-of", help="Business date.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, nothing else.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show whole traces; they may quote rows.")]


@dataclass(frozen=True)
class Place:
    """Where a command works."""

    bank_name: str
    extracts_at: str | None
    lake_at: str | None
    trees: tuple[Path, ...]

    @cached_property
    def bank(self) -> Bank:
        """The bank's configuration."""
        bank = open_bank(self.bank_name, self.trees)
        check_trees(bank)
        return bank

    @cached_property
    def settings(self) -> Settings:
        """The machine's settings."""
        return load_settings(self.trees)

    @cached_property
    def lake(self) -> Lake:
        """The lake, whether or not anything stands there yet."""
        return Lake(storage.as_uri(self.lake_at or session.PROJECT / "data" / "lake" / self.bank_name))

    @cached_property
    def extracts(self) -> str:
        """URI of the extracts. Raises UsageError where there is no such folder."""
        uri = storage.as_uri(self.extracts_at or session.PROJECT / "data" / "extracts" / self.bank.name)
        if not storage.is_folder(uri):
            raise UsageError(f"there is no folder {uri}", "give the extracts' folder with --extracts")
        return uri

    @cached_property
    def ledger(self) -> Ledger:
        """The lake's ledger. Raises UsageError where there is no lake."""
        return open_ledger(self.lake.uri, self.settings.ledger.url)

    def own(self) -> Place:
        """This place, if what stands there is the bank's. Raises UsageError where another bank's book is in the lake."""
        owner = self.ledger.bank()
        if owner not in (None, self.bank_name):
            remedy = f"give --bank {owner}, or another --lake for {self.bank_name}"
            raise UsageError(
                f"{self.lake.uri} holds the book of the bank {owner}, not {self.bank_name}'s", remedy
            )
        return self

    @cached_property
    def spark(self) -> SparkSession:
        """The process's session, started at first use."""
        return session.start(self.settings)

    def existing(self) -> Place:
        """This place, if something has been run there for the bank. Raises UsageError otherwise."""
        if not storage.exists(self.lake.uri):
            raise UsageError(
                f"there is no lake at {self.lake.uri}", "run `onebook run` first, or give --lake"
            )
        return self.own()

    def holding(self, tables: Iterable[str], remedy: str = "run `onebook run` first") -> Place:
        """This place, if all these tables stand there. Raises UsageError for the first that doesn't."""
        for table in tables:
            if self.lake.version(table) is None:
                raise UsageError(f"there is no {table} yet", remedy)
        return self


def place(bank: str, extracts: str | None, lake: str | None, conf: list[Path] | None) -> Place:
    """The place that the options describe; what is written there is for its owner and group, whatever others might do."""
    os.umask(os.umask(0o077) | 0o007)
    return Place(bank, extracts, lake, tuple(conf or ()))


def day(value: datetime | None) -> date | None:
    """The date of an option."""
    return value.date() if value else None

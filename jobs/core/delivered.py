"""Deliveries told in the note of the commit that took them in, so that none is lost to a crash before the ledger heard of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from jobs.core.ledger import DeliveryEntry, Ledger

NOTE: Final = "deliveries"
REPLACED: Final = "replaced"


def note(entries: Iterable[DeliveryEntry], replaced: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """What a commit says of the deliveries that it takes in, and of those that no longer count."""
    return {NOTE: [_noted(e) for e in entries], REPLACED: [list(pair) for pair in replaced]}


def recover(lake: Lake, ledger: Ledger, spark: SparkSession, table: str) -> None:
    """Enter the deliveries of a commit to `table` that a crash kept from the ledger."""
    version = lake.version(table)
    known = max((e.version for e in ledger.deliveries(table) if e.version is not None), default=-1)
    if version is None or version <= known:
        return
    found = lake.metadata_after(spark, table, known, NOTE)
    if found is None:
        return
    at, told = found
    ledger.deliver([_entry(e, at) for e in told[NOTE]], [(old, new) for old, new in told[REPLACED]])


def _noted(entry: DeliveryEntry) -> dict[str, Any]:
    dates = {n: getattr(entry, n).isoformat() for n in ("business_date", "taken_as_of")}
    return {**asdict(entry), **dates}


def _entry(noted: Mapping[str, Any], version: int) -> DeliveryEntry:
    dates = {n: date.fromisoformat(noted[n]) for n in ("business_date", "taken_as_of")}
    return DeliveryEntry(**{**noted, **dates, "version": version})

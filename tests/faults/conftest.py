"""A small bank that delivers: dated folders with manifests, and ways to spoil them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.contracts import SourceContract
from jobs.bronze.ingest import Ingest
from jobs.core.catalog import Lake
from jobs.core.ledger import DeliveryEntry, open_ledger
from jobs.core.storage import as_uri

HEADER = "pay_id|payer|paid_on|amount"


def payments_contract(**changes: Any) -> SourceContract:
    """Payments: pipe-delimited, GB18030, a control total, three days of lateness."""
    columns = [
        {"name": "pay_id", "type": "bigint", "level": 2, "category": "key", "meaning": "payment"},
        {
            "name": "payer",
            "type": "string",
            "level": 3,
            "category": "direct_identifier",
            "meaning": "payer's name",
        },
        {
            "name": "paid_on",
            "type": "date",
            "format": "yyyyMMdd",
            "level": 2,
            "category": "time",
            "meaning": "day",
        },
        {"name": "amount", "type": "decimal(18,2)", "level": 3, "category": "financial", "meaning": "yuan"},
    ]
    told = {
        "system": "core",
        "table": "payments",
        "description": "payments",
        "delivery": {"files": "payments*.txt", "kind": "event"},
        "format": {"type": "csv", "encoding": "gb18030", "delimiter": "|", "quote": None},
        "columns": columns,
        "keys": ["pay_id"],
        "control_totals": ["amount"],
        "subject": "concat('core|', payer)",
        "rules": {"amount_positive": "amount > 0"},
    }
    return SourceContract.model_validate(told | changes)


@dataclass
class Source:
    """A source system writing dated folders; each method returns the file it wrote."""

    root: Path
    system: str = "core"

    def folder(self, day: str) -> Path:
        made = self.root / self.system / day
        made.mkdir(parents=True, exist_ok=True)
        return made

    def text(self, day: str, lines: list[str], name: str = "payments.txt", **claims: Any) -> Path:
        """A good delivery of payments, with a true manifest unless `claims` say otherwise."""
        file = self.folder(day) / name
        file.write_bytes("".join(f"{line}\n" for line in [HEADER, *lines]).encode("gb18030"))
        total = sum((Decimal(r.split("|")[3]) for r in lines), Decimal(0))
        self.manifest(day, file, **({"rows": len(lines), "control_totals": {"amount": str(total)}} | claims))
        return file

    def manifest(self, day: str, *files: Path, **claims: Any) -> Path:
        """A manifest of what lies in the folder now."""
        listed = [
            {"file": f.name, "bytes": f.stat().st_size, "sha256": hashlib.sha256(f.read_bytes()).hexdigest()}
            | claims
            for f in files
        ]
        path = self.folder(day) / "manifest.json"
        path.write_text(json.dumps({"bank": "test", "business_date": day, "kind": "daily", "files": listed}))
        return path


@dataclass
class Counter:
    """An ingestion into one lake, driven by date."""

    spark: SparkSession
    lake: Lake
    source: Source
    contract: SourceContract = field(default_factory=payments_contract)

    def take(self, as_of: str = "2024-12-31", *, replace: bool = False) -> dict[str, DeliveryEntry]:
        """Entries by business date."""
        ledger = open_ledger(self.lake.uri)
        extracts = as_uri(self.source.root)
        run = Ingest(self.spark, self.lake, ledger, "test", extracts, date.fromisoformat(as_of), replace)
        return {e.business_date.isoformat(): e for e in run.take(self.contract)}

    def rows(self) -> int:
        return self.lake.read(self.spark, self.contract.bronze).count()


def row(number: int, payer: str = "张伟", amount: str = "12.50", day: str = "20240105") -> str:
    return f"{number}|{payer}|{day}|{amount}"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path / "extracts")


@pytest.fixture
def counter(spark: SparkSession, lake: Lake, source: Source) -> Counter:
    return Counter(spark, lake, source)


@pytest.fixture
def make_row() -> Callable[..., str]:
    return row


@pytest.fixture(scope="module")
def module_counter(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Counter:
    """One counter for a whole module: many deliveries are judged in one pass."""
    base = tmp_path_factory.mktemp("bank")
    return Counter(spark, Lake(as_uri(base / "lake")), Source(base / "extracts"))

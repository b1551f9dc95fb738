"""Stewards' corrections of golden values as they come in: a CSV or Parquet file, checked row by row before anything is written.

A row says of a record's customer that an attribute is `value` (`set`), that it never is (`reject`), or takes back what was said
(`withdraw`; without a value all that was said of the attribute), with author, reason and time. A row with an empty
correction was left open. Problems name lines, never values.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from conf.wording import near
from jobs.identity import answers
from jobs.identity.answers import SIGNED, BadRow, Form, Intake, instant, key_of, no_record, one_of, require
from jobs.identity.candidates import ADDRESS, ATTRIBUTES
from jobs.identity.correction import CORRECTIONS
from models.matching.decisions import WITHDRAW

FORM: Final = Form(
    "corrections",
    "value",
    "record, attribute, value",
    ("record", "attribute", "correction", "value"),
    "correction",
)
REVIEWED: Final = "kyc"
"""What no steward says: the bank's own review of who its customers are."""
CORRECTABLE: Final = tuple(a for a in ATTRIBUTES if a != REVIEWED)


@dataclass(frozen=True, slots=True)
class Said:
    """One filled-in row: `line` of the file (row number of a Parquet file), time in UTC; value None: of all values."""

    line: int
    party_id: str
    attribute: str
    correction: str
    value: str | None
    author: str
    reason: str
    decided_at: datetime

    @property
    def key(self) -> str:
        """The same for the same author, record, attribute, value and moment."""
        moment = self.decided_at.isoformat()
        return key_of(self.party_id, self.attribute, self.value or "", self.author, moment)

    @property
    def told(self) -> tuple[str, str]:
        """What was said."""
        return self.correction, self.reason


def read(
    file: Path, *, now: datetime, author: str | None = None, decided_at: str | None = None
) -> Intake[Said]:
    """The corrections in a file, as `answers.read` reads it."""
    return answers.read(file, FORM, partial(_said, now=now), author=author, decided_at=decided_at)


def unknown(said: Iterable[Said], records: Collection[str]) -> Iterator[str]:
    """Problems with records: `records` are those that the book knows."""
    return (no_record(one.line, one.party_id) for one in said if one.party_id not in records)


def _said(line: int, row: Mapping[str, Any], now: datetime) -> Said:
    correction = one_of(row["correction"], "correction", CORRECTIONS)
    require(row, ("record", "attribute", *SIGNED))
    attribute = _attribute(str(row["attribute"]))
    value = None if row["value"] == "" else str(row["value"])
    if value is None and correction != WITHDRAW:
        raise BadRow(f"value is missing; say which one to {correction}")
    if value is not None and attribute == "address":
        value = _address(value)
    decided_at = instant(row["decided_at"], now)
    return Said(
        line,
        str(row["record"]),
        attribute,
        correction,
        value,
        str(row["author"]),
        str(row["reason"]),
        decided_at,
    )


def _attribute(word: str) -> str:
    if word == REVIEWED:
        raise BadRow(
            f"{REVIEWED} is the bank's own review, which no steward corrects; mend it in the system that states it"
        )
    if word not in CORRECTABLE:
        raise BadRow(
            f"{word!r} is no golden attribute; {near(word, CORRECTABLE, 'see docs/golden-record.md')}"
        )
    return word


def _address(value: str) -> str:
    """An address as the book writes one."""
    try:
        parts = json.loads(value)
    except ValueError:
        parts = None
    parts = {n: v for n, v in parts.items() if v not in (None, "")} if isinstance(parts, dict) else {}
    plain = all(isinstance(v, str | int) for v in parts.values())
    if not parts or not plain or not parts.keys() <= set(ADDRESS):
        raise BadRow(
            f'an address is JSON with any of {", ".join(ADDRESS)}, such as {{"city": …, "street": …}}'
        )
    return json.dumps({name: str(parts[name]) for name in ADDRESS if name in parts}, ensure_ascii=False)

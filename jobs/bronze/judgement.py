"""Judging deliveries: what the ledger knows of them before they are read, what their files show afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from conf.contracts import SourceContract
from jobs.bronze.content import Facts
from jobs.bronze.delivery import Delivery, FileRef, Fingerprint
from jobs.bronze.outcomes import Finding, Outcome
from jobs.core.ledger import DeliveryEntry

TAKEN: Final = "taken"
TAKEN_OUTCOMES: Final = frozenset({TAKEN, Outcome.LATE.label, Outcome.UNVERIFIED_CONTROL_TOTAL.label})
ENOUGH_TO_JUDGE: Final = 10  # so many rows, all of them bad, are a bad file and not bad rows
SCALE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Measured:
    """What staging measured of one file: records, those with faults, sums of control columns (as told)."""

    facts: Facts
    faulty: int = 0
    malformed: int = 0
    unsummed: int = 0
    extra: tuple[str, ...] = ()
    never_given: tuple[str, ...] = ()
    sums: Mapping[str, Decimal | None] = field(default_factory=dict)


def read_facts(text: str) -> Facts:
    """Facts as the worker sent them."""
    told: dict[str, Any] = json.loads(text)
    told["problems"] = [(label, what) for label, what in told["problems"]]
    return Facts(**told)


@dataclass(frozen=True, slots=True)
class Past:
    """What the ledger remembers of a contract's deliveries."""

    entries: Sequence[DeliveryEntry]

    @property
    def standing(self) -> list[DeliveryEntry]:
        """Taken in and not replaced since."""
        return [e for e in self.entries if e.outcome in TAKEN_OUTCOMES and e.superseded_by is None]

    def fingerprints(self) -> dict[str, Fingerprint]:
        """Size, time and checksum of every file that was taken in, by name."""
        return {name: print_ for e in self.standing for name, print_ in map(read_trace, e.files)}

    def before(self, delivery: Delivery) -> DeliveryEntry | None:
        """The standing entry of the same business date, if there is one."""
        same = [e for e in self.standing if e.business_date == delivery.business_date]
        return same[-1] if same else None


def is_known(delivery: Delivery, past: Past) -> bool:
    """Whether this very delivery, under the same file names, is in already: there is nothing to say about it."""
    return any(
        e.batch_id == delivery.batch_id
        and [read_trace(t)[0] for t in e.files] == [f.name for f in delivery.files]
        for e in past.standing
    )


def judge_by_ledger(
    delivery: Delivery, contract: SourceContract, past: Past, *, replace: bool
) -> list[Finding]:
    """Duplicate, changed content, late: found without opening a file."""
    name = ", ".join(f.name for f in delivery.files)
    if twin := _twin(delivery, contract, past):
        what = f"the same content was taken in as {', '.join(read_trace(t)[0] for t in twin.files)}"
        return [Finding(Outcome.DUPLICATE, name, what)]
    found = []
    before = past.before(delivery)
    if before is not None and not replace:
        what = f"{delivery.business_date} was taken in before with other content"
        found.append(Finding(Outcome.CHANGED_CONTENT, name, what))
    newest = max((e.business_date for e in past.standing), default=None)
    if newest is not None and before is None and _is_late(delivery.business_date, newest, contract):
        what = f"{delivery.business_date} arrives after {newest} was taken in"
        found.append(Finding(Outcome.LATE, name, what))
    return found


def _twin(delivery: Delivery, contract: SourceContract, past: Past) -> DeliveryEntry | None:
    """The same content taken in before: of the same date, or, for events, of any (they tell their own dates)."""
    silent = all(f.rows in (0, None) for f in delivery.files)
    for e in past.standing:
        same_date = e.business_date == delivery.business_date
        if e.content == delivery.content and (
            same_date or (contract.delivery.kind == "event" and not silent)
        ):
            return e
    return None


def _is_late(day: date, newest: date, contract: SourceContract) -> bool:
    return day < newest - timedelta(days=contract.delivery.lateness_days)


def judge_by_content(
    delivery: Delivery, contract: SourceContract, measured: Sequence[Measured]
) -> list[Finding]:
    """Everything that reading showed; `measured` runs parallel to the delivery's files."""
    found: list[Finding] = []
    for file, seen in zip(delivery.files, measured, strict=True):
        found += [Finding(Outcome.named(label), file.name, what) for label, what in seen.facts.problems]
        found += _against_manifest(file, seen)
        found += _shape(file, seen, contract)
        found += _totals(file, seen)
    return found


def _against_manifest(file: FileRef, seen: Measured) -> Iterable[Finding]:
    facts = seen.facts
    if file.claimed_bytes is not None and facts.bytes < file.claimed_bytes:
        what = f"{facts.bytes:,} of {file.claimed_bytes:,} bytes are there"
        yield Finding(Outcome.TRUNCATED, file.name, what)
    elif file.claimed_bytes is not None and facts.bytes > file.claimed_bytes:
        what = f"has {facts.bytes:,} bytes, the manifest says {file.claimed_bytes:,}"
        yield Finding(Outcome.WRONG_CHECKSUM, file.name, what)
    if file.claimed_sha256 is not None and facts.sha256 != file.claimed_sha256:
        yield Finding(Outcome.WRONG_CHECKSUM, file.name, "its sha256 isn't the manifest's")
    elif facts.sha256 != file.sha256:
        yield Finding(Outcome.STILL_BEING_WRITTEN, file.name, "its content changed while it was read")
    if file.claimed_bytes is None and file.claimed_sha256 is None and facts.unterminated:
        yield Finding(Outcome.TRUNCATED, file.name, "its last record isn't ended by a line break")
    if file.rows is not None and facts.rows != file.rows and not _cut_short(facts):
        what = f"has {facts.rows:,} records, the manifest says {file.rows:,}"
        yield Finding(Outcome.WRONG_ROW_COUNT, file.name, what)


def _shape(file: FileRef, seen: Measured, contract: SourceContract) -> Iterable[Finding]:
    rows = seen.facts.rows
    if _cut_short(seen.facts):
        return
    if not rows and (contract.delivery.kind == "full" or file.rows != 0) and file.bytes:
        yield Finding(Outcome.EMPTY_FILE, file.name, "no record in it")
    if seen.extra:
        names = ", ".join(k if k.isidentifier() and len(k) <= 40 else "(not a name)" for k in seen.extra[:8])
        yield Finding(Outcome.EXTRA_COLUMN, file.name, f"has {names}, which the contract doesn't know")
    if rows >= ENOUGH_TO_JUDGE and seen.malformed == rows:
        yield Finding(Outcome.MALFORMED, file.name, "no record has the contract's shape")
    elif rows >= ENOUGH_TO_JUDGE and seen.never_given and contract.format.type == "json":
        yield Finding(Outcome.MISSING_COLUMN, file.name, f"no record has {', '.join(seen.never_given)}")


def _totals(file: FileRef, seen: Measured) -> Iterable[Finding]:
    if _cut_short(seen.facts):
        return
    unsure = seen.malformed + seen.unsummed
    for name, claimed in file.control_totals:
        told = seen.sums.get(name) or Decimal(0)
        if told.quantize(SCALE) == claimed.quantize(SCALE):
            continue
        if unsure:
            what = f"{name}: {unsure} rows can't be read, so its total can't be compared"
            yield Finding(Outcome.UNVERIFIED_CONTROL_TOTAL, file.name, what)
        else:
            what = f"{name} sums up to {told.normalize():f}, the manifest says {claimed:f}"
            yield Finding(Outcome.WRONG_CONTROL_TOTAL, file.name, what)


def _cut_short(facts: Facts) -> bool:
    """Whether reading ended early, so that counts and sums mean nothing."""
    return any(label != Outcome.STILL_BEING_WRITTEN.label for label, _ in facts.problems)


def trace(file: FileRef, facts: Facts | None) -> str:
    """A file as the ledger remembers it: name, size, time, checksum."""
    sha256 = facts.sha256 if facts else file.sha256
    return f"{file.name}|{file.bytes}|{file.modified}|{sha256}"


def read_trace(text: str) -> tuple[str, Fingerprint]:
    """(name, fingerprint) from a ledger's trace."""
    name, size, modified, sha256 = text.rsplit("|", 3)
    return name, Fingerprint(int(size), int(modified), sha256)

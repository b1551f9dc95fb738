"""The ledger: the memory of every delivery, run and table version, kept outside the tables it describes.

It is a relational database reached through SQLAlchemy: an SQLite file in the lake unless configured
otherwise. Clocks live here and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from jobs.core import storage
from jobs.core.ledger_tables import DELIVERY, ENTRY, META, PIN, RUN


@dataclass(frozen=True, slots=True)
class Entry:
    """One table's outcome in one run. Row counts: in = out + quarantined + deduplicated.

    outcome: written | unchanged | failed. `inputs` maps each input table to the [version, epoch] consumed;
    `epoch` counts full rebuilds, so that readers of changes know when to start over; `pending` rows were
    delivered but aren't known yet at as_of.
    """

    table: str
    as_of: date
    outcome: str
    signature: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    epoch: int = 0
    rows_in: int = 0
    rows_out: int = 0
    quarantined: int = 0
    deduplicated: int = 0
    pending: int = 0
    hash: str | None = None
    sums: dict[str, str] = field(default_factory=dict)
    gate: str | None = None
    model_version: str | None = None
    stale: list[str] = field(default_factory=list)
    message: str | None = None
    seconds: float = 0.0
    bytes: int | None = None

    def note(self) -> dict[str, Any]:
        """What goes into the commit itself, so that a crash before the ledger's entry loses nothing."""
        kept = {k: v for k, v in asdict(self).items() if k not in ("seconds", "bytes", "version")}
        return {**kept, "as_of": self.as_of.isoformat()}


def entry_from_note(note: dict[str, Any], version: int) -> Entry:
    """The entry that a commit's note stands for."""
    known = {f.name for f in fields(Entry)}
    kept = {k: v for k, v in note.items() if k in known}
    return Entry(**{**kept, "as_of": date.fromisoformat(note["as_of"]), "version": version})


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One delivery of one source table and what became of it."""

    batch_id: str
    table: str
    business_date: date
    kind: str
    content: str
    files: list[str]
    outcome: str
    taken_as_of: date
    message: str | None = None
    rows_in: int = 0
    rows_out: int = 0
    quarantined: int = 0
    deduplicated: int = 0
    superseded_by: str | None = None
    version: int | None = None


class Ledger:
    """Reads and writes the ledger's database. Safe for the runner's threads."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        self._lock = threading.Lock()
        META.create_all(self._engine)

    def begin(self, bank: str, as_of: date, code: str, conf: str) -> int:
        """Open a run; returns its id."""
        with self._lock, self._engine.begin() as c:
            made = c.execute(
                RUN.insert().values(
                    bank=bank, as_of=as_of, code=code, conf=conf, started_at=_now(), status="running"
                )
            )
            return int((made.inserted_primary_key or (0,))[0])

    def bank(self) -> str | None:
        """The bank whose book it is: that of the first run. None before it."""
        with self._engine.connect() as c:
            found: str | None = c.execute(sa.select(RUN.c.bank).order_by(RUN.c.run_id).limit(1)).scalar()
        return found

    def end(self, run_id: int, status: str) -> None:
        """Close a run: done | partial | failed."""
        with self._lock, self._engine.begin() as c:
            c.execute(RUN.update().where(RUN.c.run_id == run_id).values(ended_at=_now(), status=status))

    def enter(self, run_id: int | None, entry: Entry) -> None:
        """Add a table's outcome."""
        with self._lock, self._engine.begin() as c:
            c.execute(ENTRY.insert().values(run_id=run_id, written_at=_now(), **asdict(entry)))

    def last(self, table: str, as_of: date | None = None, *, sound: bool = True) -> Entry | None:
        """The last entry of a table, at or before `as_of`; only sound ones (not failed) unless told."""
        query = sa.select(ENTRY).where(ENTRY.c.table == table).order_by(ENTRY.c.seq.desc()).limit(1)
        if sound:
            query = query.where(ENTRY.c.outcome != "failed")
        if as_of is not None:
            query = query.where(ENTRY.c.as_of <= as_of)
        with self._engine.connect() as c:
            row = c.execute(query).mappings().first()
        return _entry(row) if row else None

    def entries(self, as_of: date | None = None) -> list[Entry]:
        """All entries, oldest first, of one business date if given."""
        query = sa.select(ENTRY).order_by(ENTRY.c.seq)
        if as_of is not None:
            query = query.where(ENTRY.c.as_of == as_of)
        with self._engine.connect() as c:
            return [_entry(row) for row in c.execute(query).mappings()]

    def latest_as_of(self) -> date | None:
        """The latest business date that any table was brought to."""
        with self._engine.connect() as c:
            latest: date | None = c.execute(sa.select(sa.func.max(ENTRY.c.as_of))).scalar()
        return latest

    def brought_to(self, as_of: date) -> set[str]:
        """Tables that were brought to this very date, in one run or in several."""
        query = sa.select(ENTRY.c.table).where((ENTRY.c.as_of == as_of) & (ENTRY.c.outcome != "failed"))
        with self._engine.connect() as c:
            return set(c.execute(query.distinct()).scalars())

    def faulty_at(self, as_of: date) -> set[str]:
        """Tables whose last word on this date is that they failed, were built on what failed, or (bronze) that
        a delivery was refused. Later steps of the same day, in whatever process, are stale by them.
        """
        failed = [e.table for e in self.last_words(as_of) if e.outcome == "failed" or e.stale]
        last = {d.table: d for d in self.deliveries() if d.taken_as_of == as_of}
        return {*failed, *(t for t, d in last.items() if d.version is None and d.outcome != "duplicate")}

    def last_words(self, as_of: date) -> list[Entry]:
        """The last entry of each table on one business date: what failed and was mended since isn't told."""
        return list({e.table: e for e in self.entries(as_of)}.values())

    def deliver(self, entries: Iterable[DeliveryEntry], replaced: Iterable[tuple[str, str]] = ()) -> None:
        """Add deliveries' outcomes. `replaced`: batches whose rows no longer count, each with the one instead of it.

        All or nothing: of a delivery that is in while the one before it still counts, every row would stand twice.
        """
        with self._lock, self._engine.begin() as c:
            for entry in entries:
                c.execute(DELIVERY.insert().values(written_at=_now(), **asdict(entry)))
            for batch_id, by in replaced:
                c.execute(DELIVERY.update().where(DELIVERY.c.batch_id == batch_id).values(superseded_by=by))

    def deliveries(self, table: str | None = None) -> list[DeliveryEntry]:
        """Deliveries in the order they were dealt with, of one bronze table if given."""
        query = sa.select(DELIVERY).order_by(DELIVERY.c.seq)
        if table is not None:
            query = query.where(DELIVERY.c.table == table)
        names = [f.name for f in fields(DeliveryEntry)]
        with self._engine.connect() as c:
            return [DeliveryEntry(**{n: row[n] for n in names}) for row in c.execute(query).mappings()]

    def pin(self, as_of: date, name: str, version: str) -> None:
        """Remember which version of a model or decision a date was run with; a later pin replaces it."""
        with self._lock, self._engine.begin() as c:
            c.execute(PIN.delete().where((PIN.c.as_of == as_of) & (PIN.c.name == name)))
            c.execute(PIN.insert().values(as_of=as_of, name=name, version=version))

    def pinned(self, as_of: date, name: str) -> str | None:
        """The version pinned for a date."""
        query = sa.select(PIN.c.version).where((PIN.c.as_of == as_of) & (PIN.c.name == name))
        with self._engine.connect() as c:
            version: str | None = c.execute(query).scalar()
        return version


def open_ledger(lake_uri: str, url: str | None = None) -> Ledger:
    """The ledger at `url`, by default the file ledger.db in a local lake."""
    if url is None:
        path = storage.local_path(storage.join(lake_uri, "ledger.db"))
        path.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{path}"
    return Ledger(url)


def _entry(row: Any) -> Entry:
    return Entry(**{f.name: row[f.name] for f in fields(Entry)})


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)

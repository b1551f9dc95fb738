"""Deliveries: the files of one source contract for one business date, found under an extracts root.

Layouts: dated `<root>/<system>/<YYYY-MM-DD>/<files>` with a manifest.json, or flat `<root>/<files>`. Only
names, sizes, times and manifests are read here; contents are read once, by the workers. A batch id is the
hash of bank, system, table, business date and the checksums of the contents, so the same content always
has the same id. A checksum comes from the manifest (held against the bytes when they are read), from the
ledger while size and time of modification are what they were (as git's index does), or from the bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from pyarrow import fs
from pydantic import ValidationError

from conf.contracts import SourceContract
from jobs.bronze.delivery import ID_LENGTH, Delivery, FileRef, Fingerprint
from jobs.bronze.manifest import MANIFEST, Manifest, ManifestFile
from jobs.bronze.outcomes import Finding, Outcome
from jobs.core.storage import LOCAL, join, local_path, opened

# Names that transfer programs give to what they haven't finished.
UNFINISHED: Final = (".part", ".partial", ".tmp", ".filepart", ".inprogress", ".uploading", ".crdownload")
BLOCK: Final = 1 << 20


def discover(
    extracts: str,
    bank: str,
    contract: SourceContract,
    as_of: date,
    seen: Mapping[str, Fingerprint] | None = None,
) -> list[Delivery]:
    """Every delivery of `contract` dated up to `as_of`, oldest first, whether new or taken in before.

    `extracts` is a URI; `seen` maps file names (relative to it) to what the ledger remembers.
    """
    system, root = opened(extracts)
    look = _Look(extracts, system, root, bank, contract, seen or {})
    if contract.delivery.layout == "flat":
        found = [look.flat()] if (contract.delivery.taken_from or as_of) <= as_of else []
    else:
        found = [look.dated(day, path) for day, path in look.days() if day <= as_of]
    return [d for d in found if d is not None]


@dataclass(frozen=True, slots=True)
class _Look:
    """One contract's view of an extracts root."""

    extracts: str
    system: fs.FileSystem
    root: str
    bank: str
    contract: SourceContract
    seen: Mapping[str, Fingerprint]

    def days(self) -> list[tuple[date, str]]:
        """The dated folders of the contract's system, oldest first."""
        entries = self._list(f"{self.root}/{self.contract.system}")
        dated = [(_as_date(e.base_name), e.path) for e in entries if e.type == fs.FileType.Directory]
        return sorted((day, path) for day, path in dated if day is not None)

    def flat(self) -> Delivery | None:
        """The one delivery of a folder without dates. Its manifest, if the contract asks for one, lies there."""
        business_date = self.contract.delivery.date_
        assert business_date is not None, "conf.contracts holds flat and date together"
        return self._delivery(business_date, self.root)

    def dated(self, day: date, folder: str) -> Delivery | None:
        """The delivery in a dated folder, or None where the folder holds nothing of this contract."""
        return self._delivery(day, folder)

    def _delivery(self, day: date, folder: str) -> Delivery | None:
        here = [e for e in self._list(folder) if e.type != fs.FileType.Directory]
        wanted = [e for e in here if fnmatchcase(e.base_name, self.contract.delivery.files)]
        unfinished = [e for e in here if self._is_unfinished(e.base_name)]
        manifest, manifest_uri, findings = self._manifest(day, folder, here)
        listed = (
            [f for f in manifest.files if fnmatchcase(f.name, self.contract.delivery.files)]
            if manifest
            else []
        )
        wanted = [e for e in wanted if e not in unfinished and e.base_name != MANIFEST]
        if not (wanted or listed or unfinished):
            return None
        findings += [
            self._find(Outcome.STILL_BEING_WRITTEN, e.path, "a transfer is under way") for e in unfinished
        ]
        findings += self._unsafe(folder, wanted, listed) + self._unmatched(folder, wanted, listed, manifest)
        safe = not any(f.outcome is Outcome.UNSAFE_PATH for f in findings)
        claims = {f.name: f for f in listed}
        files = tuple(self._file(e, claims.get(e.base_name), read=safe) for e in wanted)
        findings += self._empty(files)
        kind = manifest.kind if manifest else "daily"
        return Delivery(
            self.contract.bronze, day, kind, files, manifest_uri, self._batch_id(day, files), tuple(findings)
        )

    def _manifest(
        self, day: date, folder: str, here: Iterable[fs.FileInfo]
    ) -> tuple[Manifest | None, str | None, list[Finding]]:
        if self.contract.delivery.manifest == "none":
            return None, None, []
        path = f"{folder}/{MANIFEST}"
        if not any(e.base_name == MANIFEST for e in here):
            return (
                None,
                None,
                [self._find(Outcome.ABSENT_MANIFEST, path, "the folder has files but no manifest")],
            )
        try:
            with self.system.open_input_file(path) as source:
                manifest = Manifest.model_validate_json(source.read())
        except ValidationError as error:
            where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
            return None, None, [self._find(Outcome.BAD_MANIFEST, path, where)]
        findings = []
        if manifest.bank not in (None, self.bank):
            findings.append(
                self._find(Outcome.ANOTHER_BANK, path, f"of bank {manifest.bank}, not {self.bank}")
            )
        if manifest.business_date != day:
            findings.append(self._find(Outcome.WRONG_DATE, path, f"says {manifest.business_date}, not {day}"))
        return manifest, self._uri(path), findings

    def _unsafe(self, folder: str, wanted: list[fs.FileInfo], listed: list[ManifestFile]) -> list[Finding]:
        links = [e.path for e in wanted if self._is_link(e.path)]
        links += [folder] if self._is_link(folder) and folder != self.root else []
        outside = [f.name for f in listed if "/" in f.name or "\\" in f.name or f.name in (".", "..")]
        found = [self._find(Outcome.UNSAFE_PATH, p, "a symbolic link") for p in links]
        return found + [
            self._find(Outcome.UNSAFE_PATH, f"{folder}/{MANIFEST}", f"lists {n!r}, outside its folder")
            for n in outside
        ]

    def _unmatched(
        self, folder: str, wanted: list[fs.FileInfo], listed: list[ManifestFile], manifest: Manifest | None
    ) -> list[Finding]:
        if manifest is None:
            return []
        here, said = {e.base_name for e in wanted}, {f.name for f in listed}
        missing = [
            self._find(Outcome.MISSING_FILE, f"{folder}/{n}", "listed, not there")
            for n in sorted(said - here)
        ]
        return missing + [
            self._find(Outcome.UNLISTED_FILE, f"{folder}/{n}", "there, not listed")
            for n in sorted(here - said)
        ]

    def _empty(self, files: Iterable[FileRef]) -> list[Finding]:
        """A file without a byte; a day on which nothing changed is one that the manifest says has no rows."""
        quiet = self.contract.delivery.kind != "full"
        bad = [f for f in files if f.bytes == 0 and not (f.rows == 0 and quiet)]
        return [Finding(Outcome.EMPTY_FILE, f.name, "no byte in it") for f in bad]

    def _file(self, entry: fs.FileInfo, claim: ManifestFile | None, *, read: bool) -> FileRef:
        name = self._name(entry.path)
        modified = entry.mtime_ns or 0
        sha256 = self._checksum(entry, name, claim) if read else None
        ref = FileRef(self._uri(entry.path), name, entry.size, modified, sha256)
        if claim is None:
            return ref
        totals = tuple(
            sorted((c, v) for c, v in claim.control_totals.items() if c in self.contract.control_totals)
        )
        return FileRef(
            ref.uri, name, entry.size, modified, sha256, claim.rows, claim.size, claim.sha256, totals
        )

    def _checksum(self, entry: fs.FileInfo, name: str, claim: ManifestFile | None) -> str:
        known = self.seen.get(name)
        if known and (known.bytes, known.modified) == (entry.size, entry.mtime_ns):
            return known.sha256
        if claim and claim.sha256 and known is None:
            return claim.sha256
        digest = hashlib.sha256()
        with self.system.open_input_stream(entry.path, compression=None) as source:
            while block := source.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _batch_id(self, day: date, files: Iterable[FileRef]) -> str:
        contents = sorted(f.sha256 or f"{f.name} {f.bytes} {f.modified}" for f in files)
        parts = [self.bank, self.contract.system, self.contract.table, day.isoformat(), *contents]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ID_LENGTH]

    def _list(self, folder: str) -> list[fs.FileInfo]:
        entries = self.system.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        return sorted(entries, key=lambda e: str(e.path))

    def _is_unfinished(self, name: str) -> bool:
        stem = name.rsplit(".", 1)[0]
        pattern = self.contract.delivery.files
        return name.endswith(UNFINISHED) and (fnmatchcase(stem, pattern) or fnmatchcase(name, pattern))

    def _find(self, outcome: Outcome, path: str, what: str) -> Finding:
        return Finding(outcome, self._name(path), what)

    def _name(self, path: str) -> str:
        return path[len(self.root) :].lstrip("/")

    def _uri(self, path: str) -> str:
        return join(self.extracts, self._name(path))

    def _is_link(self, path: str) -> bool:
        """Only a local file system has links that could lead out of the extracts."""
        return self.extracts.startswith(LOCAL) and local_path(self._uri(path)).is_symlink()


def _as_date(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == len("YYYY-MM-DD") else None
    except ValueError:
        return None

"""A delivered file's bytes on a worker: hashed as they stream, decompressed within bounds, decoded strictly."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from jobs.bronze.delivery import FileRef
from jobs.bronze.outcomes import Outcome
from jobs.core.storage import opened

BLOCK: Final = 4 << 20
# gzip of bank extracts gives 4 to 40 times; 1,000 is what a file of one repeated byte gives.
MAX_RATIO: Final = 200
RATIO_MATTERS_FROM: Final = 16 << 20
MAX_DECOMPRESSED: Final = 256 << 30
MAX_RECORD: Final = 8 << 20  # characters without a line break: no record of a bank is that long
# A text read as GB18030 that is UTF-8 throughout: below so many bytes it may be chance.
MIN_FOREIGN_BYTES: Final = 9
GZIP: Final = zlib.MAX_WBITS | 16


class Unreadable(Exception):  # noqa: N818 - it is a finding about the file, not a fault of ours
    """Reading on makes no sense: the outcome and what was found."""

    def __init__(self, outcome: Outcome, what: str) -> None:
        self.outcome, self.what = outcome, what
        super().__init__(what)


@dataclass(slots=True)
class Facts:
    """What reading a file showed, sent to the driver as one small row: counts, checksum, problems."""

    rows: int = 0
    bytes: int = 0
    sha256: str = ""
    blank: int = 0
    unterminated: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)

    def problem(self, outcome: Outcome, what: str) -> None:
        """Note what is wrong with the file."""
        self.problems.append((outcome.label, what))


class Content:
    """One pass over a file: read `blocks`, then `close` for the facts."""

    def __init__(self, ref: FileRef, *, gzip: bool) -> None:
        self.ref, self.gzip = ref, gzip
        self.facts = Facts()
        self._digest = hashlib.sha256()
        self._system, self._path = opened(ref.uri)

    def blocks(self) -> Iterator[bytes]:
        """The content, decompressed, in blocks. Raises Unreadable."""
        try:
            with self._system.open_input_stream(self._path, compression=None) as stream:
                raw = self._hashed(stream)
                yield from self._inflated(raw) if self.gzip else raw
        except Unreadable as found:
            self.facts.problem(found.outcome, found.what)
            self.finish_hash()

    def finish_hash(self) -> None:
        """Hash the whole file anew: for readers that stopped early or that read at random."""
        self._digest, self.facts.bytes = hashlib.sha256(), 0
        with self._system.open_input_stream(self._path, compression=None) as stream:
            for _ in self._hashed(stream):
                pass

    def close(self) -> Facts:
        """The facts, after a last look at size and time: a file that moved meanwhile is still being written."""
        info = self._system.get_file_info(self._path)
        if (info.size, info.mtime_ns or 0) != (self.ref.bytes, self.ref.modified):
            self.facts.problem(Outcome.STILL_BEING_WRITTEN, "it changed while it was read")
        self.facts.sha256 = self._digest.hexdigest()
        return self.facts

    def _hashed(self, stream: object) -> Iterator[bytes]:
        while block := stream.read(BLOCK):  # type: ignore[attr-defined] # pyarrow ships no types
            self._digest.update(block)
            self.facts.bytes += len(block)
            yield block

    def _inflated(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        inflater, given, ended = zlib.decompressobj(GZIP), 0, True
        for block in raw:
            rest = block
            while rest:
                inflater, ended = (zlib.decompressobj(GZIP), False) if ended else (inflater, ended)
                try:
                    out = inflater.decompress(rest, BLOCK)
                except zlib.error as error:
                    outcome = Outcome.TRUNCATED if given else Outcome.MALFORMED
                    raise Unreadable(outcome, f"isn't whole gzip: {error}") from None
                given += len(out)
                self._bounded(given)
                yield out
                ended = inflater.eof
                rest = inflater.unused_data if ended else inflater.unconsumed_tail
        if not ended:
            yield inflater.flush()
            raise Unreadable(Outcome.TRUNCATED, "its gzip stream ends early")

    def _bounded(self, given: int) -> None:
        if given > MAX_DECOMPRESSED or (given > RATIO_MATTERS_FROM and given > MAX_RATIO * self.facts.bytes):
            raise Unreadable(Outcome.ZIP_BOMB, f"more than {MAX_RATIO} times its size when decompressed")


def decoded(content: Content, encoding: str) -> Iterator[str]:
    """The content as text, strictly in `encoding`; a byte order mark at its start is dropped."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    foreign = None if encoding.startswith("utf") or encoding == "ascii" else _Utf8Check()
    first = True
    try:
        for block in content.blocks():
            text = decoder.decode(block)
            if foreign:
                foreign.feed(block)
            yield text.removeprefix("\ufeff") if first else text
            first = False
    except UnicodeDecodeError as error:
        content.facts.problem(Outcome.WRONG_ENCODING, f"isn't {encoding} ({error.reason})")
        content.finish_hash()
        return
    if foreign and foreign.convinced:
        content.facts.problem(Outcome.WRONG_ENCODING, f"is UTF-8 throughout, the contract says {encoding}")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        content.facts.problem(Outcome.TRUNCATED, "ends inside a character")


class _Utf8Check:
    """Whether bytes that another encoding reads as well are UTF-8 all through (RESEARCH: silent rubbish)."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
        self._foreign = 0

    def feed(self, block: bytes) -> None:
        if self._decoder is None:
            return
        try:
            text = self._decoder.decode(block)
        except UnicodeDecodeError:
            self._decoder = None
            return
        if not text.isascii():
            self._foreign += len(block.translate(None, _ASCII))

    @property
    def convinced(self) -> bool:
        return self._decoder is not None and self._foreign >= MIN_FOREIGN_BYTES


_ASCII: Final = bytes(range(128))

"""Logical records of text files: lines, joined where a quoted value holds a line break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jobs.bronze.content import MAX_RECORD, Content, decoded
from jobs.bronze.outcomes import Outcome

# A quote that is never closed would swallow the file: after so many lines its first line stands alone.
MAX_LINES_OF_RECORD: Final = 200


def lines(content: Content, encoding: str) -> Iterator[list[str]]:
    """Physical lines (ended by LF or CRLF; a joined record keeps LF), in lists, blank ones too."""
    rest = ""
    for text in decoded(content, encoding):
        whole = rest + text
        found = (whole.replace("\r\n", "\n") if "\r" in whole else whole).split("\n")
        rest = found.pop()
        if len(rest) > MAX_RECORD:
            content.facts.problem(Outcome.MALFORMED, f"no line break within {MAX_RECORD:,} characters")
            content.finish_hash()
            return
        yield found
    if rest.rstrip("\r"):
        content.facts.unterminated = True
        yield [rest.rstrip("\r")]


def logical(chunks: Iterable[list[str]], quote: str) -> Iterator[list[str]]:
    """Join lines while a quote stands open; what is never closed is given back line by line."""
    open_lines: list[str] = []
    for chunk in chunks:
        if not open_lines and not any(quote in line for line in chunk):
            yield chunk
            continue
        made, open_lines = _join([*open_lines, *chunk], quote)
        yield made
    while open_lines:
        made, rest = _join(open_lines[1:], quote)
        yield [open_lines[0], *made]
        open_lines = rest


def _join(found: list[str], quote: str) -> tuple[list[str], list[str]]:
    """(records, lines of a record that isn't closed yet)."""
    made: list[str] = []
    start = 0
    while start < len(found):
        end = _close(found, start, quote)
        if end is None and len(found) - start <= MAX_LINES_OF_RECORD:
            return made, found[start:]
        end = start + 1 if end is None else end
        made.append(found[start] if end == start + 1 else "\n".join(found[start:end]))
        start = end
    return made, []


def _close(found: list[str], start: int, quote: str) -> int | None:
    """The index after the record that begins at `start`, or None where its quote isn't closed in reach."""
    odd = False
    for at in range(start, min(len(found), start + MAX_LINES_OF_RECORD)):
        odd ^= bool(found[at].count(quote) & 1)
        if not odd:
            return at + 1
    return None


def without_blank(content: Content, found: list[str]) -> list[str]:
    """The lines that hold something; the others are counted in the facts."""
    if "" not in found:
        return found
    kept = [line for line in found if line]
    content.facts.blank += len(found) - len(kept)
    return kept

"""Encoded lists as files: Parquet that says in its metadata how it was encoded, and never under which key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from conf.encoding import Mark
from models.linkage.files import whole

NAME: Final = b"onebook.encoded"


class MarkError(ValueError):
    """Encoded lists that don't go together, with the remedy."""


def write(file: Path, table: pd.DataFrame, mark: Mark) -> None:
    """`table` with its mark as Parquet, whole or not at all."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    arrow = arrow.replace_schema_metadata({NAME: mark.model_dump_json().encode()})
    file.parent.mkdir(parents=True, exist_ok=True)
    whole(file, lambda f: pq.write_table(arrow, f, compression="zstd"))


def mark_of(file: Path) -> Mark | None:
    """The mark of an encoded list; None for any other file. Raises MarkError where a later version wrote it."""
    if file.suffix.lower() not in {".parquet", ".pq"} or not file.is_file():
        return None
    try:
        held = (pq.read_schema(file).metadata or {}).get(NAME)
    except pa.ArrowInvalid:
        return None
    if held is None:
        return None
    try:
        return Mark.model_validate_json(held)
    except ValueError as error:
        raise MarkError(f"{file} was encoded by another version; encode it anew with this one") from error


def common_mark(files: Sequence[Path]) -> Mark | None:
    """The mark that all encoded `files` share; None where none is encoded. Raises MarkError where they differ."""
    marks = [mark_of(file) for file in files]
    first = next((mark for mark in marks if mark), None)
    if first is None:
        return None
    for file, mark in zip(files, marks, strict=True):
        if mark is None:
            raise MarkError(f"{file} is in clear and another input is encoded; encode it with the same key")
        same_key(first.check, mark, file)
        if mark.scheme != first.scheme:
            raise MarkError(f"{file} was encoded by another scheme; encode it with --like the other list")
        if mark.columns != first.columns:
            raise MarkError(
                f"{file} has other encoded columns; name columns and meanings alike in both match.yaml"
            )
    return first


def same_key(check: str, mark: Mark, file: Path) -> None:
    """Raises MarkError where `file` was encoded under another key than `check` tells of."""
    if mark.check != check:
        raise MarkError(
            f"{file} was encoded under another key (check values {mark.check} and {check}); "
            "give both parties the same key file and encode again"
        )


def as_yaml(mark: Mark) -> str:
    """A match.yaml for an encoded list."""
    lines = ["# Follows from the lists themselves: encoded columns and their meanings.", "columns:"]
    lines += [f"  {_quoted(name)}: {meaning}" for name, meaning in mark.columns.items()]
    lines += [f"key: {_quoted(mark.key)}"] * bool(mark.key) + [f"source: {_quoted(mark.source)}"] * bool(
        mark.source
    )
    return "\n".join(lines) + "\n"


def _quoted(name: str | None) -> str:
    return "'" + str(name).replace("'", "''") + "'"

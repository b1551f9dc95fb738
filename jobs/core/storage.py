"""Where bytes lie: every location is a URI, every path is joined and opened here and nowhere else."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyarrow import fs

LOCAL: Final = "file://"


def as_uri(location: str | Path) -> str:
    """A URI without a trailing slash: local paths become absolute file:// URIs, URIs stay."""
    text = str(location)
    if "://" in text:
        return text.rstrip("/")
    return LOCAL + str(Path(text).expanduser().resolve())


def join(uri: str, *parts: str) -> str:
    """`uri` with parts below it."""
    return posixpath.join(uri, *parts)


def name_of(uri: str) -> str:
    """The last part of a URI."""
    return posixpath.basename(uri.rstrip("/"))


def local_path(uri: str) -> Path:
    """The local path of a file:// URI. Raises ValueError for any other scheme."""
    if not uri.startswith(LOCAL):
        raise ValueError(f"{uri} isn't on this machine")
    return Path(uri.removeprefix(LOCAL))


def opened(uri: str) -> tuple[fs.FileSystem, str]:
    """The file system of a URI and the path inside it."""
    if uri.startswith(LOCAL):
        # Taken literally: a space or a percent sign in a clone's path is no escape.
        return fs.LocalFileSystem(), uri.removeprefix(LOCAL)
    found: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(uri)
    return found


def exists(uri: str) -> bool:
    """Whether a file or folder is there."""
    filesystem, path = opened(uri)
    return bool(filesystem.get_file_info(path).type != fs.FileType.NotFound)


def is_folder(uri: str) -> bool:
    """Whether a folder is there."""
    filesystem, path = opened(uri)
    return bool(filesystem.get_file_info(path).type == fs.FileType.Directory)


def listing(uri: str, *, recursive: bool = False) -> Iterator[fs.FileInfo]:
    """What lies under a folder, by path; nothing where there is no such folder."""
    filesystem, path = opened(uri)
    selector = fs.FileSelector(path, recursive=recursive, allow_not_found=True)
    yield from sorted(filesystem.get_file_info(selector), key=lambda info: str(info.path))


def folders(uri: str) -> list[str]:
    """Names of the folders in a folder."""
    return [str(info.base_name) for info in listing(uri) if info.type == fs.FileType.Directory]


def read_bytes(uri: str) -> bytes:
    """A whole (small) file."""
    filesystem, path = opened(uri)
    with filesystem.open_input_stream(path, compression=None) as stream:
        data: bytes = stream.read()
    return data


def write_bytes(uri: str, data: bytes) -> None:
    """Write a file whole or not at all: beside it first, then moved over; folders are made."""
    filesystem, path = opened(uri)
    filesystem.create_dir(posixpath.dirname(path), recursive=True)
    beside = f"{path}.part"
    with filesystem.open_output_stream(beside, compression=None) as stream:
        stream.write(data)
    filesystem.move(beside, path)


def write_new(uri: str, data: bytes) -> None:
    """Write a local file that isn't there yet, whole or not at all. Raises FileExistsError where it is."""
    file = local_path(uri)
    beside = file.with_name(f".{file.name}.part")
    beside.write_bytes(data)
    try:
        os.link(beside, file)
    finally:
        beside.unlink()


def remove(uri: str) -> None:
    """Remove a file or folder if it is there."""
    filesystem, path = opened(uri)
    kind = filesystem.get_file_info(path).type
    if kind == fs.FileType.Directory:
        filesystem.delete_dir(path)
    elif kind == fs.FileType.File:
        filesystem.delete_file(path)


def move(uri: str, to: str) -> None:
    """Move a file within a file system."""
    filesystem, path = opened(uri)
    filesystem.move(path, opened(to)[1])


def make_folder(uri: str) -> None:
    """Make a folder and its parents."""
    filesystem, path = opened(uri)
    filesystem.create_dir(path, recursive=True)


def size(uri: str) -> int:
    """Bytes of a file, or of all files under a folder."""
    filesystem, path = opened(uri)
    info = filesystem.get_file_info(path)
    if info.type == fs.FileType.File:
        return int(info.size)
    return sum(int(i.size) for i in listing(uri, recursive=True) if i.type == fs.FileType.File)


@contextmanager
def private(file: Path) -> Iterator[Path]:
    """A place beside a local file that its owner alone may read, put in the file's place when whole; folders are made.

    For files that name people: whoever may read what stood there before may not read this.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    try:
        yield beside
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)

"""What came and went after one version of a Delta table, by the files that its log names.

Delta reads its change feed with several Spark jobs, a second or two for each table, however few the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from jobs.core import storage
from jobs.core.contents import DELTA_LOG, FEW_FILES, PATTERN, is_readable

ACTIONS: Final = ("add", "remove", "cdc")


@dataclass(frozen=True, slots=True)
class Feed:
    """Files by what their rows are: added, removed, or marked one by one (`marked`, with Delta's `_change_type`).

    `size`: bytes of all of them.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    marked: tuple[str, ...]
    size: int

    @property
    def only_adds(self) -> bool:
        """Whether rows were added and nothing else."""
        return not (self.removed or self.marked)

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """Files that hold what changed, each group of one shape."""
        return [files for files in (self.added + self.removed, self.marked) if files]


def feed(path: str, after: int, until: int) -> Feed | None:
    """Of the versions after `after` up to `until`. None where the log alone can't tell, or names too many files.

    A commit that marks its rows says in those files all that it changed; in others whole files came or went.
    """
    if not is_readable(path):
        return None
    found: dict[str, list[str]] = {kind: [] for kind in ACTIONS}
    for version in range(after + 1, until + 1):
        told = _told(storage.join(path, DELTA_LOG, f"{version:020d}.json"))
        if told is None:
            return None
        marks = any(kind == "cdc" for kind, _ in told)
        for kind, action in told:
            if marks == (kind == "cdc"):
                found[kind].append(storage.join(path, unquote(action["path"])))
    files = [name for kind in ACTIONS for name in found[kind]]
    if len(files) > FEW_FILES or not all(storage.exists(name) and not PATTERN & set(name) for name in files):
        return None
    added, removed, marked = (tuple(found[kind]) for kind in ACTIONS)
    return Feed(added, removed, marked, sum(map(storage.size, files)))


def _told(commit: str) -> list[tuple[str, dict[str, Any]]] | None:
    """The commit's actions on files that changed data; None where it is gone or uses what only Delta understands."""
    if not storage.exists(commit):
        return None
    actions = list(_actions(storage.read_bytes(commit).decode("utf-8").splitlines()))
    if any(action.get("deletionVector") or "://" in action["path"] for _, action in actions):
        return None
    return actions


def _actions(lines: Iterable[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    for line in lines:
        for kind, action in json.loads(line).items():
            # Compaction moves rows to other files and says that no data changed; marks say so always.
            if kind in ACTIONS and (kind == "cdc" or action.get("dataChange")):
                yield kind, action

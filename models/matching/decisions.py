"""Stewards' decisions: which of them are in force, and which contradict one another.

A decision says of two records that they are one customer (must link), that they never are (cannot link), or takes
back what was said of them (withdraw). Must-links are transitive: a cannot-link between two records that a chain of
must-links holds together is a contradiction. It is never guessed who is right: what an import (or several) brought
to a contradictory group is held back, and the group stays as it was before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

MUST, CANNOT, WITHDRAW = "must_link", "cannot_link", "withdraw"
DECISIONS: Final = (MUST, CANNOT, WITHDRAW)
IN_FORCE, HELD, REPLACED, WITHDRAWN, DONE = "in_force", "held_back", "replaced", "withdrawn", "done"
STATUSES: Final = (IN_FORCE, HELD, REPLACED, WITHDRAWN, DONE)


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of what stewards said. `batch` numbers the import that brought it, from 1 on."""

    decision_id: str
    record_l: str
    record_r: str
    decision: str
    author: str
    decided_at: datetime
    batch: int

    @property
    def pair(self) -> tuple[str, str]:
        """The two records."""
        return self.record_l, self.record_r


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A cannot-link whose ends must-links hold together. `path` are those must-links, from one end to the other."""

    against: Decision
    path: tuple[Decision, ...]
    held: tuple[str, ...]


class Groups:
    """Disjoint sets of records, with path halving."""

    def __init__(self, links: Iterable[tuple[str, str]] = ()) -> None:
        self._parent: dict[str, str] = {}
        for left, right in links:
            self.join(left, right)

    def of(self, record: str) -> str:
        """The record that stands for the group of `record`."""
        parent = self._parent
        while (above := parent.setdefault(record, record)) != record:
            parent[record] = parent[above]
            record = parent[record]
        return record

    def join(self, left: str, right: str) -> None:
        """Make one group of two; the lowest record stands for it."""
        low, high = sorted((self.of(left), self.of(right)))
        self._parent[high] = low


def judged(decisions: Iterable[Decision]) -> tuple[dict[str, str], list[Contradiction]]:
    """Status of every decision by its id, and the contradictions among those that stand.

    Follows from the log alone: imports are gone through in order, so a rebuild gives what the days gave. The
    order of the rows within an import doesn't matter. Those in force never contradict one another.
    """
    statuses: dict[str, str] = {}
    found: list[Contradiction] = []
    for group in _hanging_together(decisions):
        spoken: list[Decision] = []
        obeyed: set[str] = set()
        for _, batch in groupby(sorted(group, key=_by_batch), key=lambda d: d.batch):
            spoken += batch
            standing, passed = standing_words(spoken)
            obeyed = _obeyed(standing, obeyed)
        statuses |= passed | {d.decision_id: IN_FORCE if d.decision_id in obeyed else HELD for d in standing}
        found += contradictions(standing, obeyed)
    return statuses, found


def standing_words(spoken: Iterable[Decision]) -> tuple[list[Decision], dict[str, str]]:
    """Each author's last word on each pair unless it was withdrawn, and the status of all others by id.

    A withdrawal, whoever makes it, takes back everything that was said of its pair until then.
    """
    last: dict[tuple[tuple[str, str], str], Decision] = {}
    passed: dict[str, str] = {}
    for word in sorted(spoken, key=lambda d: (d.decided_at, d.decision_id)):
        if word.decision == WITHDRAW:
            taken = [key for key in last if key[0] == word.pair]
            passed |= {last.pop(key).decision_id: WITHDRAWN for key in taken} | {word.decision_id: DONE}
            continue
        if (before := last.get((word.pair, word.author))) is not None:
            passed[before.decision_id] = REPLACED
        last[word.pair, word.author] = word
    return list(last.values()), passed


def contradictions(standing: Iterable[Decision], obeyed: set[str]) -> list[Contradiction]:
    """Every standing cannot-link inside a group of standing must-links, with the shortest chain that opposes it."""
    words = list(standing)
    musts = sorted((d for d in words if d.decision == MUST), key=lambda d: (d.pair, d.decision_id))
    groups = Groups(d.pair for d in musts)
    opposed = sorted(_inside(words, groups), key=lambda d: (d.pair, d.decision_id))
    return [
        Contradiction(cannot, _path(cannot, musts), _held(groups, cannot, words, obeyed))
        for cannot in opposed
    ]


def _obeyed(standing: list[Decision], before: set[str]) -> set[str]:
    """Those in force: what was in force and still stands, and whatever else doesn't touch a contradiction."""
    groups = Groups(d.pair for d in standing if d.decision == MUST)
    broken = {groups.of(d.record_l) for d in _inside(standing, groups)}
    return {d.decision_id for d in standing if d.decision_id in before or not _within(d, groups, broken)}


def _within(word: Decision, groups: Groups, broken: set[str]) -> bool:
    """Whether both ends lie in one broken group: a cannot-link out of it contradicts nothing."""
    return groups.of(word.record_l) in broken and groups.of(word.record_l) == groups.of(word.record_r)


def _inside(words: Iterable[Decision], groups: Groups) -> Iterator[Decision]:
    for word in words:
        if word.decision == CANNOT and groups.of(word.record_l) == groups.of(word.record_r):
            yield word


def _held(groups: Groups, cannot: Decision, words: list[Decision], obeyed: set[str]) -> tuple[str, ...]:
    group = {groups.of(cannot.record_l)}
    return tuple(
        sorted(d.decision_id for d in words if _within(d, groups, group) and d.decision_id not in obeyed)
    )


def _path(cannot: Decision, musts: list[Decision]) -> tuple[Decision, ...]:
    """The shortest chain of must-links between the ends of a cannot-link; ties by records and ids."""
    beside: dict[str, list[tuple[str, Decision]]] = {}
    for word in musts:
        for here, there in (word.pair, word.pair[::-1]):
            beside.setdefault(here, []).append((there, word))
    came: dict[str, tuple[Decision, ...]] = {cannot.record_l: ()}
    waiting = deque([cannot.record_l])
    while cannot.record_r not in came:
        here = waiting.popleft()
        for there, word in beside[here]:
            if there not in came:
                came[there] = (*came[here], word)
                waiting.append(there)
    return came[cannot.record_r]


def _hanging_together(decisions: Iterable[Decision]) -> list[list[Decision]]:
    """Decisions that can bear on one another: those connected through records."""
    words = sorted(decisions, key=lambda d: d.decision_id)
    groups = Groups(d.pair for d in words)
    found: dict[str, list[Decision]] = {}
    for word in words:
        found.setdefault(groups.of(word.record_l), []).append(word)
    return [found[name] for name in sorted(found)]


def _by_batch(word: Decision) -> tuple[Any, ...]:
    return word.batch, word.decided_at, word.decision_id

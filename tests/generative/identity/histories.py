"""Random books: records that come in over days, links among them, and what stewards said on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from models.matching.clusters import agglomerated
from models.matching.decisions import CANNOT, IN_FORCE, MUST, WITHDRAW, Decision, judged

DAYS = 4
FIRM = 0.999
Pair = tuple[str, str]


@dataclass(frozen=True)
class History:
    """Record → day it came; pair → probability and exact rule; what was said: (day, pair, decision, author)."""

    came: dict[str, int]
    links: dict[Pair, tuple[float, str | None]]
    numbers: dict[str, list[str]]
    said: tuple[tuple[int, Pair, str, str], ...]

    def known(self, day: int) -> list[str]:
        """Records that came by a day."""
        return [r for r, came in self.came.items() if came <= day]

    def log(self, day: int) -> list[Decision]:
        """What was said of known records by a day; a day's words are one import."""
        return [
            Decision(f"d{i}", *pair, decision, author, datetime(2025, 1, on, 9, i % 60, tzinfo=UTC), on)
            for i, (on, pair, decision, author) in enumerate(self.said)
            if on <= day and all(self.came[r] <= on for r in pair)
        ]

    def in_force(self, day: int) -> list[Decision]:
        """What must be obeyed on a day."""
        statuses, _ = judged(self.log(day))
        return [d for d in self.log(day) if statuses[d.decision_id] == IN_FORCE]

    def customers(self, day: int) -> dict[str, str]:
        """Record → the record that names its customer, on a day."""
        known = set(self.known(day))
        edges = [self._edge(p, None, *link) for p, link in self.links.items() if known.issuperset(p)]
        edges += [self._edge(d.pair, d.decision, None, None) for d in self.in_force(day)]
        named = {m["record_id"]: m["first_record_id"] for m in agglomerated(edges, FIRM)}
        return {r: named.get(r, r) for r in sorted(known)}

    def _edge(self, pair: Pair, decision: str | None, probability: Any, certain: Any) -> dict[str, Any]:
        left, right = pair
        return {
            "record_l": left, "record_r": right, "probability": probability, "weight": probability,
            "certain": certain, "decision": decision, "since_l": self.came[left], "since_r": self.came[right],
            "slots_l": self.numbers[left], "slots_r": self.numbers[right], "soft_slots_l": [], "soft_slots_r": [],
        }  # fmt: skip


@st.composite
def histories(draw: st.DrawFn, prefix: str = "r") -> History:
    """A book of up to eight records over DAYS days."""
    records = [f"{prefix}{i}" for i in range(draw(st.integers(2, 8)))]
    pairs = st.sampled_from(list(combinations(records, 2)))
    link = st.tuples(st.sampled_from([0.95, 0.97, 0.9995]), st.sampled_from([None, None, "same number"]))
    words = st.tuples(
        st.integers(1, DAYS),
        pairs,
        st.sampled_from([MUST, CANNOT, CANNOT, WITHDRAW]),
        st.sampled_from(["li", "he"]),
    )
    return History(
        {r: draw(st.integers(1, DAYS)) for r in records},
        draw(st.dictionaries(pairs, link, max_size=12)),
        {r: draw(st.sampled_from([[], [], ["id=1"], ["id=2"]])) for r in records},
        tuple(draw(st.lists(words, max_size=6))),
    )

"""Who stands behind a company: effective shares through chains of holdings, and control by majority, cycles included.

Effective share (integrated ownership; Baldone, Brioschi and Paleari 1998): what of a company's profit reaches a
holder through all chains, y = a + A'y summed over chains of any length, where A holds the direct shares. A cycle
of cross-holdings is a geometric series, which converges where no group of companies owns all of itself.
Control: a holder controls a company where it and the companies that it controls hold at least half between them
(the least fixed point, so a cycle controls nothing by itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

HALF: Final = 0.5
QUARTER: Final = 0.25
LEAST: Final = 1e-6
MOST_STEPS: Final = 200
EPSILON: Final = 1e-9
Shares = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Stake:
    """What one holder has of one company: direct and effective share, and whether it controls the company.

    `through` are the companies of the strongest chain between the two; `is_ultimate`: nobody controls the holder.
    """

    holder: str
    company: str
    direct: float
    effective: float
    controls: bool
    through: tuple[str, ...]
    is_ultimate: bool


def stakes(holdings: Iterable[tuple[str, str, float]], least: float = QUARTER) -> list[Stake]:
    """Every stake of at least `least` effectively, and every control, from holdings (holder, company, share).

    Several holdings of one pair add up, to at most 1; what a company holds of itself is left out.
    """
    shares = _added(holdings)
    control = {holder: controlled(holder, shares) for holder in shares}
    governed = {company for companies in control.values() for company in companies}
    found: list[Stake] = []
    for holder in sorted(shares):
        effective = reached(holder, shares)
        chosen = {c for c, share in effective.items() if share >= least - EPSILON} | control[holder]
        found += [
            Stake(
                holder=holder,
                company=company,
                direct=shares[holder].get(company, 0.0),
                effective=min(effective.get(company, 0.0), 1.0),
                controls=company in control[holder],
                through=_chain(holder, company, shares),
                is_ultimate=holder not in governed,
            )
            for company in sorted(chosen)
        ]
    return found


def reached(holder: str, shares: Shares) -> dict[str, float]:
    """Company → effective share of `holder`, over all chains that don't come back to it."""
    total: dict[str, float] = {}
    wave = dict(shares.get(holder, {}))
    for _ in range(MOST_STEPS):
        if not wave:
            break
        following: dict[str, float] = {}
        for company, share in wave.items():
            total[company] = total.get(company, 0.0) + share
            for held, part in shares.get(company, {}).items():
                if held != holder:
                    following[held] = following.get(held, 0.0) + share * part
        wave = {company: share for company, share in following.items() if share > LEAST}
    return total


def controlled(holder: str, shares: Shares) -> set[str]:
    """The companies of which `holder` and those it controls hold at least half."""
    found: set[str] = set()
    while True:
        votes: dict[str, float] = {}
        for one in (holder, *found):
            for company, share in shares.get(one, {}).items():
                votes[company] = votes.get(company, 0.0) + share
        now = {company for company, share in votes.items() if share >= HALF - EPSILON and company != holder}
        if now <= found:
            return found
        found |= now


def heads(found: Iterable[Stake]) -> dict[str, str]:
    """Company or head → head of its corporate group: who controls it and is controlled by nobody.

    Where a company has several such (two halves), and where companies control one another in a circle, the
    lowest id stands for the group.
    """
    above: dict[str, set[str]] = {}
    for stake in found:
        if stake.controls:
            above.setdefault(stake.company, set()).add(stake.holder)
            above.setdefault(stake.holder, set())
    return {one: min(_tops(one, above)) for one in above}


def _tops(one: str, above: Mapping[str, set[str]]) -> Iterator[str]:
    """Control is transitive: tops are those above that nobody is above of but themselves in a circle."""
    ways = above[one] | {one}
    for way in ways:
        if above[way] <= {other for other in above[way] if way in above[other]}:
            yield way


def _added(holdings: Iterable[tuple[str, str, float]]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = {}
    for holder, company, share in holdings:
        if holder != company and share > 0:
            held = shares.setdefault(holder, {})
            held[company] = min(held.get(company, 0.0) + share, 1.0)
    return shares


def _chain(holder: str, company: str, shares: Shares) -> tuple[str, ...]:
    """The companies between the two on the chain with the largest product of shares; ties by fewer, then by id."""
    best: dict[str, tuple[float, tuple[str, ...]]] = {holder: (1.0, ())}
    waiting = [holder]
    while waiting:
        here = waiting.pop(0)
        share, way = best[here]
        for there, part in sorted(shares.get(here, {}).items()):
            told = share * part, (way if here == holder else (*way, here))
            if there != holder and (there not in best or _rank(told) < _rank(best[there])):
                best[there] = told
                waiting.append(there)
    return best[company][1]


def _rank(told: tuple[float, tuple[str, ...]]) -> tuple[float, int, tuple[str, ...]]:
    return -told[0], len(told[1]), told[1]

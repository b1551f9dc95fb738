"""What people under one roof share says that they live together, not that they are one.

Fellegi and Sunter know two kinds of pairs. Here there is a third, two members of one household (or two firms in one
building): alike in what is shared as one entity's records are, and otherwise like any two. Under the three kinds the
weight of a pair is log2 P(one) / (P(unrelated) + P(household)): the shared columns together, S bits under two kinds,
weigh S - log2(1 + h 2^S), where h is the share of all pairs that are such neighbours, so no more than -log2 h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.moved import Group, group, groups
from models.linkage.scored import replaced

Floats = npt.NDArray[np.float64]
SHARED: Final = frozenset(
    {"family name", "phone", "employer", "street", "house number", "unit", "town", "region", "postcode",
     "country", "full address"}
)  # fmt: skip
OWN: Final = frozenset({"organisation name", "date of birth", "given name", "full name"})
"""One of these must be compared, else nothing tells members of a household apart."""
STEPS: Final = 10


def applies(columns: Mapping[str, ColumnConf]) -> bool:
    """Whether something is shared, and something tells members of a household apart."""
    meanings = {column.meaning for column in columns.values()}
    return bool(OWN & meanings and SHARED & meanings)


def discounted(
    scored: pa.Table, columns: Mapping[str, ColumnConf], prior: float, pairs: float
) -> tuple[pa.Table, list[Group]]:
    """`scored` (models.linkage.scoring) with the bits of shared columns, and the weight, as three kinds of pairs have them,
    and what changes in one go as one (models.linkage.moved); with the groups found.

    `prior`: the share of all `pairs` that are one entity. As it is where this doesn't apply.
    """
    if not applies(columns):
        return scored, []
    places = _of([column.meaning for column in columns.values()], SHARED)
    weight, together = scored["weight"].to_numpy(), _bits(scored, places).sum(axis=1)
    likely = neighbours(weight, together, prior, pairs)
    found = [(_group(scored, g, places, likely), _bits(scored, list(g)).sum(axis=1)) for g in groups(columns)]
    scored = _spread(scored, places, -_less(together, likely))
    for moved, bits in found:
        scored = _spread(scored, list(moved.places), moved.more(bits))
    return scored, [moved for moved, _ in found]


def stayed(raw: pa.Table, found: Sequence[Group]) -> dict[int, Floats]:
    """For each column (its place) of a group how likely each pair, if it is one entity, hasn't changed it."""
    kept = {g: g.kept(_bits(raw, list(g.places)).sum(axis=1)) for g in found}
    return {place: likely for g, likely in kept.items() for place in g.places}


def _less(together: Floats, likely: float) -> Floats:
    return np.asarray(np.log2(1 + np.exp2(np.clip(together + np.log2(likely), -60, 60))), float)


def _group(scored: pa.Table, places: tuple[int, ...], shared: list[int], likely: float) -> Group:
    """How often what is at `places` changes, as the other columns tell."""
    bits = _bits(scored, list(places)).sum(axis=1)
    others = [i for i in shared if i not in places]
    less = _less(_bits(scored, others).sum(axis=1), likely) if others else 0.0
    return group(places, bits, scored["weight"].to_numpy() - bits - less)


def _of(meanings: Sequence[str], group: frozenset[str]) -> list[int]:
    return [i for i, meaning in enumerate(meanings) if meaning in group]


def _bits(scored: pa.Table, places: list[int]) -> Floats:
    return np.asarray(np.column_stack([np.nan_to_num(scored[f"bits_{i}"].to_numpy()) for i in places]), float)


def _spread(scored: pa.Table, places: list[int], more: Floats) -> pa.Table:
    """`more` bits added to the weight, and to the columns at `places` in the measure in which they speak against it."""
    if not places or not more.any():
        return scored
    bits = _bits(scored, places)
    against = np.where(more[:, None] < 0, np.maximum(bits, 0), np.maximum(-bits, 0))
    total = against.sum(axis=1)
    more = np.where(total > 0, more, 0)
    for column, i in enumerate(places):
        part = more * against[:, column] / np.maximum(total, 1e-9)
        scored = replaced(scored, f"bits_{i}", scored[f"bits_{i}"].to_numpy() + part)
    return replaced(scored, "weight", scored["weight"].to_numpy() + more)


def neighbours(weight: Floats, together: Floats, prior: float, pairs: float) -> float:
    """The share of all pairs that are two members of one household: by expectation maximisation of it alone, beginning
    with as many as there are matches.
    """
    one, shared = np.exp2(np.clip(weight, -60, 60)), np.exp2(np.clip(together, -60, 60))
    share = prior
    for _ in range(STEPS):
        told = share * shared / (1 + one + share * shared)
        share = float(np.clip(told.sum() / pairs, 1 / pairs, 0.1))
    return share

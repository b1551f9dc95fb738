"""Files of a few records, too few to tell how often strangers agree: the matches are a good part of all their pairs, and a
name that two of six bear is no common one. There what is usual elsewhere counts beside what is seen, and no value is rare.
"""

from __future__ import annotations

from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from conf.linkage import LinkageConf
from models.linkage.levels import CODES

Floats = npt.NDArray[np.float64]
FEW: Final = 200
"""A file of so many records tells by itself."""
DOUBT: Final = 2_000.0
"""Pairs of strangers that what is usual counts for; all of a file of 64 records."""
ALIKE: Final = {
    **dict.fromkeys((*CODES, "phone", "e-mail", "encoded code"), 1e-4),
    **dict.fromkeys(("full name", "organisation name", "text", "full address"), 5e-4),
    **dict.fromkeys(("family name", "street", "employer", "postcode"), 2e-3),
    "given name": 0.01, "category": 0.1, "region": 0.1, "country": 0.3, "sex": 0.5,
}  # fmt: skip
"""Roughly the share of strangers that agree in a column, at each of its levels: judgements, not measured."""
BY_LEVEL: Final = {
    "date of birth": (1e-4, 3e-4, 1e-3, 4e-3, 0.012, 0.045),
    "number": (0.01, 0.02, 0.02, 0.03, 0.1),
}
"""The same where levels are unequally wide (models.linkage.levels)."""
ELSE: Final = 0.02
MOST: Final = 0.9
"""Share of strangers that agree at one level or another, at most: a comparison may be configured with many levels."""


def seen(records: int) -> float:
    """How far a file tells by itself how often strangers agree: 1 from FEW records on."""
    return 1.0 if records >= FEW else comb(records, 2) / (comb(records, 2) + DOUBT)


def usual_u(meaning: str, levels: int) -> Floats:
    """How often strangers agree at each level of a column, best first, the rest last."""
    alike = BY_LEVEL.get(meaning, ())
    if len(alike) != levels - 1:
        alike = (min(ALIKE.get(meaning, ELSE), MOST / max(levels - 1, 1)),) * (levels - 1)
    return np.array([*alike, 1 - sum(alike)])


def without_rarity(conf: LinkageConf, records: int) -> LinkageConf:
    """`conf` where sharing a rare value counts no more, unless it says so itself, in a file of few records."""
    if records >= FEW:
        return conf
    common = {
        name: column.model_copy(update={"term_frequencies": bool(column.term_frequencies)})
        for name, column in conf.columns.items()
    }
    return conf.model_copy(update={"columns": common})

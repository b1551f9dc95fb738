"""Where records come from, and which sources hold no entity twice."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.competing import Contest

Pairs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SELDOM: Final = 0.01
"""Less likely pairs count as none: there are so many that together they would outweigh what they say."""


def sources(table: pd.DataFrame, conf: LinkageConf) -> pd.Series | None:
    """Each record's source, where a column or the files tell."""
    return (
        None if conf.source_column is None else table[conf.source_column].astype(str).reset_index(drop=True)
    )


class Origin:
    """Each record's source, and who competes for its records: as configured, else as the file tells."""

    def __init__(self, source: pd.Series | None, conf: LinkageConf) -> None:
        code, self._names = pd.factorize(source if source is not None else pd.Series([], dtype=object))
        self._of: npt.NDArray[np.int64] | None = None if source is None else code
        self._said = [conf.sources[name].unique if name in conf.sources else None for name in self._names]
        self._clean: Flags = np.zeros(len(self._names), bool)
        self._pairs: Pairs | None = None

    def look(self, pairs: Pairs, weight: Floats) -> None:
        """Find out, from the `pairs` and their weight in bits, which sources hold no entity twice."""
        if self._of is None:
            return
        if self._pairs is not pairs:
            self._contest, self._pairs = Contest(self._of, pairs), pairs
        found = self._contest.clean(weight)
        self._clean = np.array([f if s is None else s for f, s in zip(found, self._said, strict=True)], bool)

    @property
    def code(self) -> npt.NDArray[np.int64] | None:
        """The number of each record's source; None where nothing tells it."""
        return self._of

    @property
    def clean(self) -> tuple[str, ...]:
        """The names of the sources that hold no entity twice."""
        return tuple(map(str, self._names[self._clean]))

    @property
    def competes(self) -> bool:
        """Whether any source holds no entity twice."""
        return bool(self._clean.any())

    def shared(self, probability: Floats) -> Floats:
        """`probability` of the pairs looked at last given their rivals, where a source is clean."""
        return self._contest.shared(probability, self._clean) if self.competes else probability

    def counted(self, one: Flags, probability: Floats, pairs: Pairs) -> Floats:
        """As how much of one entity each pair counts where m is learnt: `one` or not and, where rivals bound how many are,
        its probability. What is sure alone would tell that one entity's records hardly ever differ.
        """
        if self._of is None:
            return one.astype(float)
        left, right = self._of[pairs[:, 0]], self._of[pairs[:, 1]]
        bound = (left != right) & (self._clean[left] | self._clean[right])
        return np.where(bound, np.where(probability >= SELDOM, probability, 0.0), one)

    def features(self, pairs: Pairs, weight: Floats) -> dict[str, npt.NDArray[np.float32]]:
        """Whether one source gave both records of a pair, and by how much it is ahead of its rivals."""
        if self._of is None:
            return {}
        one = self._of[pairs[:, 0]] == self._of[pairs[:, 1]]
        told = {} if self._clean.all() else {"one source": np.asarray(one, np.float32)}
        if self.competes:
            told["ahead of rivals"] = self._contest.ahead(weight, self._clean).astype(np.float32)
        return told

    def distinct(self) -> npt.NDArray[np.int64] | None:
        """The number of each record's source where that holds no entity twice, else −1; None where no source is so."""
        if self._of is None or not self.competes:
            return None
        return np.where(self._clean[self._of], self._of, -1)

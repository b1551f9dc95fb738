"""What a match found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.linkage.evidence import Judged
from models.linkage.weights import Weights

Pairs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matched:
    """What `match` found. Positions are rows of the table given."""

    labels: npt.NDArray[np.int64]
    pairs: Pairs
    probability: Floats
    counted: Floats
    """What each pair counts as in the clusters' averages: its probability, eased where it tells little."""
    scored: pa.Table
    weights: Weights
    found_by: pd.DataFrame
    judged: Judged | None = None
    """What the re-ranker saw of each pair; None where Fellegi and Sunter decided alone."""
    clean: tuple[str, ...] = ()
    """The sources that hold no entity twice, so that their records compete."""

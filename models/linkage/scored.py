"""The table of scored pairs (models.linkage.scoring): one of its columns told anew."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def replaced(scored: pa.Table, name: str, values: npt.NDArray[np.float64]) -> pa.Table:
    """`scored` with `values`, one a pair, in place of the column `name`."""
    return scored.set_column(scored.column_names.index(name), name, pa.array(values))

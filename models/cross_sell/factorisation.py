"""A rival for the ranking: what similar customers hold, by matrix factorisation.

PureSVD (Cremonesi, Koren and Turrin 2010): the matrix R of customers × products held (1, else 0) is cut to its largest
singular values, R ≈ U Σ Vᵀ, and a customer's liking of a product is its entry in R V Vᵀ. It sees holdings and nothing
else: neither what people do nor what a product is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.core.metrics import Floats
from models.cross_sell.features import HOLDS, holds_name

FACTORS: Final = 6
"""Singular values kept, of a catalogue of a few dozen products."""
NOTHING: Final = 1e-9
"""Of the first singular value: what is smaller is rounding, and its direction means nothing."""


def liking(train: pa.Table, later: pa.Table) -> Floats:
    """The score of each later row's product for its customer; 0 for a product that nobody held in training."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - seconds that no scoring run needs

    products = [n for n in train.column_names if n.startswith(HOLDS)]
    known = holdings(train.group_by(["customer_id", "as_of"]).aggregate([(p, "max") for p in products]))
    factors = min(FACTORS, len(products) - 1)
    if factors < 1:
        return np.zeros(later.num_rows)
    model = TruncatedSVD(n_components=factors, algorithm="arpack", random_state=7).fit(known)
    axes = model.components_[model.singular_values_ > NOTHING * model.singular_values_[0]]
    liked = holdings(later.select(products)) @ axes.T @ axes
    place = {name: j for j, name in enumerate(products)}
    column = np.array([place.get(holds_name(p), -1) for p in later["product_id"].to_pylist()])
    return np.where(column >= 0, liked[np.arange(len(column)), column], 0.0)


def holdings(table: pa.Table) -> Floats:
    """Rows × products held, of the table's columns that say so."""
    names = [n for n in table.column_names if n.startswith(HOLDS)]
    columns = [pc.fill_null(table[n], 0.0).to_numpy(zero_copy_only=False) for n in names]
    return np.column_stack(columns).astype(np.float64)

"""Firms of one group at one address, of one name but for a word: records in, clusters out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.evaluation import evaluate
from models.linkage.match import match

SECTORS = ("bank", "motors", "foods", "energy", "paper", "steel")
DAUGHTERS = ("", " leasing", " trading", " research", " logistics")
FORMS = ("ltd", "limited", "plc", "s a", "")
COLUMNS = {
    "name": "organisation name", "street": "full address", "town": "town", "founded": "number", "register": "registration id",
}  # fmt: skip


def groups(count: int) -> pd.DataFrame:
    """Of each group three firms, each one to three times; half of the numbers and a third of the streets are missing."""
    rng = np.random.default_rng(7)
    rows = []
    for i in range(count):
        stem = f"{''.join(rng.choice(list('abdefgiklmnoprstu'), 7))} {SECTORS[i % 6]}"
        for daughter in rng.choice(DAUGHTERS, 3, replace=False):
            own = {"founded": str(rng.integers(1900, 2010)), "register": str(rng.integers(10**6, 10**7))}
            where = {"street": f"{i * 7 % 90} high street", "town": f"town{i % 40}"}
            for _ in range(rng.integers(1, 4)):
                name = f"{stem}{daughter} {rng.choice(FORMS)}"
                rows.append({"truth": f"{stem}{daughter}", "name": name, **where, **own})
    table = pd.DataFrame(rows)
    for column, share in (("founded", 0.5), ("register", 0.5), ("street", 0.3)):
        table[column] = table[column].mask(rng.random(len(table)) < share, None)
    return table


def test_daughters_of_one_group_under_one_roof_stay_apart() -> None:
    table = groups(150)
    found = match(table, LinkageConf.model_validate({"columns": COLUMNS}))
    reached = evaluate(pd.Series(found.labels), table["truth"])
    assert reached.precision > 0.97
    assert reached.recall > 0.9

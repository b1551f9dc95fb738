"""What labels gain: the matcher alone, told a hundred entities, and a model that knows the truth, on the others.

For bench/matching.py --labelled N. Entities that are told have two records or more; all figures are of the records
of the others, so that nothing is counted that was told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.headroom import headroom
from conf.linkage import LinkageConf
from models.linkage.evaluation import Evaluation, evaluate
from models.linkage.labels import of_entities
from models.linkage.match import match

SEED = 5


def taught(table: pd.DataFrame, conf: LinkageConf, entities: int) -> dict[str, Evaluation]:
    """Method → figures."""
    truth = table[conf.truth_column].reset_index(drop=True)
    told = truth.isin(_drawn(truth, entities))
    alone = match(table, conf)
    learnt = match(table, conf, labels=of_entities(truth.where(told, None)))
    return {
        "no labels": _others(alone.labels, truth, told),
        f"{entities} entities told": _others(learnt.labels, truth, told),
        "headroom": headroom(alone, table, conf, of=~told.to_numpy())[0],
    }


def _drawn(truth: pd.Series, entities: int) -> set[str]:
    sizes = truth.value_counts().sort_index()
    several = sizes[sizes > 1].index.to_numpy(dtype=object)
    return set(np.random.default_rng(SEED).permutation(several)[:entities])


def _others(labels: npt.NDArray[np.int64], truth: pd.Series, told: pd.Series) -> Evaluation:
    found = pd.Series(labels)[~told].reset_index(drop=True)
    return evaluate(found, truth[~told].reset_index(drop=True))

"""What could be reached on a labelled set: the matcher's own candidates and features, but a model that knows the truth.

An upper estimate, not a bound: two folds by entity, then the same clusters. For bench/matching.py --headroom.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.clustering import clustered
from models.linkage.evaluation import Evaluation, evaluate
from models.linkage.matched import Matched
from models.linkage.reranking import fit


def headroom(
    found: Matched, table: pd.DataFrame, conf: LinkageConf, of: npt.NDArray[np.bool_] | None = None
) -> tuple[Evaluation, float]:
    """The clusters of a supervised model over what the re-ranker saw; the share of true pairs among the candidates.

    of: the records that count in the figures, all where it isn't given.
    """
    assert found.judged is not None
    truth = pd.factorize(table[conf.truth_column])[0]
    left, right = truth[found.pairs[:, 0]], truth[found.pairs[:, 1]]
    one = left == right
    likely = np.zeros(len(one))
    for fold in (0, 1):
        taught = (left % 2 == fold) & (right % 2 == fold)
        model = fit(
            found.judged.features[taught], one[taught], np.ones(int(taught.sum())), conf.training.seed
        )
        judged = np.asarray(model.predict(found.judged.features))
        likely += judged * (np.where(left % 2 != fold, 0.5, 0) + np.where(right % 2 != fold, 0.5, 0))
    labels = clustered(len(table), found.pairs, likely, conf.threshold)
    counted = np.ones(len(table), bool) if of is None else of
    best = evaluate(pd.Series(labels[counted]), pd.Series(truth[counted]))
    return best, float(one.sum()) / max(best.true_pairs, 1)

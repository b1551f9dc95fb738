"""The whole way from a table to clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from conf.linkage import LinkageConf
from models.linkage.candidates import candidates
from models.linkage.clustering import LOOSE, clustered, connected, within
from models.linkage.encoded import FILTERS, is_encoded, with_levels
from models.linkage.encoded import candidates as encoded_candidates
from models.linkage.evidence import Judged
from models.linkage.normalising import normalised
from models.linkage.reranking import reranked
from models.linkage.similarity import Likeness
from models.linkage.weights import Scorer, Weights, refitted

Pairs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]
WHOLE: Final = 60
"""Records of a connected part up to which every pair in it is scored."""
REFITS: Final = 3
SEED_THRESHOLD: Final = 0.9
"""For the clusters that m and the prior are taken from: at the usual threshold households join, and stay joined."""
SETTLED: Final = 0.005
"""Share of matched pairs below whose change the rounds end."""


@dataclass(frozen=True)
class Matched:
    """What `match` found. Positions are rows of the table given."""

    labels: npt.NDArray[np.int64]
    pairs: Pairs
    probability: Floats
    scored: pa.Table
    weights: Weights
    found_by: pd.DataFrame
    judged: Judged | None = None
    """What the re-ranker saw of each pair; None where Fellegi and Sunter decided alone."""


def match(table: pd.DataFrame, conf: LinkageConf, progress: Progress = lambda _: None) -> Matched:
    """Clusters of the rows of `table`, with the pairs that led to them. Deterministic for the same rows and seed."""
    values = normalised(table, conf.compared).reset_index(drop=True)
    progress("finding candidates")
    if is_encoded(conf):
        conf = with_levels(values, conf)
    found = encoded_candidates(values, conf) if is_encoded(conf) else candidates(values, conf)
    progress(f"weighing {len(found.pairs):,} pairs")
    run = _Run(values, conf, found.pairs, _sources(table, conf))
    try:
        run.weigh()
        for turn in range(conf.training.rounds):
            progress(f"learning from the clusters, round {turn + 1}")
            if run.learn() < SETTLED:
                break
        return Matched(run.labels, run.pairs, run.probability, run.scored, run.weights, found.by, run.judged)
    finally:
        run.scorer.close()


def _sources(table: pd.DataFrame, conf: LinkageConf) -> pd.Series | None:
    """Each record's source, where a column or the files tell."""
    return (
        None if conf.source_column is None else table[conf.source_column].astype(str).reset_index(drop=True)
    )


def _distinct(source: pd.Series | None, conf: LinkageConf) -> npt.NDArray[np.int64] | None:
    """The number of each record's source where that holds no entity twice, else −1; None where no source is so."""
    unique = {name: i for i, name in enumerate(n for n, s in conf.sources.items() if s.unique)}
    return None if source is None or not unique else source.map(unique).fillna(-1).to_numpy(np.int64)


class _Run:
    def __init__(
        self, values: pd.DataFrame, conf: LinkageConf, pairs: Pairs, source: pd.Series | None
    ) -> None:
        self.values, self.conf, self.pairs = values, conf, pairs
        self.distinct = _distinct(source, conf)
        self.judged: Judged | None = None
        self.probability: Floats = np.zeros(len(pairs))
        self.source = None if source is None else pd.factorize(source)[0]
        self.likeness = Likeness(values, conf.compared)
        filters = [i for i, c in enumerate(conf.compared.values()) if c.meaning in FILTERS]
        self.scorer = Scorer(values, pairs, filters)
        self.features = self.likeness.of(pairs)

    def weigh(self) -> None:
        """Fellegi-Sunter: u from random pairs, m and prior from the clusters, a few times over."""
        n = len(self.values)
        weights = Weights(self.conf.compared, prior=min(0.5, 1 / max(n, 2)))
        self.weights = self.scorer.with_u(weights, self.conf.training.seed)
        for _ in range(REFITS):
            self._score()
            self._cluster(SEED_THRESHOLD)
            self.weights = refitted(self.weights, self.scored, self._one(), n)
        self._score()
        self._cluster()

    def learn(self) -> float:
        """One round of the re-ranker, then clusters anew with every pair inside connected parts scored.

        The share of pairs inside clusters that changed.
        """
        self._complete()
        before = self._one()
        part = connected(len(self.values), self.pairs[self.probability >= LOOSE])
        bits = self.scored["weight"].to_numpy().astype(np.float32)
        told = {"all weights": bits} | ({} if self.source is None else {"one source": self._one_source()})
        features = np.column_stack([self.features, *told.values()])
        sure = (
            before | (self.probability < self.conf.threshold) if self.judged else np.ones(len(before), bool)
        )
        found = reranked(features, before, sure, part[self.pairs[:, 0]], self.conf.training.seed)
        self.probability = found.probability
        self.judged = Judged((*self.likeness.names, *told), features, found.judge, found.models)
        self._cluster()
        return float((before != self._one()).sum() / max(before.sum(), 1))

    def _one_source(self) -> npt.NDArray[np.float32]:
        """Whether one source gave both records of a pair."""
        assert self.source is not None
        one = self.source[self.pairs[:, 0]] == self.source[self.pairs[:, 1]]
        return np.asarray(one, np.float32)

    def _one(self) -> npt.NDArray[np.bool_]:
        same: npt.NDArray[np.bool_] = self.labels[self.pairs[:, 0]] == self.labels[self.pairs[:, 1]]
        return same

    def _score(self) -> None:
        self.scored = self.scorer.score(self.weights)
        bits = self.scored["weight"].to_numpy()
        self.probability = 1 / (1 + np.exp2(-np.clip(bits, -50, 50)))

    def _cluster(self, threshold: float | None = None) -> None:
        at = self.conf.threshold if threshold is None else threshold
        self.labels = clustered(len(self.values), self.pairs, self.probability, at, self.distinct)

    def _complete(self) -> None:
        """Add the pairs inside connected parts that no key brought together."""
        n = len(self.values)
        part = connected(n, self.pairs[self.probability >= self.conf.threshold])
        inner = within(part, WHOLE)
        known = self.pairs[:, 0] * n + self.pairs[:, 1]
        fresh = inner[~np.isin(inner[:, 0] * n + inner[:, 1], known)]
        if not len(fresh):
            return
        merged = np.concatenate([self.pairs, fresh])
        order = np.lexsort((merged[:, 1], merged[:, 0]))
        judged = np.concatenate([self.probability, np.full(len(fresh), np.nan)])[order]
        self.features = np.concatenate([self.features, self.likeness.of(fresh)])[order]
        self.pairs = self.scorer.pairs = merged[order]
        self._score()
        self.probability = np.where(np.isnan(judged), self.probability, judged)

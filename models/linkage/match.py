"""The whole way from a table to clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.candidates import candidates
from models.linkage.chinese import understood
from models.linkage.clustering import LOOSE, clustered, connected, within
from models.linkage.encoded import candidates as encoded_candidates
from models.linkage.encoded import is_encoded, with_levels
from models.linkage.evidence import Judged
from models.linkage.field import Field
from models.linkage.labels import UNKNOWN, Labels, of_entities, with_known
from models.linkage.matched import Matched
from models.linkage.normalising import normalised
from models.linkage.reranking import reranked
from models.linkage.scoring import Scorer, SparkScorer
from models.linkage.shared import discounted, stayed
from models.linkage.similarity import Likeness
from models.linkage.small import without_rarity
from models.linkage.sources import Origin, sources
from models.linkage.texts import Texts
from models.linkage.undecided import eased
from models.linkage.uniting import united
from models.linkage.vocabulary import told_alike
from models.linkage.weights import FEW_COLUMNS, all_pairs, likely_prior, refitted, sufficient, unweighed

Pairs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]
WHOLE: Final = 60
"""Records of a connected part up to which every pair in it is scored."""
REFITS: Final = 3
SEED_THRESHOLD: Final = 0.9
"""For the clusters that m and the prior are taken from: at the usual threshold households join, and stay joined."""
MANY: Final = 1_000_000
HOPELESS_BITS: Final = -14.0
"""Of more than MANY pairs those with less weight are left out, but for some; later estimates move less than that."""
KNOWN_WEIGHT: Final = 5.0
"""How many pairs found by itself a known one outweighs in training."""
SETTLED: Final = 0.005
"""Share of matched pairs below whose change the rounds end."""


def match(
    table: pd.DataFrame,
    conf: LinkageConf,
    progress: Progress = lambda _: None,
    labels: Labels | None = None,
) -> Matched:
    """Clusters of the rows of `table`, with the pairs that led to them. Deterministic for the same rows and seed.

    `labels`: what is known already; it is believed, and the re-ranker learns from it as well.
    """
    if labels is None and conf.known_column:
        labels = of_entities(table[conf.known_column])
    source = sources(table, conf)
    plain = normalised(table.reset_index(drop=True), conf.compared, source)
    values, conf = understood(*united(plain, without_rarity(conf, len(table))))
    progress("finding candidates")
    conf = with_levels(values, conf) if is_encoded(conf) else conf
    found = encoded_candidates(values, conf) if is_encoded(conf) else candidates(values, conf)
    progress(f"weighing {len(found.pairs):,} pairs")
    run = _Run(values, conf, with_known(found.pairs, labels), source, labels)
    try:
        run.weigh()
        for turn in range(conf.training.rounds):
            progress(f"learning from the clusters, round {turn + 1}")
            if run.learn() < SETTLED:
                break
        return run.matched(found.by)
    finally:
        run.scorer.close()


class _Run:
    def __init__(
        self,
        values: pd.DataFrame,
        conf: LinkageConf,
        pairs: Pairs,
        source: pd.Series | None,
        labels: Labels | None,
    ) -> None:
        self.conf, self.pairs, self.labels_known = conf, pairs, labels
        self.judged: Judged | None = None
        self.probability: Floats = np.zeros(len(pairs))
        self.origin = Origin(source, conf)
        self.features = np.empty((0, 0), np.float32)
        self._take(values)

    def _take(self, values: pd.DataFrame) -> None:
        columns = self.conf.compared
        self.values = values
        fields = {name: Field(values[name]) for name in columns}
        self.likeness = Likeness(values, fields, columns)
        self.texts = Texts(fields, columns)
        self.scorer = (SparkScorer if self.conf.engine == "spark" else Scorer)(values, columns, self.pairs)

    def weigh(self) -> None:
        """Fellegi-Sunter: u from random pairs, m and prior from the clusters, a few times over."""
        n = len(self.values)
        weights = unweighed(self.conf.compared, n)
        self.weights = self.scorer.with_u(weights, self.conf.training.seed)
        self._score()
        if self._told_alike():
            self.weights = self.scorer.with_u(weights, self.conf.training.seed)
            self._score()
        drawn = self.weights.u
        if self._few:
            self.weights = replace(self.weights, prior=likely_prior(self.scored, self.weights.prior, n))
        self._leave_hopeless()
        for _ in range(REFITS):
            self._score()
            self._cluster(SEED_THRESHOLD)
            one, likely = self._one(), self._expected()
            held = self.origin.counted(one, self.probability, self.pairs)
            self.weights = refitted(self.weights, drawn, self.scored, held, n, self.stayed, likely)
            self.texts.learn(one, self.scored)
        self._score()
        self._cluster()

    def _told_alike(self) -> bool:
        """Numbers and categories that sources tell in ways of their own as in one; whether there are any."""
        compared, code = self.conf.compared, self.origin.code
        values = told_alike(self.values, compared, code, self.pairs, self.scored)
        if moved := values is not self.values:
            self.scorer.close()
            self._take(values)
        return moved

    def _expected(self) -> float:
        """How many pairs are one, where probabilities may be added up: where moves are known, or rivals compete."""
        trusted = self.stayed or self.origin.competes
        return float(self.probability.sum()) if trusted else 0.0

    @property
    def _few(self) -> bool:
        """Whether so few columns are compared that each must carry much: only then is a prior looked for among the
        pairs. With many, households agree in most of them, and such a prior takes them for matches.
        """
        return len(self.conf.compared) <= FEW_COLUMNS

    def _leave_hopeless(self) -> None:
        """Of very many pairs only those that may be matches, and a part of the rest to learn from."""
        if len(self.pairs) <= MANY:
            return
        draw = np.random.default_rng(self.conf.training.seed).random(len(self.pairs))
        kept = (self.scored["weight"].to_numpy() > HOPELESS_BITS) | (draw < MANY / 2 / len(self.pairs))
        self.pairs = self.scorer.pairs = self.pairs[kept | (self._told() != UNKNOWN)]

    def matched(self, found_by: pd.DataFrame) -> Matched:
        """What was found."""
        return Matched(
            self.labels,
            self.pairs,
            self.probability,
            self.counted,
            self.scored,
            replace(self.weights, words_kept=self.texts.words_kept()),
            found_by,
            self.judged,
            self.origin.clean,
        )

    def learn(self) -> float:
        """One round of the re-ranker, then clusters anew with every pair inside connected parts scored.

        The share of pairs inside clusters that changed.
        """
        if not len(self.features):
            self.features = self.likeness.of(self.pairs)
        self._complete()
        before = self._one()
        part = connected(len(self.values), self.pairs[self.probability >= LOOSE])
        bits = self.scored["weight"].to_numpy()
        named = {"all weights": bits.astype(np.float32)} | self.origin.features(self.pairs, bits)
        features = np.column_stack([self.features, *named.values()])
        told = self._told()
        label = np.where(told == UNKNOWN, before, told == 1)
        likely = self.probability >= (self.conf.threshold if self.judged else 2.0)
        sure = label | ~likely | (told != UNKNOWN)
        weight = np.where(told == UNKNOWN, 1.0, KNOWN_WEIGHT)
        found = reranked(features, label, sure, weight, part[self.pairs[:, 0]], self.conf.training.seed)
        self.probability = self.origin.shared(found.probability)
        self.judged = Judged((*self.likeness.names, *named), features, found.judge, found.models)
        self._believe()
        self._cluster()
        return float((before != self._one()).sum() / max(before.sum(), 1))

    def _one(self) -> npt.NDArray[np.bool_]:
        same: npt.NDArray[np.bool_] = self.labels[self.pairs[:, 0]] == self.labels[self.pairs[:, 1]]
        return same

    def _score(self) -> None:
        n = len(self.values)
        raw = self.texts.weighed(self.scorer.score(self.weights), self.pairs)
        self.scored, self.groups = discounted(raw, self.conf.compared, self.weights.prior, all_pairs(n))
        if not self.origin.competes:
            self.scored = self.texts.parted(self.scored)
        self.stayed = stayed(raw, self.groups)
        if self._few:
            self.weights, self.scored = sufficient(self.weights, self.scored, n)
        bits = self.scored["weight"].to_numpy()
        self.origin.look(self.pairs, bits)
        self.probability = self.origin.shared(1 / (1 + np.exp2(-np.clip(bits, -50, 50))))
        self._believe()

    def _told(self) -> npt.NDArray[np.int8]:
        known = self.labels_known
        return np.full(len(self.pairs), UNKNOWN, np.int8) if known is None else known.told(self.pairs)

    def _believe(self) -> None:
        """What is known needs no judgement."""
        told = self._told()
        self.probability = np.where(told == UNKNOWN, self.probability, told == 1)

    def _cluster(self, threshold: float | None = None) -> None:
        at = self.conf.threshold if threshold is None else threshold
        counted = eased(self.probability, self.weights, self.scored, at)
        self.counted = np.where(self._told() == UNKNOWN, counted, self.probability)
        distinct = self.origin.distinct()
        self.labels = clustered(len(self.values), self.pairs, self.probability, at, distinct, self.counted)

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
        self._believe()

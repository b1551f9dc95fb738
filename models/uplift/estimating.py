"""Whom does the treatment move? Cross-fitted effects of a past campaign with hold-out, and whether to rank by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.core.errors import UsageError
from models.core.bootstrap import DRAWS
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.core.proxies import Proxy, proxies
from models.core.table.columns import Columns, as_table, columns_of, plain
from models.core.table.label import outcomes
from models.uplift.curves import Trial
from models.uplift.judging import Report, judged
from models.uplift.learners import LEARNERS, Base, Effects, response
from models.uplift.scale import scale_of, scaled

FOLDS: Final = 5
FEWEST: Final = 100
"""Customers in each arm, and of each outcome of 0 and 1 in each arm FEWEST_CASES, without which nothing is learnt."""
FEWEST_CASES: Final = 20
ALL: Final = "mean"
"""The name of the learners' mean, which is the effect that is given out."""


@dataclass(frozen=True)
class Uplift:
    """`effects`: by learner, and their `mean` brought to scale, one value a row, in the outcome's unit, each foretold by
    folds that left the row out. `report`: how good they are. `assigned`: how well the features foretell who was treated (an AUC well above .5: not
    at random). `columns` and `models`: for rows of others.
    """

    effects: dict[str, Floats]
    report: Report
    assigned: Proxy | None
    left_out: dict[str, str]
    columns: Columns
    models: Sequence[Effects]
    scale: tuple[float, float]

    def predict(self, frame: Any) -> Floats:
        """The effect on each row of another frame: the mean of all folds' models. Raises as `Columns.matrix`."""
        x = self.columns.matrix(frame)
        if not len(x):
            return np.empty(0)
        effects: Floats = np.mean([model(x) for model in self.models], axis=0)
        return scaled(effects, self.scale)


def estimate(
    frame: Any,
    *,
    treatment: str,
    outcome: str,
    rule: str | Floats | None = None,
    treated: Any = None,
    positive: Any = None,
    exclude: Sequence[str] = (),
    folds: int = FOLDS,
    draws: int = DRAWS,
    seed: int = 7,
) -> Uplift:
    """Effects of `treatment` (two values; `treated` names the one) on `outcome` (two values, of which `positive`
    names the case; or a number) by row.

    All other columns but `exclude` are features: give only what was known before the treatment. `rule`: a numeric column
    or score by which one would choose otherwise (such as recency and value; higher first), to be beaten.
    Deterministic. Raises UsageError for what can't be learnt, with column and remedy.
    """
    table = as_table(frame)
    t, _ = outcomes(table, treatment, treated)
    y, binary = _outcome(table, outcome, positive)
    _enough(t, y, binary)
    columns, left = columns_of(table, [treatment, outcome, *exclude], None)
    if not columns.features:
        raise UsageError(
            "no column is left to tell customers by", f"left out were {', '.join(left) or 'all'}"
        )
    x, trial = columns.matrix(table), Trial(y, t)
    places = tuple(columns.features.index(n) for n in columns.categories)
    raw, rival, models = cross_fitted(x, trial, Base(binary, places, seed), folds)
    scale = scale_of(trial, np.mean(list(raw.values()), axis=0))
    effects = {**raw, ALL: scaled(np.mean(list(raw.values()), axis=0), scale)}
    rivals = {"response model": rival} | ({} if rule is None else {"rule": _rule(table, rule)})
    who = proxies(x, columns.features, columns.categories, {treatment: t.astype(object)}, seed=seed)
    report = judged(trial, effects, ALL, rivals, draws=draws, seed=seed)
    return Uplift(effects, report, who[0] if who else None, left, columns, models, scale)


def cross_fitted(
    x: Matrix, trial: Trial, base: Base, folds: int = FOLDS, fold: npt.NDArray[np.int64] | None = None
) -> tuple[dict[str, Floats], Floats, list[Effects]]:
    """Effects by learner, the response model's score, each by folds that left the row out; and the folds' mean learners.

    `fold`: each row's, where somebody has several rows; else arms and outcomes are spread evenly.
    """
    effects = {name: np.empty(len(x)) for name in LEARNERS}
    score, models = np.empty(len(x)), []
    fold = _folds(trial, folds, base.seed) if fold is None else fold
    for number in range(folds):
        out, part = fold == number, fold != number
        given = (x[part], trial.t[part], trial.y[part], base)
        fitted = {name: learner(*given) for name, learner in LEARNERS.items()}
        for name, said in fitted.items():
            effects[name][out] = said(x[out])
        score[out] = response(*given)(x[out])
        models.append(_mean_of(list(fitted.values())))
    return effects, score, models


def _mean_of(said: Sequence[Effects]) -> Effects:
    def effects(rows: Matrix) -> Floats:
        mean: Floats = np.mean([one(rows) for one in said], axis=0)
        return mean

    return effects


def _folds(trial: Trial, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Each arm and outcome of 0 and 1 spread evenly."""
    rng, fold = np.random.default_rng(seed), np.empty(len(trial.y), dtype=np.int64)
    stratum = trial.t + 2 * (trial.y > 0)
    for value in np.unique(stratum):
        rows = np.flatnonzero(stratum == value)
        fold[rows] = rng.permutation(np.arange(len(rows)) % folds)
    return fold


def _outcome(table: pa.Table, name: str, positive: Any) -> tuple[Floats, bool]:
    """Outcomes as numbers, and whether they are 0 and 1."""
    if name not in table.column_names:
        raise UsageError(f"there is no outcome {name!r}", f"columns are {', '.join(table.column_names)}")
    numeric = pa.types.is_integer(table[name].type) or pa.types.is_floating(table[name].type)
    if not numeric or table[name].null_count or len(table[name].unique()) <= 2:
        return outcomes(table, name, positive)[0], True
    values = np.asarray(plain(table, name, None).to_numpy(zero_copy_only=False), dtype=np.float64)
    if not np.isfinite(values).all():
        raise UsageError(
            f"outcome {name!r} isn't a number everywhere", "leave out rows whose outcome isn't known"
        )
    return values, False


def _enough(t: Floats, y: Floats, binary: bool) -> None:
    arms = {"treated": t == 1, "untreated": t == 0}
    for arm, rows in arms.items():
        if rows.sum() < FEWEST:
            raise UsageError(
                f"too few customers: {int(rows.sum())} {arm}, {FEWEST} needed", "take a larger campaign"
            )
        cases = int(min((y[rows] > 0).sum(), (y[rows] <= 0).sum()))
        if binary and cases < FEWEST_CASES:
            raise UsageError(
                f"too few cases: {cases} of the rarer outcome among the {arm}, {FEWEST_CASES} needed",
                "take a larger campaign or a more frequent outcome",
            )


def _rule(table: pa.Table, rule: str | Floats) -> Floats:
    if not isinstance(rule, str):
        if len(rule) != len(table):
            raise UsageError(f"the rule has {len(rule)} scores for {len(table)} rows", "give one by row")
        return np.asarray(rule, dtype=np.float64)
    if rule not in table.column_names:
        raise UsageError(f"there is no rule {rule!r}", f"columns are {', '.join(table.column_names)}")
    column = plain(table, rule, None)
    if not pa.types.is_floating(column.type):
        raise UsageError(f"rule {rule!r} isn't a number", "give a score; higher means sooner")
    score = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.where(np.isnan(score), -np.inf, score)

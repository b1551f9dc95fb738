"""How well an order of customers finds those whom treatment moves: Qini curve, its area, uplift among the first.

Everything takes one value per customer: y the outcome, t 1 where treated, score the order (higher first). Treatment must
have been assigned at random. Ties count as one step of the curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.core.metrics import NAN, Floats


@dataclass(frozen=True, slots=True)
class Trial:
    """Outcomes and treatment (0 or 1) of the same customers."""

    y: Floats
    t: Floats

    def at(self, rows: npt.NDArray[np.int64]) -> Trial:
        """A resample."""
        return Trial(self.y[rows], self.t[rows])


def curve(trial: Trial, score: Floats) -> tuple[Floats, Floats]:
    """(customers, gain): after so many by score, outcomes of the treated less those of as many untreated.

    Radcliffe 2007: gain = Σy(treated) − Σy(untreated) · n(treated) / n(untreated), from (0, 0).
    """
    order = np.argsort(-score, kind="stable")
    y, t, by = trial.y[order], trial.t[order], score[order]
    last = np.r_[np.flatnonzero(np.diff(by)), len(by) - 1] if len(by) else np.empty(0, dtype=int)
    treated, untreated = np.cumsum(t)[last], np.cumsum(1 - t)[last]
    ratio = np.divide(treated, untreated, out=np.zeros(len(last)), where=untreated > 0)
    gain = np.cumsum(y * t)[last] - np.cumsum(y * (1 - t))[last] * ratio
    return np.r_[0.0, last + 1.0], np.r_[0.0, gain]


def area(trial: Trial, score: Floats) -> float:
    """The area between the Qini curve and the straight line of random order, per customer and share: outcome units.

    0: no better than chance. nan where nobody, or everybody, is treated.
    """
    size = len(trial.y)
    if not size or not 0 < trial.t.sum() < size:
        return NAN
    x, gain = curve(trial, score)
    return float((np.trapezoid(gain, x) - size * gain[-1] / 2) / size**2)


def qini(trial: Trial, score: Floats) -> float:
    """The area over that of a perfect order, for outcomes of 0 and 1 (scikit-uplift's `qini_auc_score`); else nan."""
    return area(trial, score) / perfect_area(trial)


def perfect_area(trial: Trial) -> float:
    """The area of a perfect order; nan where outcomes aren't 0 and 1, or no order is better than another."""
    if not ((trial.y == 0) | (trial.y == 1)).all():
        return NAN
    best = area(trial, _perfect(trial))
    return best if best > 0 else NAN


def _perfect(trial: Trial) -> Floats:
    """First who came because treated, last who stayed away because treated; of the rest the rarer kind decides."""
    y, t = trial.y, trial.t
    untreated_came, treated_stayed = (y * (1 - t)).sum(), ((1 - y) * t).sum()
    order: Floats = 2.0 * (y == t) + (y if untreated_came > treated_stayed else t)
    return order


def uplift_at(trial: Trial, score: Floats, share: float = 0.3) -> float:
    """Mean outcome of the treated less that of the untreated, among the first `share` by score."""
    top = np.argsort(-score, kind="stable")[: int(len(score) * share)]
    return effect(trial.at(top))


def effect(trial: Trial) -> float:
    """Mean outcome of the treated less that of the untreated; nan where either is nobody."""
    treated = trial.t > 0
    if not treated.any() or treated.all():
        return NAN
    return float(trial.y[treated].mean() - trial.y[~treated].mean())


def slope(trial: Trial, effects: Floats) -> float:
    """By how much the real effect rises where the foretold one rises by one; 1: as foretold, 0: no such differences.

    Best linear predictor of the effect (Chernozhukov, Demirer, Duflo and Fernández-Val 2018): regression of
    y · (t − p) / (p · (1 − p)) on the effects. nan where these don't differ.
    """
    share = trial.t.mean() if len(trial.t) else 0.0
    spread = effects - effects.mean() if len(effects) else effects
    if not 0 < share < 1 or not (spread**2).sum():
        return NAN
    centred = trial.y - np.where(trial.t > 0, trial.y[trial.t > 0].mean(), trial.y[trial.t == 0].mean())
    moved = centred * (trial.t - share) / (share * (1 - share))
    return float((moved * spread).sum() / (spread**2).sum())

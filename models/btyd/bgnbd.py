"""BG/NBD (Fader, Hardie, Lee 2005: Marketing Science 24(2)) and its modification MBG/NBD (Batislam et al. 2007).

Purchases are Poisson with a gamma-distributed rate; after each a customer may leave with a beta-distributed
probability – in the modified model also after the first, so that who bought once isn't surely active for ever.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Floats = npt.NDArray[np.float64]
STARTS: Final = ((0.5, 5.0, 1.0, 3.0), (1.0, 1.0, 1.0, 1.0), (0.2, 10.0, 0.5, 5.0), (2.0, 20.0, 2.0, 2.0))
BOUND: Final = 12.0


class UnfittedError(ValueError):
    """The log doesn't determine the parameters."""


@dataclass(frozen=True)
class History:
    """Customers as three arrays: x repeat purchases, t_x time from the first to the last, T time since the first."""

    x: Floats
    t_x: Floats
    T: Floats


@dataclass(frozen=True)
class BgNbd:
    """Fitted parameters; times in the unit of the history."""

    r: float
    alpha: float
    a: float
    b: float
    modified: bool = False

    def p_active(self, h: History) -> Floats:
        """The probability that a customer hasn't left (unmodified: 1 for who bought once)."""
        with np.errstate(over="ignore"):
            odds = self._leaving(h.x) * ((self.alpha + h.T) / (self.alpha + h.t_x)) ** (self.r + h.x)
        p: Floats = 1 / (1 + odds)
        return p

    def expected(self, h: History, t: float) -> Floats:
        """Purchases expected in the time `t` after the history's end."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b + (1 if self.modified else 0)
        a = a if abs(a - 1) > 1e-4 else 1 + 1e-4
        share = (alpha + h.T) / (alpha + h.T + t)
        series = hyp2f1(r + h.x, b + h.x, a + b + h.x - 1, t / (alpha + h.T + t))
        grown = (a + b + h.x - 1) / (a - 1) * (1 - share ** (r + h.x) * series)
        upper = (r + h.x) / (alpha + h.T) * t  # what somebody who never leaves would buy
        grown = np.where(np.isfinite(grown) & (grown >= 0) & (grown <= upper), grown, upper)
        found: Floats = grown * self.p_active(h)
        return found

    def drawn(self, h: History, t: float, draws: int, seed: int) -> npt.NDArray[np.int64]:
        """Purchases in the time `t` after the end, `draws` times: shape (customers, draws)."""
        rng, size = np.random.default_rng(seed), (len(h.x), draws)
        active = rng.random(size) < self.p_active(h)[:, None]
        rate = rng.gamma((self.r + h.x)[:, None], 1 / (self.alpha + h.T)[:, None], size)
        kept = self.b + h.x + (1 if self.modified else 0)
        leaving = np.clip(rng.beta(self.a, kept[:, None], size), 1e-12, 1)
        until = np.minimum(rng.geometric(leaving), 1_000_000)
        return np.where(active, np.minimum(rng.poisson(rate * t), until), 0)

    def _leaving(self, x: Floats) -> Floats:
        if self.modified:
            return self.a / (self.b + x)
        return np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1), 0.0)


def fit(h: History, *, modified: bool = False) -> BgNbd:
    """Maximum likelihood from several starts. Raises UnfittedError where none converges, or nobody bought twice."""
    if len(h.x) < 10 or not (h.x > 0).any():
        raise UnfittedError("fewer than ten customers, or none who came back")
    once, count = np.unique(np.column_stack([h.x, h.t_x, h.T]), axis=0, return_counts=True)
    folded = History(*once.T)
    # In a unit near the typical age the parameters have one size, whatever the log's time unit.
    unit = max(float(np.median(h.T)), 1e-9) / 10
    scaled = History(folded.x, folded.t_x / unit, folded.T / unit)
    tried = [_from(start, scaled, count, modified) for start in STARTS]
    best = min((t for t in tried if t is not None), key=lambda t: t[0], default=None)
    if best is None:
        raise UnfittedError("the likelihood has no maximum that could be found")
    r, alpha, a, b = np.exp(best[1])
    return BgNbd(float(r), float(alpha * unit), float(a), float(b), modified)


def log_likelihood(model: BgNbd, h: History) -> Floats:
    """Of each customer."""
    r, alpha, a, b, modified = astuple(model)
    kept = b + h.x + (1 if modified else 0)
    both = betaln(a, kept) - betaln(a, b) if modified else betaln(a, b + h.x) - betaln(a, b)
    stays = -(r + h.x) * np.log(alpha + h.T)
    with np.errstate(divide="ignore"):
        leaves = np.log(model._leaving(h.x)) - (r + h.x) * np.log(alpha + h.t_x)  # noqa: SLF001 - one model
    value: Floats = gammaln(r + h.x) - gammaln(r) + r * np.log(alpha) + both + np.logaddexp(stays, leaves)
    return value


def _from(
    start: tuple[float, ...], h: History, count: npt.NDArray[np.int64], modified: bool
) -> tuple[float, Floats] | None:
    def loss(logs: Floats) -> float:
        if np.abs(logs).max() > BOUND:
            return 1e10
        r, alpha, a, b = np.exp(logs)
        value = -float(np.average(log_likelihood(BgNbd(r, alpha, a, b, modified), h), weights=count))
        return value if np.isfinite(value) else 1e10

    found = minimize(
        loss, np.log(start), method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-5, "fatol": 1e-9}
    )
    return (float(found.fun), found.x) if found.fun < 1e9 else None

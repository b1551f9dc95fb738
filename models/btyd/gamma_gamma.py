"""Gamma-Gamma (Fader and Hardie 2013): what a purchase is worth, from few of them, drawn towards everybody's mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """A purchase is gamma(p, ν); ν is gamma(q, γ) among customers. Amounts in the log's currency."""

    p: float
    q: float
    gamma: float

    def expected(self, n: Floats, mean: Floats) -> Floats:
        """The mean purchase of a customer with `n` purchases of `mean` on average."""
        share = self.p * n / (self.p * n + max(self.q - 1, 1e-6))
        everybody = self.p * self.gamma / max(self.q - 1, 1e-6)
        value: Floats = (1 - share) * everybody + share * mean
        return value

    def drawn(self, n: Floats, mean: Floats, bought: npt.NDArray[np.int64], seed: int) -> Floats:
        """The sum of `bought` (customers, draws) further purchases."""
        rng = np.random.default_rng(seed)
        shape, rate = (self.q + self.p * n)[:, None], (self.gamma + n * mean)[:, None]
        nu = rng.gamma(shape, 1 / rate, bought.shape)
        spent = rng.gamma(np.maximum(self.p * bought, 1e-9)) / np.maximum(nu, 1e-300)
        return np.where(bought > 0, spent, 0.0)


def fit(n: Floats, mean: Floats) -> GammaGamma:
    """Maximum likelihood over customers with `n` ≥ 1 purchases of `mean` > 0 on average."""
    usable = (n > 0) & (mean > 0)
    n, unit = n[usable], float(np.median(mean[usable]))
    m = mean[usable] / unit

    def loss(logs: Floats) -> float:
        p, q, g = np.exp(np.clip(logs, -8, 8))
        ll = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(g)
        ll += (p * n - 1) * np.log(m) + p * n * np.log(n) - (p * n + q) * np.log(g + m * n)
        # q at or under 1 has no mean: a light hand keeps it above on logs of few purchases.
        return float(10 * max(0.0, 1.05 - q) ** 2 - ll.mean())

    found = minimize(loss, np.log([3.0, 3.0, 3.0]), method="Nelder-Mead", options={"maxiter": 3000})
    p, q, g = np.exp(np.clip(found.x, -8, 8))
    return GammaGamma(float(p), float(q), float(g * unit))

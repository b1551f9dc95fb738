from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

from models.btyd import bgnbd, gamma_gamma
from models.btyd.bgnbd import BgNbd, History, UnfittedError
from models.btyd.history import history, summary
from models.btyd.log import day_number
from tests.conftest import shared


def test_published_parameters_of_cdnow_are_found_again() -> None:
    rows = pd.read_csv(
        shared("models", "cdnow", "CDNOW_sample.txt"), sep=r"\s+", header=None, dtype=str,
        names=["master", "customer", "date", "cds", "amount"],
    )  # fmt: skip
    days = (pd.to_datetime(rows["date"], format="%Y%m%d") - pd.Timestamp(0)).dt.days
    log = rows.assign(day=days, amount=1.0).groupby(["customer", "day"], as_index=False)["amount"].sum()
    found = bgnbd.fit(history(summary(log, day_number(date(1997, 9, 30)))))
    # Fader, Hardie, Lee 2005: r .24, α 4.41, a .79, b 2.43
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.24, 4.41, 0.79, 2.43), abs=0.02)


@pytest.mark.parametrize("modified", [False, True])
def test_what_is_expected_is_the_mean_of_what_is_drawn(modified: bool) -> None:
    model = BgNbd(0.5, 6.0, 0.8, 2.0, modified)
    h = History(np.array([0.0, 2.0, 10.0]), np.array([0.0, 20.0, 30.0]), np.array([30.0, 30.0, 38.0]))
    drawn = model.drawn(h, 26, 60_000, seed=1).mean(axis=1)
    assert model.expected(h, 26) == pytest.approx(drawn, rel=0.04)


def test_parameters_that_made_a_log_are_found_in_it() -> None:
    rng, n = np.random.default_rng(3), 20_000
    age = rng.uniform(20, 60, n)
    rate, leaving = rng.gamma(0.8, 1 / 8.0, n), rng.beta(1.2, 3.0, n)
    x, last = np.zeros(n), np.zeros(n)
    for i in range(n):
        at = 0.0
        while (at := at + rng.exponential(1 / rate[i])) < age[i]:
            x[i], last[i] = x[i] + 1, at
            if rng.random() < leaving[i]:
                break
    found = bgnbd.fit(History(x, last, age))
    assert (found.r, found.alpha) == pytest.approx((0.8, 8.0), rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(1.2 / 4.2, rel=0.1)


def test_who_came_lately_is_likelier_active() -> None:
    h = History(np.array([4.0, 4.0]), np.array([5.0, 35.0]), np.array([38.0, 38.0]))
    gone, here = BgNbd(0.24, 4.41, 0.79, 2.43).p_active(h)
    assert gone < 0.2
    assert here > 0.8


def test_nobody_who_came_back_gives_a_clear_refusal() -> None:
    with pytest.raises(UnfittedError, match="none who came back"):
        bgnbd.fit(History(np.zeros(50), np.zeros(50), np.full(50, 9.0)))


def test_the_likelihood_is_that_of_the_paper() -> None:
    r, alpha, a, b = 0.24, 4.41, 0.79, 2.43
    x, t_x, age = 2.0, 30.43, 38.86
    first = np.exp(gammaln(r + x) - gammaln(r)) * alpha**r
    second = np.exp(gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x))
    last = (alpha + age) ** -(r + x) + a / (b + x - 1) * (alpha + t_x) ** -(r + x)
    told = bgnbd.log_likelihood(BgNbd(r, alpha, a, b), History(*(np.array([v]) for v in (x, t_x, age))))
    assert told[0] == pytest.approx(np.log(first * second * last))


def test_few_purchases_are_drawn_towards_everybodys_mean() -> None:
    rng = np.random.default_rng(5)
    nu = rng.gamma(4.0, 1 / 15.0, 5_000)
    n = rng.integers(1, 8, 5_000).astype(float)
    mean = np.array([rng.gamma(6.0, 1 / v, int(k)).mean() for v, k in zip(nu, n, strict=True)])
    found = gamma_gamma.fit(n, mean)
    everybody = found.p * found.gamma / (found.q - 1)
    once, often = found.expected(np.array([1.0, 50.0]), np.array([100.0, 100.0]))
    assert (found.p, found.q) == pytest.approx((6.0, 4.0), rel=0.15)
    assert everybody < once < often < 100.0

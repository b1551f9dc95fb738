"""The total over a horizon: what cohorts, seasons, first purchases and returns do to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.btyd.level import level


def bought(
    customers: int, days: int, rate: float, seed: int, *, joining: int = 1, leaving: float = 0.0,
    december: float = 1.0,
) -> pd.DataFrame:  # fmt: skip
    """Daily purchases of 10 with probability `rate`, from a first day within `joining`; gone after an exponential time."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, joining, customers)
    until = first + (rng.exponential(1 / leaving, customers) if leaving else days)
    day = np.arange(days)
    lively = np.where(day % 365 >= 334, december, 1.0) * rate
    came = (rng.random((customers, days)) < lively) & (day > first[:, None]) & (day < until[:, None])
    who, when = np.nonzero(came)
    rows = pd.DataFrame(
        {"customer": np.r_[np.arange(customers), who], "day": np.r_[first, when], "amount": 10.0}
    )
    return rows.sort_values(["customer", "day"], ignore_index=True)


def total(log: pd.DataFrame, until: int, weeks: int) -> tuple[float, float]:
    seen = log[log["day"] <= until]
    first = seen.groupby("customer")["day"].min()
    found = level(seen, first, until, weeks)
    assert found is not None
    later = log[(log["day"] > until) & (log["day"] <= until + 7 * weeks) & log["customer"].isin(first.index)]
    return found.total, float(later["amount"].sum())


def test_what_goes_on_unchanged_is_foretold_exactly() -> None:
    foretold, actual = total(bought(2000, 500, 0.03, 1), 300, 26)
    assert foretold == pytest.approx(actual, rel=0.03)


def test_first_purchases_of_new_customers_are_no_habit() -> None:
    foretold, actual = total(bought(4000, 500, 0.002, 2, joining=320), 320, 25)
    run_rate = 10.0 * 4000 * (91 / 320) / 91 * 25 * 7
    assert run_rate > 1.5 * actual
    assert foretold == pytest.approx(actual, rel=0.15)


def test_who_leaves_is_missed_by_the_ageing_cohorts_and_not_by_the_present_rate() -> None:
    log = bought(4000, 600, 0.03, 3, joining=200, leaving=1 / 200)
    seen = log[log["day"] <= 300]
    found = level(seen, seen.groupby("customer")["day"].min(), 300, 20)
    actual = float(log[(log["day"] > 300) & (log["day"] <= 440)]["amount"].sum())
    assert found is not None
    assert found.ageing == pytest.approx(actual, rel=0.12)
    assert found.flat > 1.4 * actual
    assert found.ageing < found.total < found.flat


def test_ageing_counts_for_more_where_older_cohorts_have_shown_the_ages_ahead() -> None:
    together = bought(4000, 900, 0.03, 6, joining=30, leaving=1 / 300)
    one_by_one = bought(4000, 900, 0.03, 6, joining=500, leaving=1 / 300)
    known = []
    for log in (together, one_by_one):
        seen = log[log["day"] <= 600]
        found = level(seen, seen.groupby("customer")["day"].min(), 600, 20)
        assert found is not None
        assert min(found.ageing, found.flat) < found.total < max(found.ageing, found.flat)
        known.append(found.known)
    assert known[0] < 0.1
    assert known[1] > 0.3


def test_the_season_is_known_after_two_years() -> None:
    log = bought(2000, 3 * 365 + 5, 0.02, 4, december=4.0)
    after_christmas, actual = total(log, 2 * 365 + 2, 13)
    assert after_christmas == pytest.approx(actual, rel=0.1)
    before_christmas, with_it = total(log, 2 * 365 + 300, 9)
    assert before_christmas == pytest.approx(with_it, rel=0.25)


def test_returns_lower_the_total_and_nothing_bought_again_gives_none() -> None:
    log = bought(500, 400, 0.03, 5)
    back = log.sample(frac=0.2, random_state=1).assign(amount=-10.0)
    back["day"] += 3
    whole = pd.concat([log, back]).groupby(["customer", "day"], as_index=False)["amount"].sum()
    assert total(whole, 250, 13)[0] == pytest.approx(0.8 * total(log, 250, 13)[0], rel=0.05)
    once = log.groupby("customer", as_index=False).first()
    assert level(once, once.set_index("customer")["day"], 100, 13) is None

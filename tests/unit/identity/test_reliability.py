"""How often sources are right, from statements whose makers are known to err so often."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.reliability import Reliability, reliabilities

CUSTOMERS = 4000


def stated(shares: dict[str, float], *, present: float = 0.8, seed: int = 1, wrong: int = 30) -> pd.DataFrame:
    """Each source states something of most customers: `right`, or one of so many other values."""
    rng = np.random.default_rng(seed)
    parts = []
    for source, share in shares.items():
        right, there = rng.random(CUSTOMERS) < share, rng.random(CUSTOMERS) < present
        form = np.where(right, "right", rng.integers(0, wrong, CUSTOMERS).astype(str))
        whole = pd.DataFrame(
            {"customer_id": np.arange(CUSTOMERS).astype(str), "form": form, "source": source}
        )
        parts.append(whole[there])
    return pd.concat(parts).assign(attribute="mobile", day=0)


def measured(rows: pd.DataFrame, half_life: int | None = None) -> dict[str, Reliability]:
    return {one.source: one for one in reliabilities(rows, {"mobile": half_life})}


@pytest.mark.parametrize(
    "shares",
    [
        {"core": 0.95, "crm": 0.6, "web": 0.8},
        {"core": 0.9, "crm": 0.9, "web": 0.4},
        {"core": 0.97, "crm": 0.75, "web": 0.75, "cards": 0.75},
    ],
)
def test_each_source_is_measured_without_the_truth(shares: dict[str, float]) -> None:
    found = measured(stated(shares))
    for source, share in shares.items():
        assert found[source].right == pytest.approx(share, abs=0.04), source


def test_of_two_sources_nothing_tells_which_errs() -> None:
    found = measured(stated({"core": 0.95, "crm": 0.5}))
    assert [(one.right, one.checked) for one in found.values()] == [(None, 0)] * 2
    assert found["core"].agreeing == pytest.approx(0.95 * 0.5, abs=0.03)


def test_too_few_statements_say_nothing() -> None:
    few = stated({"core": 0.9, "crm": 0.9, "web": 0.9})
    assert measured(few[few["customer_id"].astype(int) < 50]) == {}


def test_old_statements_of_what_has_changed_do_not_count_against_the_new() -> None:
    """Everybody moved between day 0 and day 3000; two sources wrote it down on the old day, two on the new."""
    old = stated({"core": 0.9, "crm": 0.9}).replace({"form": {"right": "before"}})
    new = stated({"cards": 0.9, "web": 0.9}, seed=2).assign(day=3000)
    fresh, alike = measured(pd.concat([old, new]), 365), measured(pd.concat([old, new]))
    assert fresh["cards"].right > 0.85  # type: ignore[operator]
    assert fresh["core"].right < 0.1 < alike["core"].right  # type: ignore[operator]


def test_what_has_no_date_counts_as_new() -> None:
    rows = stated({"core": 0.9, "crm": 0.9, "web": 0.9})
    undated = rows.assign(day=np.where(rows["source"] == "crm", np.nan, rows["day"]))
    assert measured(undated, 365) == measured(rows, 365)


@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    rows = stated({"core": 0.9, "crm": 0.6, "web": 0.7}).head(3000)
    assert measured(rows.sample(frac=1, random_state=seed)) == measured(rows)

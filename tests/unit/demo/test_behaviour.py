from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.demo import churn
from jobs.demo.accounts import CURRENT
from jobs.demo.arrays import NO_DATE
from jobs.demo.block import Block
from jobs.demo.catalogue import INSURANCE, KINDS
from jobs.demo.merchants import MERCHANTS, merchant_codes
from jobs.demo.movements import MOVE
from jobs.demo.offers import HOLD_OUT, TREATED
from jobs.demo.truth import TABLES


def auc(score: np.ndarray, happened: np.ndarray) -> float:
    rank = np.argsort(np.argsort(score)) + 1
    positive = int(happened.sum())
    return float((rank[happened].sum() - positive * (positive + 1) / 2) / (positive * (~happened).sum()))


@pytest.fixture(scope="module")
def half_year(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities at the end of several months, and who had gone six months later."""
    scores, outcomes = [], []
    for month in (5, 11, 17):
        here = ~np.isnan(block.life.gone_6m[:, month])
        scores.append(block.life.gone_6m[here, month])
        outcomes.append(block.life.gone[here] <= block.span.month_ends[month + 6])
    return np.concatenate(scores), np.concatenate(outcomes)


def test_true_hazard_predicts_who_goes(half_year: tuple[np.ndarray, np.ndarray]) -> None:
    assert auc(*half_year) > 0.75


def test_true_hazard_is_calibrated(half_year: tuple[np.ndarray, np.ndarray]) -> None:
    score, happened = half_year
    assert score.mean() == pytest.approx(happened.mean(), rel=0.2)


def test_a_tenth_of_the_customers_go_in_a_year(block: Block) -> None:
    end, year = block.span.month_ends[11], block.span.month_ends[23]
    here = (block.people.since <= end) & (block.life.gone > end)
    assert 0.06 < ((block.life.gone <= year) & here).sum() / here.sum() < 0.13


def test_every_kind_of_product_is_taken_up(block: Block) -> None:
    end, year = block.span.month_ends[11], block.span.month_ends[23]
    here = (block.people.since <= end) & (block.life.gone > end)
    for number, kind in enumerate(KINDS):
        owned = block.life.owned[:, number]
        lacking = here & (owned > end)
        assert ((owned <= year) & lacking).sum() / lacking.sum() > 0.012, kind


def test_what_a_leaver_does_shows_in_the_extracts(block: Block) -> None:
    """Bookings, balance and spending shrink in the months before going, and nothing follows."""
    moves, life, span = block.movements, block.life, block.span
    own = block.accounts.kind[moves.account] == CURRENT
    cell = moves.account[own] * span.months + span.month_of(moves.day[own]).clip(0, span.months - 1)
    bookings = np.bincount(cell, minlength=len(block.people) * span.months).reshape(-1, span.months)
    known = (block.people.since < span.start) & (life.gone > span.month_starts[14]) & (life.gone < span.end)
    goes = np.flatnonzero(known & life.leaving[:, : span.months].any(axis=1))
    month = span.month_of(life.gone[goes])
    assert bookings[goes, month - 1].mean() < 0.85 * bookings[goes, month - 12].mean()
    assert block.flows.balance[goes, month - 1].mean() < 0.7 * block.flows.balance[goes, month - 12].mean()
    last = np.isin(moves.account, goes) & own
    assert (moves.day[last] <= life.gone[moves.account[last]]).all()


def test_premiums_are_paid_only_by_who_is_insured_by_then(block: Block) -> None:
    moves = block.movements
    paid = moves.move == MOVE["insurance"]
    payer = block.accounts.person[moves.account[paid]]
    insured_since = block.life.owned[payer, INSURANCE]
    assert (insured_since > block.span.start).any()
    assert (insured_since <= moves.day[paid]).all()


def test_balances_and_activity_have_heavy_tails(block: Block) -> None:
    balance = np.sort(block.flows.balance[block.flows.balance[:, -1] > 0, -1])
    assert balance[-len(balance) // 10 :].sum() > 0.35 * balance.sum()
    bookings = np.bincount(block.movements.account)
    assert np.percentile(bookings, 95) > 2 * np.median(bookings)


def test_bookings_stay_near_six_a_month(block: Block) -> None:
    here = (block.people.since <= block.span.month_ends[: block.span.months, None]).sum()
    assert 3.5 < len(block.movements.day) / here < 7


def test_offers_help_some_and_harm_others(block: Block) -> None:
    book = block.life.offers
    effect, arm, adopted = (book.column(n) for n in ("effect", "arm", "adopted"))
    assert (effect < 0).mean() > 0.1
    assert (effect > 0.02).mean() > 0.2
    keen = effect > np.quantile(effect, 0.7)
    lift = (adopted[keen & (arm == TREATED)] >= 0).mean() - (adopted[keen & (arm == HOLD_OUT)] >= 0).mean()
    assert lift > 0.01


def test_survival_of_a_leaving_customer_without_return_is_geometric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn, "RECOVERY", 0.0)
    gone = churn.survival(np.array([True]), np.array([0.01]), np.array([0.01]), np.array([0.2]), 3)
    assert gone.tolist() == [pytest.approx([0.2, 0.36, 0.488])]


def test_truth_is_written_apart(bank: Path) -> None:
    assert {p.stem for p in (bank / "truth").iterdir()} == set(TABLES)
    people = pq.read_table(bank / "truth" / "person.parquet")
    records = pq.read_table(bank / "truth" / "record_person.parquet").to_pylist()
    known = set(people["person_id"].to_pylist()) | set(
        pq.read_table(bank / "truth" / "company.parquet")["company_id"].to_pylist()
    )
    assert len(people) == 400
    assert {r["person_id"] for r in records} <= known
    assert len({(r["system"], r["table"], r["key"]) for r in records}) == len(records)


def test_truth_knows_what_customers_will_be_worth(bank: Path, block: Block) -> None:
    value = pq.read_table(bank / "truth" / "future_value.parquet").to_pydict()
    assert np.isfinite(value["expected_profit_12m"]).all()
    assert all(0 < p < 1 for p in value["probability_gone_12m"])
    assert (block.life.gone < NO_DATE).any()


def test_cards_are_used_at_merchants_of_ones_own_taste(block: Block) -> None:
    rng = np.random.default_rng(1)
    payer = np.repeat([3, 4, -1], 4_000)
    codes = merchant_codes(rng, block.people, payer, block.span.start)
    assert set(codes[payer < 0]) == {""}
    assert set(codes[payer >= 0]) == set(MERCHANTS)
    shares = [np.unique(codes[payer == p], return_counts=True)[1] / 4_000 for p in (3, 4)]
    assert np.abs(shares[0] - shares[1]).sum() > 0.1  # two people: chance alone gives some .05


def test_a_taste_for_travel_goes_with_means(block: Block) -> None:
    payer = np.repeat(np.arange(len(block.people)), 20)
    codes = merchant_codes(np.random.default_rng(1), block.people, payer, block.span.start)
    travel = (codes == "4722").reshape(-1, 20).mean(axis=1)
    rich = block.people.income > np.median(block.people.income)
    assert travel[rich].mean() > 1.3 * travel[~rich].mean()

"""The lives of a block's customers month by month: engagement, complaints, salary, adoption, and going."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo import adoption, churn, offers
from jobs.demo.arrays import NO_DATE, Bools, Floats, Ints, Streams
from jobs.demo.catalogue import KINDS, LOAN, MORTGAGE, Campaign
from jobs.demo.people import YEAR, People
from jobs.demo.span import Span


@dataclass
class Life:
    """Matrices are people x months of the span and the year after it; `owned` is people x kinds of adoption days."""

    leaving: Bools
    activity: Floats
    complaints: Ints
    salaried: Bools
    gone: Ints
    dormant: Bools
    owned: Ints
    gone_6m: Floats
    adoption_6m: Floats
    gone_curve: Floats
    offers: offers.Offers

    def alive(self, span: Span, month: int) -> Bools:
        """Who still is a customer at a month's end."""
        return np.asarray(self.gone > span.month_ends[month])


@dataclass
class _State:
    leaving: Bools
    left_for: Ints
    lost_salary: Bools
    moved_salary: Bools
    gone: Ints
    owned: Ints
    recent: Ints


def _visible(people: People, state: _State, day: int) -> churn.Visible:
    held = state.owned <= day
    return churn.Visible(
        complaints=state.recent.sum(axis=1), salary_lost=state.lost_salary,
        tenure_years=np.maximum(0.0, (day - people.since) / YEAR), products=held.sum(axis=1),
        loans=np.asarray(held[:, [LOAN, MORTGAGE]].any(axis=1)), dissatisfaction=-people.satisfaction,
        activity=people.activity, age=people.age(day),
    )  # fmt: skip


def _begin(rng: np.random.Generator, people: People, static: Floats, span: Span) -> _State:
    size = len(people)
    state = _State(
        np.zeros(size, bool), np.zeros(size, np.int64), rng.random(size) < 0.02, np.zeros(size, bool),
        np.full(size, NO_DATE), adoption.initial(rng, people, static, span.start),
        np.zeros((size, churn.COMPLAINT_MEMORY), np.int64),
    )  # fmt: skip
    seen = _visible(people, state, span.start)
    share = churn.entry_hazard(seen) / (churn.departure_hazard(seen) + churn.RECOVERY)
    state.leaving = (rng.random(size) < share) & (people.since < span.start - 60)
    state.left_for = np.where(state.leaving, rng.integers(1, 5, size), 0)
    return state


def _salary(rng: np.random.Generator, people: People, state: _State, entered: Bools) -> None:
    size = len(people)
    lost = rng.random(size) < 0.004
    found = rng.random(size) < 0.12
    state.lost_salary = (state.lost_salary & ~found) | (lost & (people.employer >= 0))
    state.moved_salary |= entered & (rng.random(size) < 0.55)
    state.moved_salary &= state.leaving


def _leave(rng: np.random.Generator, people: People, state: _State, start: int, end: int) -> None:
    """One month of beginning to leave, staying after all, and going."""
    size = len(people)
    here = (people.since < start) & (state.gone == NO_DATE)
    seen = _visible(people, state, start)
    luck = rng.random(size)
    goes = here & state.leaving & (luck < churn.departure_hazard(seen))
    stays = here & state.leaving & ~goes & (luck > 1 - churn.RECOVERY)
    sudden = here & ~state.leaving & (luck < churn.SUDDEN)
    enters = here & ~state.leaving & ~sudden & (luck > 1 - churn.entry_hazard(seen))
    day = rng.integers(start, end + 1, size)
    state.gone = np.where(goes | sudden, day, state.gone)
    state.leaving = (state.leaving & ~stays) | enters
    state.left_for = np.where(state.leaving, state.left_for + 1, 0)
    _salary(rng, people, state, enters)


def _complaint_rate(people: People) -> Floats:
    """Complaints a month of a customer who isn't leaving."""
    return np.asarray(0.012 * np.exp(-0.7 * people.satisfaction) * people.activity**0.4)


def _complain(rng: np.random.Generator, people: People, state: _State, month: int, start: int) -> Ints:
    """Complaints of the month: the dissatisfied and those who are leaving complain more."""
    here = (people.since < start) & (state.gone == NO_DATE)
    rate = (
        0.012 * np.exp(-0.7 * people.satisfaction) * np.where(state.leaving, 2.5, 1.0) * people.activity**0.4
    )
    counts = np.where(here, rng.poisson(rate), 0)
    state.recent[:, month % churn.COMPLAINT_MEMORY] = counts
    return counts


def _empty(size: int, span: Span) -> Life:
    months = len(span.month_ends)
    return Life(
        leaving=np.zeros((size, months), bool), activity=np.zeros((size, months)),
        complaints=np.zeros((size, months), np.int64), salaried=np.zeros((size, months), bool),
        gone=np.full(size, NO_DATE), dormant=np.zeros(size, bool), owned=np.full((size, len(KINDS)), NO_DATE),
        gone_6m=np.full((size, span.months), np.nan), adoption_6m=np.zeros((size, len(KINDS))),
        gone_curve=np.zeros((size, 12)), offers=offers.Offers(),
    )  # fmt: skip


def _adopt(
    rng: np.random.Generator, offer_rng: np.random.Generator, people: People, state: _State, static: Floats,
    life: Life, span: Span, month: int, offer: tuple[int, Campaign] | None,
) -> None:  # fmt: skip
    """One month of taking up products; a campaign of the month decides for those in its experiment."""
    start, end = int(span.month_starts[month]), int(span.month_ends[month])
    here = (people.since <= end) & (state.gone == NO_DATE)
    hazard = adoption.monthly_hazard(static, state.owned <= start, state.leaving, people.activity)
    day = rng.integers(start, end + 1, hazard.shape)
    adopts = (rng.random(hazard.shape) < hazard) & here[:, None] & (state.owned == NO_DATE)
    adopts &= day > people.since[:, None]
    if offer is not None:
        number, campaign = offer
        eligible = here & (state.owned[:, campaign.kind] == NO_DATE) & (people.since < start - 30)
        eligible &= people.age(start) >= 20
        chosen, when = offers.run(
            offer_rng, people, number, campaign, eligible, hazard[:, campaign.kind],
            np.asarray(state.recent.any(axis=1)), state.leaving, life.offers,
        )  # fmt: skip
        adopts[chosen, campaign.kind] = when >= 0
        day[chosen, campaign.kind] = np.maximum(when, 0)
    state.owned = np.where(adopts, day, state.owned)


def _foretell(people: People, state: _State, static: Floats, life: Life, span: Span, month: int) -> None:
    """The truth about the months to come, as it stands at a month's end."""
    end = int(span.month_ends[month])
    here = (people.since <= end) & (state.gone == NO_DATE)
    seen = _visible(people, state, end)
    now = churn.entry_hazard(seen)
    seen.complaints = (_complaint_rate(people) * churn.COMPLAINT_MEMORY).clip(0, 2)
    usual, departure = churn.entry_hazard(seen), churn.departure_hazard(seen)
    curve = churn.survival(state.leaving, now, usual, departure, 12)
    life.gone_6m[:, month] = np.where(here, curve[:, churn.HORIZON - 1], np.nan)
    if month == span.months - 1:
        life.gone_curve = curve
        hazard = adoption.monthly_hazard(static, state.owned <= end, state.leaving, people.activity)
        life.adoption_6m = 1 - (1 - hazard) ** 6


def live(streams: Streams, span: Span, people: People, plan: list[Campaign]) -> Life:
    """Simulate every month of the span and the year after."""
    rng, offer_rng = streams("life"), streams("offers")
    static = adoption.static_factor(people, span.start)
    state, life, noise = _begin(rng, people, static, span), _empty(len(people), span), np.zeros(len(people))
    by_month = {c.month: (n, c) for n, c in enumerate(plan)}
    for month in range(len(span.month_ends)):
        start = int(span.month_starts[month])
        _leave(rng, people, state, start, int(span.month_ends[month]))
        life.complaints[:, month] = _complain(rng, people, state, month, start)
        noise = 0.6 * noise + rng.normal(0, 0.15, len(people))
        life.activity[:, month] = people.activity * np.exp(noise) * churn.DECAY**state.left_for
        life.leaving[:, month] = state.leaving
        life.salaried[:, month] = (people.employer >= 0) & ~state.lost_salary & ~state.moved_salary
        _adopt(rng, offer_rng, people, state, static, life, span, month, by_month.get(month))
        if month < span.months:
            _foretell(people, state, static, life, span, month)
    life.dormant = rng.random(len(people)) < churn.DORMANT_SHARE
    life.gone, life.owned = state.gone, np.where(state.owned > state.gone[:, None], NO_DATE, state.owned)
    return life

"""The span that is delivered: its days, months and delivery dates, as day numbers since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from jobs.demo.arrays import Bools, Ints

HORIZON_MONTHS = 12
"""Months that behaviour is simulated beyond the end, for truth about the future."""
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_date(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True)
class Span:
    """First and last day of what happens, and the first day that has a delivery of its own."""

    start: int
    end: int
    daily_from: int

    @classmethod
    def of(cls, start: date, end: date, daily_from: date | None) -> Span:
        """Check the dates; by default the last 31 days at most are delivered daily."""
        first, last = day_number(start), day_number(end)
        if first > last:
            raise ValueError(f"the span ends ({end}) before it starts ({start})")
        daily = max(first, last - 30) if daily_from is None else day_number(daily_from)
        if not first <= daily <= last:
            raise ValueError(f"daily deliveries from {daily_from} don't lie between {start} and {end}")
        return cls(first, last, daily)

    @property
    def first_delivery(self) -> int:
        """The day of the delivery that carries everything before the daily ones."""
        return self.daily_from - 1 if self.daily_from > self.start else self.start

    @property
    def deliveries(self) -> int:
        """How many dated deliveries each system makes."""
        return self.end - self.first_delivery + 1

    @cached_property
    def month_starts(self) -> Ints:
        """First day of each simulated month, from the month of `start` to a year past `end`; one more to close."""
        first = np.datetime64(day_date(self.start), "M")
        months = np.arange(self.months + HORIZON_MONTHS + 1) + first
        return months.astype("datetime64[D]").astype(np.int64)

    @property
    def months(self) -> int:
        """Months that the span touches."""
        start, end = day_date(self.start), day_date(self.end)
        return (end.year - start.year) * 12 + end.month - start.month + 1

    @cached_property
    def month_ends(self) -> Ints:
        """Last day of each simulated month."""
        return self.month_starts[1:] - 1

    def month_of(self, days: Ints) -> Ints:
        """Position of each day's month; negative before the first month."""
        first = np.datetime64(day_date(self.start), "M").astype(np.int64)
        return (
            days.clip(-40_000, 60_000).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            - first
        )

    def inside(self, days: Ints) -> Bools:
        """Which days lie in the span."""
        return (days >= self.start) & (days <= self.end)

    def delivery_of(self, known: Ints) -> Ints:
        """Position of the delivery that carries what became known on a day; those past the end stay behind."""
        return np.maximum(known, self.first_delivery) - self.first_delivery


def next_business_day(days: Ints) -> Ints:
    """The first weekday after each day."""
    following = days + 1
    weekday = (following + 3) % 7
    return following + np.where(weekday >= 5, 7 - weekday, 0)

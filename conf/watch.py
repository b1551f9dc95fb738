"""What a run's measures may not exceed: how far from the last good run, and at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field, model_validator

from conf.contracts import Frozen


class Limit(Frozen):
    """Bounds of one measure; what isn't given isn't bounded."""

    least: float | None = None
    most: float | None = None
    change: float | None = Field(default=None, ge=0)
    """Most that it may differ from the last good run, in its own unit."""
    ratio: float | None = Field(default=None, gt=1)
    """Most times that it may grow or shrink since the last good run."""

    @model_validator(mode="after")
    def _bounds_something(self) -> Limit:
        if self.least is None and self.most is None and self.change is None and self.ratio is None:
            raise ValueError("a limit gives at least one of least, most, change, ratio")
        return self

    def broken(self, value: float, before: float | None) -> str | None:
        """Which bound `value` breaks, in words; None where none."""
        if self.most is not None and value > self.most:
            return f"above the most allowed, {self.most:g}"
        if self.least is not None and value < self.least:
            return f"below the least allowed, {self.least:g}"
        if before is None:
            return None
        if self.change is not None and abs(value - before) > self.change:
            return f"more than {self.change:g} away from {before:g}"
        if self.ratio is not None and before > 0 and not before / self.ratio <= value <= before * self.ratio:
            return f"more than {self.ratio:g} times off {before:g}"
        return None


class WatchConf(Frozen):
    """Section `watch`."""

    limits: dict[str, Limit] = Field(default_factory=dict)
    """Measure → its bounds. A name that ends in `*` bounds every measure that begins so."""
    accepted: date | None = None
    """A person has looked at the measures up to this date: they count as good, whatever the limits say."""

    def limit(self, measure: str) -> Limit | None:
        """A measure's bounds; a whole name goes before one with a star, a longer star before a shorter."""
        if measure in self.limits:
            return self.limits[measure]
        stars = [name for name in self.limits if name.endswith("*") and measure.startswith(name[:-1])]
        return self.limits[max(stars, key=len)] if stars else None


def jumps(now: Mapping[str, float], before: Mapping[str, float], conf: WatchConf) -> list[str]:
    """Each measure of `now` that breaks a bound, in words, by name; `before` are those of the last good run."""
    told = []
    for measure in sorted(now):
        limit = conf.limit(measure)
        if limit and (broken := limit.broken(now[measure], before.get(measure))):
            told.append(f"{measure} is {now[measure]:g}, {broken}")
    return told

"""Type of the section `monitoring`: what is watched of the models in force, and when one must be trained anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, Literal, get_args

from pydantic import Field, field_validator, model_validator

from conf.contracts import Frozen
from conf.sql import Problem, SqlProblem, columns_in, unread

Measure = Literal[
    "age_months",  # since the champion was trained
    "score_psi",  # of the day's scores against those at promotion
    "score_ks",
    "features_moved",  # share of the champion's features whose PSI exceeds `moved`
    "calibration_error",  # of the last outcomes known; of a value the share by which the total was missed
    "auc",
    "lift_10",
]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)


class Bound(Frozen):
    """Bounds of one measure; beyond one of them the model is due."""

    most: float | None = None
    least: float | None = None
    fall: float | None = Field(default=None, ge=0)
    """Most that it may fall below what the gate saw, in its own unit."""

    @model_validator(mode="after")
    def _bounds_something(self) -> Bound:
        if self.most is None and self.least is None and self.fall is None:
            raise ValueError("a bound gives at least one of most, least, fall")
        return self

    def broken(self, value: float, at_gate: float | None) -> str | None:
        """Which bound `value` breaks, in words; None where none."""
        if self.most is not None and value > self.most:
            return f"above the most allowed, {self.most:g}"
        if self.least is not None and value < self.least:
            return f"below the least allowed, {self.least:g}"
        if self.fall is not None and at_gate is not None and value < at_gate - self.fall:
            return f"more than {self.fall:g} below {at_gate:.4g} when it was promoted"
        return None


class MonitoringConf(Frozen):
    """Section `monitoring`."""

    sample: int = Field(default=100_000, ge=1_000)
    """Most customers whose features a day's drift is measured on; the same ones every day."""
    min_rows: int = Field(default=200, ge=20)
    """Scores below which neither drift nor an outcome is measured."""
    min_cases: int = Field(default=50, ge=1)
    """Positive outcomes below which they decide nothing."""
    moved: float = Field(default=0.25, gt=0)
    """PSI from which a feature counts as moved (Siddiqi 2006)."""
    slices: dict[str, str] = Field(default_factory=dict)
    """Slice → SQL over gold.customer_profile_history as it stood when the score was made; beside the groups of
    `fairness.groups`, which are the sensitive ones that may be looked at."""
    limits: dict[Measure, Bound] = Field(default_factory=dict)
    models: dict[str, dict[Measure, Bound]] = Field(default_factory=dict)
    """Model → bounds that replace the common ones."""

    @field_validator("slices")
    @classmethod
    def _slices_parse(cls, slices: dict[str, str]) -> dict[str, str]:
        for name, sql in slices.items():
            try:
                columns_in(sql)
            except SqlProblem as problem:
                raise ValueError(f"{name}: {problem}") from None
        return slices

    def problems(self, columns: Collection[str]) -> Iterator[Problem]:
        """Every slice that reads none of the columns: the profile's history's and the scores'."""
        for name, sql in self.slices.items():
            yield from unread(("slices", name), sql, columns)

    def due(self, model: str, now: Mapping[Measure, float], at_gate: Mapping[Measure, float]) -> list[str]:
        """Why the model must be trained anew, in words; empty where nothing says so. What isn't measured isn't judged."""
        bounds = {**self.limits, **self.models.get(model, {})}
        told = []
        for measure in MEASURES:
            bound = bounds.get(measure)
            if bound and measure in now and (why := bound.broken(now[measure], at_gate.get(measure))):
                told.append(f"{measure} is {now[measure]:.4g}, {why}")
        return told

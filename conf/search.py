"""How a model's parameters are searched for: in which ranges, and within what budget. Frozen, checked at load."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from conf.contracts import Frozen


class Range(Frozen):
    """From `low` to `high`, both included; `log`: small values are tried as densely as large ones; `whole` numbers only."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low, {self.low:g}, must lie under high, {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"a range with log must begin above 0, not at {self.low:g}")
        if self.whole and any(end != int(end) for end in (self.low, self.high)):
            raise ValueError("a range of whole numbers needs whole ends")
        return self


SPACE: Final = {
    "num_leaves": Range(low=4, high=63, log=True, whole=True),
    "min_data_in_leaf": Range(low=20, high=500, log=True, whole=True),
    "learning_rate": Range(low=0.02, high=0.15, log=True),
    "feature_fraction": Range(low=0.3, high=1.0),
    "bagging_fraction": Range(low=0.5, high=1.0),
    "lambda_l2": Range(low=0.1, high=100.0, log=True),
}
"""What matters most to boosted trees on tables of customers."""


FIXED: Final = frozenset({"max_bin", "metric", "num_threads", "objective", "seed"})
"""What the learner sets, or what changes how rows are binned, which happens once."""


class SearchSpec(Frozen):
    """A search ends with its seconds or its trials, whichever comes first; no seconds, no search."""

    seconds: float = Field(default=0.0, ge=0.0)
    """For each model. The parameters as configured are always weighed, however short the time."""
    trials: int = Field(default=60, ge=1, le=10_000)
    space: dict[str, Range] = Field(default_factory=lambda: dict(SPACE), min_length=1)
    """LightGBM's parameter → where to look for it."""

    @model_validator(mode="after")
    def _may_be_searched(self) -> SearchSpec:
        if barred := sorted(FIXED & self.space.keys()):
            raise ValueError(f"space: {barred[0]} can't be searched for; drop it")
        return self

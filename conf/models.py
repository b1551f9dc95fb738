"""Types of the section `models`: labels, snapshots, learning, gate and scoring of each model. Frozen, checked at load."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from conf.contracts import Frozen
from conf.labels import ChurnLabel, ClvLabel, CrossSellLabel, DefaultLabel
from conf.search import SearchSpec
from conf.sql import Problem, SqlProblem, columns_in, raise_first
from conf.uplift import UpliftLabel, by_qini

Inequality = Literal["selection", "tpr", "fpr", "calibration"]
"""In what groups of people may differ."""
MAX_GAPS: Final[dict[Inequality, float]] = {"tpr": 0.2, "fpr": 0.1, "calibration": 0.05}


class SnapshotSpec(Frozen):
    """Which past dates train and judge a model: monthly ones whose label windows are complete."""

    count: int = Field(default=9, ge=1, le=120)
    every_months: int = Field(default=1, ge=1, le=12)
    later: int = Field(default=1, ge=1, le=24)
    """How many of the latest dates judge; older ones train."""
    min_history_months: int = Field(default=3, ge=0, le=60)
    """How long the bank's history must be before the first date."""
    overlap: Literal["purge", "other_customers"] = "purge"
    """purge: no training window reaches the judging date. other_customers: windows may overlap where history is
    too short, and then only customers who never trained are judged."""


class LearnSpec(Frozen):
    """How LightGBM learns. Rows beyond the caps are sampled by customer (never at random between runs)."""

    max_customers: int = Field(default=50_000, ge=100)
    max_rows: int = Field(default=120_000, ge=100)
    folds: int = Field(default=3, ge=2, le=10)
    rounds: int = Field(default=300, ge=1, le=5_000)
    patience: int = Field(default=25, ge=1)
    seed: int = 7
    threads: int = Field(default=2, ge=1)
    params: dict[str, float | int | str | bool] = Field(default_factory=dict)
    search: SearchSpec = SearchSpec()
    """For better `params`, by the folds' loss."""
    rival: bool = True
    """Weigh a logistic regression beside the trees, where a probability is learnt: alone, or mixed in log-odds."""
    excluded: tuple[str, ...] = ()
    """Features that never train, beside those that are marked sensitive (conf.features). `prefix*` names all that start so."""


class GateSpec(Frozen):
    """What a challenger must show on the later window before it becomes champion."""

    metric: str
    min_cases: int = Field(default=200, ge=1)
    """Positive cases in the training windows."""
    min_later_cases: int = Field(default=50, ge=1)
    """Positive cases in the later window."""
    min_margin: float = Field(default=0.0, ge=0.0)
    """By how much the metric must exceed the naive baseline's and the champion's."""
    max_calibration_error: float = Field(default=0.02, gt=0.0)
    """Expected calibration error for probabilities; |total bias| for values."""
    draws: int = Field(default=200, ge=0, le=10_000)
    """Resamples of the paired bootstrap by which a lead must be more than noise; 0: the margin alone decides."""
    confidence: float = Field(default=0.95, gt=0.0, lt=1.0)
    """Of the lead's interval, whose lower end must exceed the margin."""
    max_psi: float = Field(default=0.25, gt=0.0)
    """How far scores may move between training and the later window (population stability index)."""
    max_gaps: dict[Inequality, float] = Field(default_factory=lambda: dict(MAX_GAPS))
    """How far groups of people may differ, beyond chance, in each measure; one that isn't named isn't judged."""


class FairnessSpec(Frozen):
    """Groups of people that must be treated alike, and what of them may train all the same."""

    groups: dict[str, str] = Field(default_factory=dict)
    """Sensitive attribute → SQL over features and context that gives a row's group; null: not stated."""
    selected: float = Field(default=0.1, gt=0.0, lt=1.0)
    """The best-scored share of customers that counts as selected."""
    min_rows: int = Field(default=100, ge=20)
    """Groups with fewer rows are counted and not judged."""
    used: dict[str, str] = Field(default_factory=dict)
    """Sensitive feature → the reason for which it trains all the same."""

    @field_validator("used")
    @classmethod
    def _with_reasons(cls, used: dict[str, str]) -> dict[str, str]:
        if bare := sorted(name for name, reason in used.items() if not reason.strip()):
            raise ValueError(f"{bare[0]} is sensitive: say for which reason it trains")
        return used

    @field_validator("groups")
    @classmethod
    def _groups_parse(cls, groups: dict[str, str]) -> dict[str, str]:
        for name, sql in groups.items():
            try:
                columns_in(sql)
            except SqlProblem as problem:
                raise ValueError(f"{name}: {problem}") from None
        return groups


class ScoreSpec(Frozen):
    """How customers are scored and which of them get reasons."""

    reasons: int = Field(default=5, ge=0, le=20)
    reasons_from_percentile: float = Field(default=0.9, ge=0.0, le=1.0)
    tiers: dict[str, float] = Field(default_factory=dict)
    """Tier → lowest percentile (0..1) of it; a customer is in the highest tier reached."""

    @model_validator(mode="after")
    def _a_tier_for_everyone(self) -> ScoreSpec:
        if self.tiers and min(self.tiers.values()) != 0.0:
            raise ValueError("the lowest tier must start at percentile 0")
        return self


class ModelSpec(Frozen):
    """What every model is configured by."""

    horizon_months: int = Field(ge=1, le=60)
    snapshots: SnapshotSpec = SnapshotSpec()
    learn: LearnSpec = LearnSpec()
    gate: GateSpec
    fairness: FairnessSpec = FairnessSpec()
    score: ScoreSpec = ScoreSpec()

    def barring(self, sensitive: Collection[str]) -> Self:
        """The same, in which the `sensitive` features train only where `fairness.used` says why. Raises ValueError as `problems`."""
        raise_first(self.problems(sensitive))
        barred = tuple(sorted(set(sensitive) - set(self.fairness.used) - set(self.learn.excluded)))
        learn = self.learn.model_copy(update={"excluded": (*self.learn.excluded, *barred)})
        return self.model_copy(update={"learn": learn})

    def problems(self, sensitive: Collection[str]) -> Iterator[Problem]:
        """Columns by which groups of people are told that would train without a reason."""
        for group, sql in self.fairness.groups.items():
            for name in sorted(columns_in(sql) - set(sensitive) - set(self.fairness.used)):
                if not any(fnmatchcase(name, pattern) for pattern in self.learn.excluded):
                    remedy = "mark the feature `sensitive: true`, put it under learn.excluded, or under fairness.used with a reason"
                    yield (
                        ("fairness", "groups", group),
                        f"{name} tells groups of people apart and would train: {remedy}",
                    )


class ChurnSpec(ModelSpec):
    """Churn within the horizon, and by nearer ones."""

    label: ChurnLabel = ChurnLabel()
    horizons: tuple[int, ...] = ()
    """Months by which leaving is foretold, rising; the last is horizon_months. None: that alone."""
    carried: tuple[int, ...] = (12, 24, 36)
    """Months beyond the horizon to which survival is carried on at the horizon's mean hazard."""

    @property
    def periods(self) -> tuple[int, ...]:
        """The months in which the hazard's periods end."""
        return self.horizons or (self.horizon_months,)

    @model_validator(mode="after")
    def _horizons_rise_to_the_headline(self) -> ChurnSpec:
        if list(self.periods) != sorted({m for m in self.periods if m > 0}):
            raise ValueError(f"horizons must rise from 1 month on, not {list(self.periods)}")
        if self.periods[-1] != self.horizon_months:
            raise ValueError(f"the last of horizons must be horizon_months, {self.horizon_months}")
        return self


class ClvSpec(ModelSpec):
    """Contribution over the horizon."""

    label: ClvLabel
    interval: float = Field(default=0.9, gt=0.5, lt=1.0)
    """The share of customers who are to end up within their interval."""


class CrossSellSpec(ModelSpec):
    """The next product within the horizon."""

    label: CrossSellLabel = CrossSellLabel()


class DefaultSpec(ModelSpec):
    """Default within the horizon."""

    label: DefaultLabel = DefaultLabel()


class UpliftSpec(ModelSpec):
    """What contact changes within the horizon; of each goal's campaigns the latest `later` judge, `count` older ones train."""

    horizon_months: int = Field(default=1, ge=1, le=60)
    snapshots: SnapshotSpec = SnapshotSpec(count=24)
    gate: Annotated[GateSpec, AfterValidator(by_qini)] = GateSpec(metric="qini")
    label: UpliftLabel = UpliftLabel()


class ModelsSpec(Frozen):
    """The whole section."""

    churn: ChurnSpec
    clv: ClvSpec
    cross_sell: CrossSellSpec
    default: DefaultSpec = DefaultSpec(horizon_months=12, gate=GateSpec(metric="auc"))
    uplift: UpliftSpec = UpliftSpec()

"""The promotion gate: which challenger may become champion, and the verdict in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conf.models import GateSpec
from models.core.bootstrap import Interval
from models.core.fairness import Gap


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one trained model; one row of what `onebook train` prints.

    `cases` are positive cases in the training windows, of `needed`. Metrics are those of the later window; None
    where nothing was trained or there is no champion. `version` is the registered model version, if any.
    """

    model: str
    cases: int
    needed: int
    metric: str
    value: float | None
    baseline: float | None
    champion: float | None
    promoted: bool
    reason: str
    version: int | None = None

    def __str__(self) -> str:
        """One line for people."""
        seen = {"": self.value, "baseline ": self.baseline, "champion ": self.champion}
        figures = ", ".join(f"{name}{self.metric} {v:.4f}" for name, v in seen.items() if v is not None)
        outcome = f"version {self.version} promoted" if self.promoted else "not promoted"
        return f"{self.model}: {outcome}: {self.reason}" + (f" ({figures})" if figures else "")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured on the later window: the challenger's metric, the naive baseline's and the champion's
    (nan: none), the calibration error, and the positive cases that trained and judged.

    `over_baseline`, `over_champion`: by how much it is ahead of them on the same rows (paired bootstrap), where that
    was measured. `calibration_noise`: the error that chance alone may show on so few rows. `psi`: how far scores moved between training and the later window. `gaps`: between groups of people.
    """

    value: float
    baseline: float
    champion: float
    calibration_error: float
    cases: int
    later_cases: int
    over_baseline: Interval | None = None
    over_champion: Interval | None = None
    psi: float = 0.0
    calibration_noise: float = 0.0
    gaps: Sequence[Gap] = ()


def too_few(spec: GateSpec, cases: int, later_cases: int) -> str | None:
    """Why there are too few cases to learn from or to judge by; None where there are enough."""
    if cases < spec.min_cases:
        return f"too few cases: {cases} of {spec.min_cases} needed"
    if later_cases < spec.min_later_cases:
        return (
            f"too few cases to judge by: {later_cases} of {spec.min_later_cases} needed in the later window"
        )
    return None


def judge(model: str, spec: GateSpec, seen: Evidence) -> Verdict:
    """Promote only what beats baseline and champion by a margin beyond noise, on enough cases, calibrated, stable and fair."""
    refusal = too_few(spec, seen.cases, seen.later_cases)
    for check in (_worse, _uncalibrated, _unstable, _unfair):
        refusal = refusal or check(spec, seen)
    return Verdict(
        model=model,
        cases=seen.cases,
        needed=spec.min_cases,
        metric=spec.metric,
        value=_figure(seen.value),
        baseline=_figure(seen.baseline),
        champion=_figure(seen.champion),
        promoted=refusal is None,
        reason=refusal or _better(seen),
    )


def refuse(model: str, spec: GateSpec, cases: int, reason: str) -> Verdict:
    """A verdict without a model: nothing was trained."""
    return Verdict(model, cases, spec.min_cases, spec.metric, None, None, None, promoted=False, reason=reason)


def _figure(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _worse(spec: GateSpec, seen: Evidence) -> str | None:
    if not math.isfinite(seen.value):
        return f"{spec.metric} can't be measured on the later window"
    rivals = (
        ("naive baseline", seen.baseline, seen.over_baseline),
        ("champion", seen.champion, seen.over_champion),
    )
    for name, other, over in rivals:
        if math.isfinite(other) and not seen.value > other + spec.min_margin:
            return f"does not beat the {name}: {spec.metric} {seen.value:.4f} against {other:.4f}"
        if over is not None and math.isfinite(over.value) and not over.low > spec.min_margin:
            return f"does not beat the {name} beyond noise: {spec.metric} ahead by {over}"
    return None


def _uncalibrated(spec: GateSpec, seen: Evidence) -> str | None:
    allowed = max(spec.max_calibration_error, seen.calibration_noise)
    if abs(seen.calibration_error) <= allowed:
        return None
    return (
        f"is not calibrated: error {seen.calibration_error:.3f}, at most {spec.max_calibration_error} allowed"
    )


def _unstable(spec: GateSpec, seen: Evidence) -> str | None:
    if seen.psi <= spec.max_psi:
        return None
    return f"is not stable: scores moved by PSI {seen.psi:.3f} since training, at most {spec.max_psi} allowed"


def _unfair(spec: GateSpec, seen: Evidence) -> str | None:
    """The first gap that is wider than allowed beyond chance."""
    for gap in seen.gaps:
        if gap.sure > spec.max_gaps.get(gap.measure, math.inf):
            return f"is not fair: {gap}, at most {spec.max_gaps[gap.measure]} allowed"
    return None


def _better(seen: Evidence) -> str:
    return "beats the naive baseline" + (" and the champion" if math.isfinite(seen.champion) else "")

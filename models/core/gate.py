"""The promotion gate: which challenger may become champion, and the verdict in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conf.models import GateSpec


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
    """

    value: float
    baseline: float
    champion: float
    calibration_error: float
    cases: int
    later_cases: int


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
    """Promote only what beats baseline and champion by the margin, on enough cases, calibrated."""
    refusal = too_few(spec, seen.cases, seen.later_cases) or _worse(spec, seen) or _uncalibrated(spec, seen)
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
    for name, other in (("naive baseline", seen.baseline), ("champion", seen.champion)):
        if math.isfinite(other) and not seen.value > other + spec.min_margin:
            return f"does not beat the {name}: {spec.metric} {seen.value:.4f} against {other:.4f}"
    return None


def _uncalibrated(spec: GateSpec, seen: Evidence) -> str | None:
    if abs(seen.calibration_error) <= spec.max_calibration_error:
        return None
    return (
        f"is not calibrated: error {seen.calibration_error:.3f}, at most {spec.max_calibration_error} allowed"
    )


def _better(seen: Evidence) -> str:
    return "beats the naive baseline" + (" and the champion" if math.isfinite(seen.champion) else "")

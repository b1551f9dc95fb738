"""The model card (Mitchell et al. 2019): what a model is for, what it learnt from, how well it does for whom, its limits.

The part that people write (models/<name>/card.md: purpose, label, limits) comes first; what each training measured follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.core.bootstrap import Interval
from models.core.fairness import Gap, Group
from models.core.gate import Verdict
from models.core.slices import Slice
from models.core.splits import Split


@dataclass(frozen=True, slots=True)
class Report:
    """What one training measured on the later window, for its card.

    `cases`, `later_cases`: positive ones that trained and that judged; `rows` of both. `figures`: every figure with its
    95 % interval (customers resampled); `compared`: single figures, such as the baseline's. `selected`: the best-scored share by which fairness is judged.
    """

    split: Split
    horizon_months: int
    cases: int
    later_cases: int
    rows: tuple[int, int]
    figures: Mapping[str, Interval]
    compared: Mapping[str, float]
    slices: Sequence[Slice]
    groups: Sequence[Group]
    gaps: Sequence[Gap]
    selected: float


def card(
    written: str, report: Report, verdict: Verdict, told: Mapping[str, str], versions: Mapping[str, str]
) -> str:
    """The whole card as Markdown. `told`: bank, code, configuration …; `versions`: table → Delta version it learnt from."""
    parts = [
        *_data(report, told, versions),
        *_metrics(report, verdict.metric),
        *_fairness(report),
        *_verdict(verdict),
    ]
    return "\n".join([written.rstrip(), "", *parts, ""])


def _data(report: Report, told: Mapping[str, str], versions: Mapping[str, str]) -> Iterable[str]:
    judged = "dates that no training window reaches" if report.split.purged else "customers who never trained"
    yield from ("## Data of this training", "")
    yield from _table(
        ("what", "which"),
        [
            ("trained at", _dates(report.split.train)),
            ("rows and positive cases that trained", f"{report.rows[0]:,}; {report.cases:,}"),
            ("judged at", f"{_dates(report.split.later)}, on {judged}"),
            ("rows and positive cases that judged", f"{report.rows[1]:,}; {report.later_cases:,}"),
            ("outcomes seen", f"{report.horizon_months} months after each date"),
            *told.items(),
        ],
    )
    if versions:
        yield from ("Delta versions of the tables it was learnt from:", "")
        yield from _table(("table", "version"), sorted(versions.items()))


def _metrics(report: Report, metric: str) -> Iterable[str]:
    yield from ("## Figures on the later window", "")
    yield from _table(
        ("figure", "value, 95 % interval"),
        [(n, _interval(i)) for n, i in report.figures.items()]
        + [(n, _number(v)) for n, v in report.compared.items() if n != "cases" and not n.startswith("gap_")],
    )
    yield from ("## By slice", "")
    yield from _table(
        ("attribute", "group", "rows", "observed", "foretold", f"{metric}, 95 % interval"),
        [
            (
                s.attribute,
                s.group,
                f"{s.rows:,}",
                _number(s.observed),
                _number(s.foretold),
                _interval(s.figure),
            )
            for s in report.slices
        ],
    )


def _fairness(report: Report) -> Iterable[str]:
    yield from ("## Fairness", "")
    if not report.groups:
        yield from ("No groups of people are configured for this model (`fairness.groups`): not judged.", "")
        return
    yield from (f"Selected: the best-scored {report.selected:.0%} of all. Rates with 95 % intervals.", "")
    yield from _table(
        (
            "attribute",
            "group",
            "rows",
            "cases",
            "selected",
            "true positive rate",
            "false positive rate",
            "foretold − observed",
        ),
        [
            (
                g.attribute,
                g.group,
                f"{g.rows:,}",
                f"{g.cases:,}",
                *map(_interval, (g.selection, g.tpr, g.fpr, g.calibration)),
            )
            for g in report.groups
        ],
    )
    yield from (
        f"- {gap}; of that beyond chance {gap.sure:.3f}" for gap in report.gaps if math.isfinite(gap.value)
    )
    yield ""


def _verdict(verdict: Verdict) -> Iterable[str]:
    yield from ("## The gate", "")
    yield ("Promoted: " if verdict.promoted else "Not promoted: ") + verdict.reason + "."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(c.replace('|', '/') for c in row)} |" for row in rows)
    yield ""


def _interval(found: Interval) -> str:
    if not math.isfinite(found.value):
        return "–"
    return str(found) if math.isfinite(found.low) else _number(found.value)


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "–"


def _dates(dates: Sequence[date]) -> str:
    return ", ".join(d.isoformat() for d in dates)

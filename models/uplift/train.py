"""The uplift model as the common machinery trains it: per goal, from the book's own campaigns with hold-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.models import GateSpec, UpliftSpec
from models.core.champions import Champion
from models.core.gate import Verdict, refuse, too_few
from models.core.splits import add_months
from models.core.trainable import Frames, OwnModel
from models.uplift.campaigns import TABLES, trials
from models.uplift.windows import Campaign, Window, cases, window

if TYPE_CHECKING:
    from models.core.fitting import TrainingResult  # brings what learns along

NAME: Final = "uplift"
HISTORY: Final = {"account_daily": "gold.account_daily"}
"""The bank's history is as long as its bookings go back."""
FEWEST: Final = 100
"""Customers in each arm, in training and judging, …"""
FEWEST_CASES: Final = 20
"""… and responses of each arm in training, without which nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The trials of all goals, those that can be learnt, and why the others can't."""

    spec: UpliftSpec
    rows: DataFrame
    windows: tuple[Window, ...]
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> OwnModel:
        """What this is of."""
        return MODEL

    @property
    def dates(self) -> tuple[date, ...]:
        """The days before assignments."""
        return tuple(sorted({d for w in self.windows for d in w.split.dates}))

    def learnt(self, book: DataFrame, as_of: date, champion: Champion | None) -> TrainingResult:
        """See models.uplift.result."""
        from models.uplift.result import result  # noqa: PLC0415 - brings LightGBM, scikit-learn and mlflow along

        return result(self, book, as_of, champion)


def prepare(frames: Frames, spec: UpliftSpec, as_of: date) -> Ready | Verdict:
    """The goals' campaigns known at the close of `as_of`, or a refusal where none has cases enough."""
    if not spec.label.goals:
        none = "no goal is configured under uplift.label.goals"
        return refuse(NAME, spec.gate, 0, f"too few cases: 0 of {spec.gate.min_cases} needed ({none})")
    rows = trials(frames, spec, as_of).persist()
    known = _known(frames, campaigns(rows), spec)
    windows = {goal: window(goal, known, spec) for goal in spec.label.goals}
    refused = {goal: why for goal, w in windows.items() if (why := _too_few(w, spec.gate))}
    ready = tuple(w for goal, w in windows.items() if goal not in refused)
    if ready:
        return Ready(spec, rows, ready, refused)
    rows.unpersist()
    told = "; ".join(f"{why} ({goal})" for goal, why in refused.items())
    return refuse(NAME, spec.gate, sum(cases(w.train) for w in windows.values()), told)


def campaigns(rows: DataFrame) -> list[Campaign]:
    """Every goal's campaigns among the trials: a handful of rows."""
    treated, came = F.col("treated"), F.col("label")
    found = rows.groupBy("goal", "campaign_id").agg(
        F.min("assigned_on").alias("starts"),
        F.max("assigned_on").alias("ends"),
        F.collect_set("as_of").alias("dates"),
        F.sum(treated).cast("int").alias("treated"),
        F.sum(1 - treated).cast("int").alias("untreated"),
        F.sum(treated * came).cast("int").alias("treated_cases"),
        F.sum((1 - treated) * came).cast("int").alias("untreated_cases"),
    )
    return [
        Campaign(r["goal"], r["campaign_id"], r["starts"], r["ends"], tuple(sorted(r["dates"])),
                 r["treated"], r["untreated"], r["treated_cases"], r["untreated_cases"])
        for r in found.collect()
    ]  # fmt: skip


def _known(frames: Frames, found: Sequence[Campaign], spec: UpliftSpec) -> list[Campaign]:
    """Campaigns before which the bank has history enough for features."""
    begun = frames["account_daily"].agg(F.min("booked_on")).first()
    if begun is None or begun[0] is None:
        return []
    first = add_months(begun[0], spec.snapshots.min_history_months)
    return [c for c in found if c.dates[0] >= first]


def _too_few(found: Window, gate: GateSpec) -> str | None:
    if why := too_few(gate, cases(found.train), cases(found.later)):
        return why
    for part in (found.train, found.later):
        if (least := min(sum(c.treated for c in part), sum(c.untreated for c in part))) < FEWEST:
            return f"too few cases: {least} customers of the smaller arm, {FEWEST} needed"
    by_arm = (sum(c.treated_cases for c in found.train), sum(c.untreated_cases for c in found.train))
    if min(by_arm) < FEWEST_CASES:
        return (
            f"too few cases: {by_arm[0]} treated and {by_arm[1]} untreated responded, {FEWEST_CASES} of each needed: "
            "responses must be measured in every arm"
        )
    return None


MODEL: Final = OwnModel(
    name=NAME,
    spec=lambda section: section.uplift,
    prepare=prepare,
    tables={**TABLES, **HISTORY},
    card=files("models.uplift").joinpath("card.md").read_text(encoding="utf-8"),
)

"""Rolling-origin backtests: would the model have earned its place at each past date, had it been trained then?

(Tashman 2000: Out-of-sample tests of forecasting accuracy.) At every origin it learns from the dates whose label windows
had ended by then, at most as many as in training, and is judged at the origin itself. Nothing is registered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import DataFrame

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelSpec, SnapshotSpec
from jobs.core.features import compute_features_at
from models.core.evaluation import ERROR
from models.core.fitting import fitted_and_judged
from models.core.known import known_models, model_of, spec_of, trainable
from models.core.prepared import Counted, prepare, scored_ones
from models.core.splits import Split, add_months
from models.core.trainable import Labelled, TrainableModel

MOST: Final = 240
"""Snapshots, which no bank's history exceeds."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One model at one past date; figures are of the rows at `origin`, None where nothing could be learnt.

    `low` and `high` are the ends of `value`'s 95 % interval (whole customers resampled). `calibration_error`: the
    expected one of probabilities, the total bias of values. `passed`: what the gate would have said without a
    champion, and `reason` why.
    """

    model: str
    origin: date
    train_dates: int
    cases: int
    metric: str
    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    calibration_error: float | None
    passed: bool
    reason: str


def backtest(
    read_table: Callable[[str], DataFrame],
    bank: Bank,
    as_of: date,
    names: Iterable[str] | None = None,
    origins: int | None = None,
) -> Iterator[Origin]:
    """Each model (default: all) at each of its last `origins` (default: all that history allows), oldest first.

    One feature table serves all of them. A model whose history is too short for one origin gives none. Raises
    UsageError for a model that doesn't exist, ConfError for bad configuration.
    """
    features = bank.section("features", FeaturesConf)
    chosen = [(m, spec_of(m, bank)) for m in _models(names)]
    book = prepare(read_table, chosen, as_of)
    splits = [
        rolling(book.dates(_all_of_it(s), as_of), s.horizon_months, s.snapshots)[-(origins or 0) :]
        for _, s in chosen
    ]
    if every := sorted(_dates(split for own in splits for split in own)):
        known = compute_features_at(book.frames, features, dates=every, customers=book.customers).persist()
        for (model, own), at in zip(chosen, splits, strict=True):
            if at:
                yield from _judged(book.counted(model, own, tuple(sorted(_dates(at)))), at, known, as_of)
        known.unpersist()
    book.customers.unpersist()


def _models(names: Iterable[str] | None) -> list[TrainableModel]:
    """The named ones; otherwise all that foretell a label."""
    if names:
        return [trainable(n) for n in names]
    return [m for n in known_models() if isinstance(m := model_of(n), TrainableModel)]


def _all_of_it(spec: ModelSpec) -> ModelSpec:
    """The specification whose snapshots reach back as far as the history does."""
    return spec.model_copy(update={"snapshots": spec.snapshots.model_copy(update={"count": MOST})})


def _dates(splits: Iterable[Split]) -> set[date]:
    return {d for split in splits for d in split.dates}


def rolling(dates: tuple[date, ...], horizon_months: int, spec: SnapshotSpec) -> list[Split]:
    """One split for each date before which a label window has ended: that date judges, at most `count` of those train."""
    found = []
    for origin in dates:
        ended = tuple(d for d in dates if add_months(d, horizon_months) <= origin)
        if ended:
            found.append(Split(ended[-spec.count :], (origin,), purged=True))
    return found


def _judged(counted: Counted, splits: list[Split], known: DataFrame, as_of: date) -> Iterator[Origin]:
    asked = counted
    if counted.model.scored:
        asked = scored_ones(counted.model, counted.spec, counted.rows, known)
    for split in splits:
        ready = asked.split(split)
        yield _too_few(asked, split, ready) if isinstance(ready, str) else _origin(ready, known, as_of)
    counted.rows.unpersist()


def _too_few(counted: Counted, split: Split, reason: str) -> Origin:
    name, metric, none = counted.model.name, counted.spec.gate.metric, (None,) * 5
    cases = counted.cases(split)
    return Origin(name, split.later[0], len(split.train), cases, metric, *none, passed=False, reason=reason)


def _origin(ready: Labelled, known: DataFrame, as_of: date) -> Origin:
    result = fitted_and_judged(ready, known, as_of, champion=None)
    verdict = result.verdict
    ends = result.report.figures[verdict.metric]
    error = result.champion.metrics.get(ERROR[ready.model.kind], math.nan)
    return Origin(
        model=verdict.model,
        origin=ready.split.later[0],
        train_dates=len(ready.split.train),
        cases=verdict.cases,
        metric=verdict.metric,
        value=verdict.value,
        low=_finite(ends.low),
        high=_finite(ends.high),
        baseline=verdict.baseline,
        calibration_error=_finite(error),
        passed=verdict.promoted,
        reason=verdict.reason,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

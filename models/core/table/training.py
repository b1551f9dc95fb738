"""From a frame and a label to a calibrated model that was judged on rows it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conf.models import LearnSpec
from jobs.core.errors import UsageError
from models.core.boosting import Cases, Learnt
from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.core.proxies import proxies
from models.core.rivals import learn_best
from models.core.splits import buckets
from models.core.table.columns import Columns, as_table, columns_of, instants
from models.core.table.label import outcomes
from models.core.table.trained import Trained, groups_of

LATER: Final = 0.25
FEWEST: Final = 20
"""Cases without which folds have nothing to compare."""
LEARN: Final = LearnSpec(folds=3, rounds=400, patience=30, threads=1)
KEPT: Final = 10_000
"""Of the raw outputs in training, for later comparison by PSI."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `train` was asked for."""

    label: str
    positive: Any
    time: str | None
    horizon_days: float
    entity: str | None
    sensitive: tuple[str, ...]
    used: Mapping[str, str]
    exclude: tuple[str, ...]
    later: float
    spec: LearnSpec


def train(
    frame: Any,
    *,
    label: str,
    positive: Any = None,
    time: str | None = None,
    horizon_days: float = 0,
    entity: str | None = None,
    sensitive: Sequence[str] = (),
    used: Mapping[str, str] | None = None,
    exclude: Sequence[str] = (),
    later: float = LATER,
    spec: LearnSpec = LEARN,
) -> Trained:
    """Learn `label` (two values; `positive` names the case) from the other columns of a pandas, Arrow or polars frame.

    The last share `later` of the rows by `time` (a date or number; without one: rows, or whole entities, by chance) is
    kept back and judges; with `horizon_days`, rows whose outcome lay that far ahead and reached into it don't train.
    `entity` names whose row it is: no fold splits them, and it is no feature. `sensitive` columns are never features,
    unless `used` gives the reason; they tell groups apart. 0 for `later` trains on everything. Deterministic.
    Raises UsageError for what can't be learnt, with column and remedy.
    """
    plan = Plan(
        label, positive, time, horizon_days, entity, tuple(sensitive), used or {}, tuple(exclude), later, spec
    )
    table = as_table(frame)
    _checked(table, plan)
    y, chosen = outcomes(table, label, positive)
    plan = replace(plan, positive=chosen)
    judged, learnt_from = split(table, plan)
    trained = _trained(table.filter(pa.array(learnt_from)), y[learnt_from], plan)
    if not judged.any():
        return trained
    kept = table.filter(pa.array(judged))
    return replace(trained, later=kept, evaluation=trained.evaluate(kept))


def split(table: pa.Table, plan: Plan) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which rows judge, and which train; rows of the same moment stay together."""
    size = len(table)
    if plan.later <= 0:
        return np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    if plan.time is None:
        judged = buckets(_keys(table, plan), 1_000, plan.spec.seed) < round(1_000 * plan.later)
        return judged, ~judged
    moment = np.asarray(instants(table[plan.time]).to_numpy(zero_copy_only=False), dtype=np.float64)
    begins = np.quantile(moment, 1 - plan.later, method="higher")
    judged = moment >= begins
    return judged, ~judged & (moment + plan.horizon_days <= begins)


def _trained(table: pa.Table, y: Floats, plan: Plan) -> Trained:
    kept_out = {plan.label, plan.time, plan.entity, *plan.exclude, *(set(plan.sensitive) - set(plan.used))}
    columns, left = columns_of(table, [n for n in kept_out if n], plan.time)
    _learnable(columns, y, plan)
    x = columns.matrix(table)
    learnt = learned(x, y, columns, plan.spec, _keys(table, plan))
    model = _record(learnt, columns, plan, x)
    groups = groups_of(table, plan.sensitive)
    return Trained(
        model=model,
        columns=columns,
        label=plan.label,
        positive=plan.positive,
        sensitive=plan.sensitive,
        left_out=left | {n: "is sensitive" for n in plan.sensitive if n not in plan.used},
        compared=dict(learnt.losses),
        cases=int(y.sum()),
        proxies=proxies(x, columns.features, columns.categories, groups) if groups else (),
    )


def learned(x: Matrix, y: Floats, columns: Columns, spec: LearnSpec, keys: npt.NDArray[np.object_]) -> Learnt:
    """The machinery of the book's own models, over a matrix: folds by key, each with cases of its own."""
    cases = Cases(x, y, np.ones(len(y)), keys)
    fold = buckets(keys, spec.folds, spec.seed)
    return learn_best(
        cases,
        fold,
        objective="binary",
        features=columns.features,
        categorical=list(columns.categories),
        spec=spec,
    )


def _record(learnt: Learnt, columns: Columns, plan: Plan, x: Matrix) -> Champion:
    said = np.sort(learnt.scorer.raw(x))
    kept = said[np.linspace(0, len(said) - 1, min(KEPT, len(said))).astype(int)]
    return Champion(
        name=plan.label,
        version=0,
        as_of=date.min.isoformat(),
        horizon_months=0,
        booster=learnt.booster,
        features=columns.features,
        categories=columns.categories,
        calibration=learnt.calibration,
        quantiles=tuple(map(float, np.quantile(said, np.linspace(0, 1, 1001)))),
        metrics={},
        linear=learnt.linear,
        boosted=learnt.boosted,
        extra={"said": [float(v) for v in kept]},
    )


def _keys(table: pa.Table, plan: Plan) -> npt.NDArray[np.object_]:
    """Whose row it is; without an entity each row is its own, by its number."""
    if plan.entity is None:
        return np.arange(len(table)).astype(str).astype(object)
    return np.asarray(table[plan.entity].cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object)


def _checked(table: pa.Table, plan: Plan) -> None:
    named = [plan.label, plan.time, plan.entity, *plan.sensitive, *plan.exclude]
    if missing := [n for n in named if n and n not in table.column_names]:
        raise UsageError(f"there is no column {missing[0]!r}", f"columns are {', '.join(table.column_names)}")
    if strange := [n for n in plan.used if n not in plan.sensitive]:
        raise UsageError(
            f"{strange[0]!r} is used with a reason but isn't sensitive", "name it under sensitive too"
        )
    if bare := [n for n, reason in plan.used.items() if not reason.strip()]:
        raise UsageError(f"{bare[0]!r} is sensitive", "say for which reason it trains")
    for name in (plan.time, plan.entity):
        if name and table[name].null_count:
            raise UsageError(
                f"column {name!r} is null in {table[name].null_count} rows", "leave these rows out"
            )
    if plan.time and not _orders(table[plan.time].type):
        raise UsageError(f"time {plan.time!r} holds {table[plan.time].type}", "make it a date or a number")
    if not 0 <= plan.later < 1:
        raise UsageError(f"later={plan.later} is no share of the rows", "give 0 up to 1")


def _orders(kind: pa.DataType) -> bool:
    return any(
        f(kind) for f in (pa.types.is_date, pa.types.is_timestamp, pa.types.is_integer, pa.types.is_floating)
    )


def _learnable(columns: Columns, y: Floats, plan: Plan) -> None:
    if not columns.features:
        raise UsageError(
            "no column is left to learn from", "see which are constant, empty, sensitive or keys"
        )
    cases, others = int(y.sum()), int(len(y) - y.sum())
    if min(cases, others) < FEWEST:
        what = f"{cases} cases" if cases <= others else f"{others} rows that aren't cases"
        raise UsageError(
            f"label {plan.label!r} has too few cases: {what} among the rows that train, {FEWEST} needed",
            "gather more, or take a longer horizon",
        )

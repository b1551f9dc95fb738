"""From labelled rows to a judged challenger: sample, learn on older dates, measure on the later one, ask the gate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.models import LearnSpec
from models.core import metrics
from models.core.boosting import Cases
from models.core.bootstrap import Interval
from models.core.card import Report
from models.core.champions import Champion
from models.core.encoding import MAX_VALUES, categories_of, code, matrix, usable, varied
from models.core.evaluation import ERROR, FIGURES, Scored, ahead, measured
from models.core.fairness import Group, by_group, gaps
from models.core.gate import Evidence, Verdict, judge
from models.core.kinds import learn_kind, own_of
from models.core.metrics import Floats
from models.core.reference import references
from models.core.reporting import GROUP, params, report
from models.core.splits import buckets
from models.core.trainable import GONE, Labelled

if TYPE_CHECKING:
    from models.core.tracking import Native  # mlflow costs seconds

BUCKETS = 1_000_000
JUDGED_SHARE = 4
"""Where windows overlap, one customer in four judges and never trains."""
NO_FEATURES = ("customer_id", "as_of", "label", "_baseline", "_weight", f"{GONE}*")
QUANTILES = np.linspace(0, 1, 1001)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A judged challenger (version 0 until registered), its verdict, and what is worth writing down.

    `native`: how MLflow runs it, where that isn't as the record says.
    """

    champion: Champion
    verdict: Verdict
    params: Mapping[str, Any]
    report: Report
    native: Native | None = None


def fitted_and_judged(
    ready: Labelled, book: DataFrame, as_of: date, champion: Champion | None
) -> TrainingResult:
    """Learn, measure and judge one model; `book` holds the features of every customer and date."""
    train = _collected(ready, book, "train")
    later = _collected(ready, book, "later", champion.features if champion else ())
    named = [n for n in train.column_names if n not in NO_FEATURES and not n.startswith((GROUP, GONE))]
    names = varied(train, named)
    categories = {k: v for k, v in categories_of(train, names).items() if len(v) <= MAX_VALUES}
    names = [n for n in names if n in categories or not pa.types.is_string(train[n].type)]
    fold = buckets(
        train["customer_id"].to_numpy(zero_copy_only=False), ready.spec.learn.folds, ready.spec.learn.seed
    )
    cases = Cases(
        matrix(code(train, categories), names),
        _floats(train, "label"),
        _floats(train, "_weight"),
        _ids(train),
    )
    learnt = learn_kind(ready, train, cases, fold, names, list(categories))
    x = matrix(code(later, categories), names)
    raw = learnt.scorer.raw(x, ready.spec.learn.threads)
    scored = Scored(_floats(later, "label"), raw, learnt.calibration.apply(raw), _case(later))
    moved = metrics.psi(learnt.scorer.raw(cases.x, ready.spec.learn.threads), raw, weight=cases.weight)
    groups = _groups(ready, scored, later)
    figures, compared, evidence = _evidence(ready, scored, later, champion, moved, groups)
    own, extra = own_of(ready, learnt, scored, train, later, x)
    compared = {**compared, **own}
    verdict = judge(ready.model.name, ready.spec.gate, evidence)
    record = Champion(
        name=ready.model.name,
        version=0,
        as_of=as_of.isoformat(),
        horizon_months=ready.spec.horizon_months,
        booster=learnt.booster,
        features=tuple(names),
        categories=categories,
        calibration=learnt.calibration,
        quantiles=tuple(map(float, np.quantile(raw, QUANTILES))),
        metrics={n: v for n, v in {**figures, **compared}.items() if math.isfinite(v)},
        linear=learnt.linear,
        boosted=learnt.boosted,
        extra=extra,
        periods=learnt.periods,
        anchor=learnt.anchor,
        reference=references(cases.x, cases.weight, names, raw),
    )
    told = report(ready, scored, later, compared=compared, groups=groups, gaps=evidence.gaps)
    return TrainingResult(record, verdict, params(ready, learnt, cases), told)


def _collected(ready: Labelled, book: DataFrame, part: str, asked: Sequence[str] = ()) -> pa.Table:
    """The rows that train, or that judge, with features, within the configured cap: driver memory stays bounded.

    `asked`: features beside those that train, such as a champion's that was taught what is barred by now.
    """
    spec, model, split = ready.spec.learn, ready.model, ready.split
    dates = split.train if part == "train" else split.later
    rows = ready.rows.where(F.col("as_of").isin(*dates))
    if not split.purged:
        judged = _bucket(spec, "customer_id") % JUDGED_SHARE == 0
        rows = rows.where(judged if part == "later" else ~judged)
    size = ready.rows_train if part == "train" else ready.rows_later
    times = max(1, len(model.periods(ready.spec)))  # a hazard learns from each row once a period
    rows, weight = _sampled(rows, ready, part, spec.max_rows / max(1, size * times))
    joined = rows.join(book, on=["customer_id", "as_of"], how="inner")
    features = usable(joined, NO_FEATURES, spec.excluded)
    features += [n for n in asked if n in joined.columns and n not in features]
    columns = [*model.keys, *(n for n in features if n not in model.keys)]
    baseline = F.coalesce(F.expr(model.baseline).cast("double"), F.lit(0.0)).alias("_baseline")
    label = F.col("label").cast("double").alias("label")
    groups = [
        F.expr(sql).cast("string").alias(GROUP + name) for name, sql in ready.spec.fairness.groups.items()
    ]
    told = groups if part == "later" else []
    told += [F.col(n) for n in joined.columns if n.startswith(GONE)]
    table = joined.select(*columns, label, baseline, weight, *told)
    return table.toArrow().sort_by([(k, "ascending") for k in model.keys])


def _sampled(rows: DataFrame, ready: Labelled, part: str, share: float) -> tuple[DataFrame, Column]:
    """Rows within the cap and the weight that makes up for it: whole customers, or for rare cases fewer negatives."""
    spec, one = ready.spec.learn, F.lit(1.0).alias("_weight")
    if share >= 1:
        return rows, one
    if part == "later" or ready.model.kind == "value":
        return rows.where(_bucket(spec, "customer_id") < int(BUCKETS * share)), one
    positives = ready.cases / max(1, ready.rows_train)
    kept = max(share * 0.1, (share - positives) / max(1e-9, 1 - positives))
    rare = rows.where((F.col("label") > 0) | (_bucket(spec, *ready.model.keys) < int(BUCKETS * kept)))
    return rare, F.when(F.col("label") > 0, 1.0).otherwise(1.0 / kept).alias("_weight")


def _bucket(spec: LearnSpec, *names: str) -> Column:
    return F.pmod(F.xxhash64(F.lit(spec.seed), *names), F.lit(BUCKETS))


def _evidence(
    ready: Labelled,
    ours: Scored,
    later: pa.Table,
    champion: Champion | None,
    moved: float,
    groups: list[Group],
) -> tuple[dict[str, float], dict[str, float], Evidence]:
    """Our figures on the later window, those of what we are compared with, and the gate's evidence."""
    kind, metric = ready.model.kind, ready.spec.gate.metric
    figures, naive = measured(kind, ours), _floats(later, "_baseline")
    best = _champion_raw(ready, champion, later)
    evidence = Evidence(
        value=figures[metric],
        baseline=_figure(ready, ours, naive),
        champion=metrics.NAN if best is None else _figure(ready, ours, best),
        calibration_error=figures[ERROR[kind]],
        cases=ready.cases,
        later_cases=ready.later_cases,
        over_baseline=_lead(ready, ours, naive, later),
        over_champion=None if best is None else _lead(ready, ours, best, later),
        psi=moved,
        calibration_noise=0.0 if kind == "value" else metrics.calibration_noise(ours.calibrated),
        gaps=gaps(groups),
    )
    widest = {f"gap_{g.attribute}_{g.measure}": g.value for g in evidence.gaps}
    told = {
        f"baseline_{metric}": evidence.baseline,
        f"champion_{metric}": evidence.champion,
        "psi": moved,
        "cases": float(ready.cases),
    }
    return figures, {**told, **widest}, evidence


def _figure(ready: Labelled, ours: Scored, other: Floats) -> float:
    """The gate's metric of another's raw output on the same rows."""
    return FIGURES[ready.model.kind][ready.spec.gate.metric](replace(ours, raw=other, calibrated=other))


def _lead(ready: Labelled, ours: Scored, other: Floats, later: pa.Table) -> Interval | None:
    """How far ahead of it ours is; whole customers are resampled."""
    gate = ready.spec.gate
    if not gate.draws:
        return None
    return ahead(
        ready.model.kind,
        gate.metric,
        ours,
        other,
        group=_ids(later),
        draws=gate.draws,
        confidence=gate.confidence,
    )


def _groups(ready: Labelled, ours: Scored, later: pa.Table) -> list[Group]:
    spec = ready.spec.fairness
    named = {n: later[GROUP + n] for n in spec.groups if GROUP + n in later.column_names}
    sensitive = {n: column.to_numpy(zero_copy_only=False) for n, column in named.items()}
    value = ready.model.kind == "value"
    return by_group(
        ours.y, ours.calibrated, sensitive, selected=spec.selected, least=spec.min_rows, of_value=value
    )


def _champion_raw(ready: Labelled, champion: Champion | None, later: pa.Table) -> Floats | None:
    """The champion's output on the same rows; None where there is none or a feature of it no longer exists."""
    if champion is None or not set(champion.features) <= set(later.column_names):
        return None
    x = matrix(code(later, champion.categories), champion.features)
    return champion.scorer.raw(x, ready.spec.learn.threads)


def _case(table: pa.Table) -> np.ndarray:
    """A number for each customer and date: what a ranking ranks within."""
    who = table.select(["customer_id", "as_of"]).to_pandas()
    return np.asarray(pd.factorize(who["customer_id"] + who["as_of"].astype(str))[0], dtype=np.int64)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def _ids(table: pa.Table) -> np.ndarray:
    return np.asarray(table["customer_id"].to_numpy(zero_copy_only=False), dtype=object)

"""Training: past snapshot dates in, verdicts out. One machinery for every model; what differs is a TrainableModel.

A model is learnt from older dates, judged on a later one that no training window reaches, and registered; only the
gate makes it champion. Labels are counted before any feature is computed, so too few cases cost next to nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelSpec
from jobs.core.features import FRAMES, compute_features_at
from jobs.core.together import together
from models.core.card import card
from models.core.fitting import TrainingResult, fitted_and_judged
from models.core.gate import Verdict, refuse
from models.core.in_force import load
from models.core.known import known_models, model_of, spec_of
from models.core.prepared import PastBook, prepare, scored_ones
from models.core.registry import Registry
from models.core.splits import forward_split
from models.core.tracking import TABLE_TAG, Training, register
from models.core.trainable import Labelled, OwnModel, Prepared, TrainableModel
from models.core.versions import HIGH, LOW, gate_tags, promote

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a training came from (`told`: bank, code, configuration …; table → Delta version) and where it goes."""

    as_of: date
    told: Mapping[str, str]
    table_versions: Mapping[str, int]
    registry: Registry
    artifact_uri: str

    @property
    def tags(self) -> dict[str, str]:
        """All of it as tags of a run."""
        return {**self.told, **{f"{TABLE_TAG}{n}": str(v) for n, v in sorted(self.table_versions.items())}}


def train_all(
    spark: SparkSession,
    read_table: Callable[[str], DataFrame],
    bank: Bank,
    as_of: date,
    tracking_uri: str,
    artifact_uri: str,
    names: Iterable[str] | None = None,
    table_versions: Mapping[str, int] | None = None,
    code: str = "unknown",
    search_seconds: float | None = None,
) -> list[Verdict]:
    """Train, judge and register the named models (default: all) on what was known at the close of `as_of`.

    `search_seconds`, for each model, stand in place of the configured ones (conf.search). `table_versions` and the version of the `code` are written down with each run and on its card.
    One verdict a model, in the order of their names. Raises UsageError for a model that doesn't exist, ConfError for
    bad configuration. The only writes are MLflow's.
    """
    chosen = [model_of(n) for n in (names or known_models())]
    features = bank.section("features", FeaturesConf)
    specs = [(m, searching(spec_of(m, bank), search_seconds)) for m in chosen]
    past = prepare(read_table, specs, as_of)
    labelled = together(spark, [partial(_prepared, past, m, s, as_of) for m, s in specs])
    ready = [x for x in labelled if not isinstance(x, Verdict)]
    dates = sorted({d for x in ready for d in x.dates})
    frames, customers = past.frames, past.customers
    book = (
        compute_features_at(frames, features, dates=dates, customers=customers).persist() if dates else None
    )
    told = {
        "bank": bank.name,
        "as_of": as_of.isoformat(),
        "code": code,
        "configuration": bank.fingerprint,
        "features": features.definition,
    }
    made = Provenance(as_of, told, table_versions or {}, Registry(tracking_uri, bank.name), artifact_uri)
    learnt = together(spark, [partial(_learnt, x, book, made) for x in ready])
    results = dict(zip((x.model.name for x in ready), learnt, strict=True))
    # One after the other: the registry is one file, and its versions follow the order of the names.
    verdicts = [
        x if isinstance(x, Verdict) else _registered(x, results[x.model.name], made) for x in labelled
    ]
    for frame in (customers, book, *(x.rows for x in ready)):
        if frame is not None:
            frame.unpersist()
    return verdicts


def searching(spec: ModelSpec, seconds: float | None) -> ModelSpec:
    """The specification with so many seconds to search for parameters; None leaves it as configured."""
    if seconds is None:
        return spec
    search = spec.learn.search.model_copy(update={"seconds": seconds})
    return spec.model_copy(update={"learn": spec.learn.model_copy(update={"search": search})})


def _prepared(
    past: PastBook, model: TrainableModel | OwnModel, spec: ModelSpec, as_of: date
) -> Labelled | Prepared | Verdict:
    if isinstance(model, OwnModel):
        return model.prepare(past.frames, spec, as_of)
    return _labelled(past, model, spec, as_of)


def _labelled(book: PastBook, model: TrainableModel, spec: ModelSpec, as_of: date) -> Labelled | Verdict:
    dates = book.dates(spec, as_of)
    split = forward_split(dates, spec.horizon_months, spec.snapshots)
    if not split.train or not split.later:
        begun, months = book.first_known or as_of, spec.horizon_months
        short = f"history too short: begins {begun}, label windows of {months} months"
        return refuse(model.name, spec.gate, 0, f"too few cases: 0 of {spec.gate.min_cases} needed ({short})")
    counted = book.counted(model, spec, split.dates)
    found = counted.split(split)
    if isinstance(found, Labelled):
        return found
    counted.rows.unpersist()
    return refuse(model.name, spec.gate, counted.cases(split), found)


def _learnt(ready: Labelled | Prepared, book: DataFrame | None, made: Provenance) -> TrainingResult | Verdict:
    assert book is not None
    asked = _asked(ready, book) if isinstance(ready, Labelled) else ready
    if isinstance(asked, Verdict):
        return asked
    champion = load(asked.model.name, made.registry)
    if isinstance(asked, Labelled):
        return fitted_and_judged(asked, book, made.as_of, champion)
    return asked.learnt(book, made.as_of, champion)


def _asked(ready: Labelled, book: DataFrame) -> Labelled | Verdict:
    """What would be scored, where not everything is; a refusal where too little is left."""
    if ready.model.scored is None:
        return ready
    counted = scored_ones(ready.model, ready.spec, ready.rows, book)
    found = counted.split(ready.split)
    if isinstance(found, Labelled):
        return found
    return refuse(ready.model.name, ready.spec.gate, counted.cases(ready.split), found)


def _registered(ready: Labelled | Prepared, result: TrainingResult | Verdict, made: Provenance) -> Verdict:
    if isinstance(result, Verdict):
        return result
    training = Training(
        result.params,
        _figures(result),
        {**made.tags, **gate_tags(result.verdict)},
        _card(ready, result, made),
    )
    registered = register(result.champion, training, made.registry, made.artifact_uri, native=result.native)
    if result.verdict.promoted:
        now, why = datetime.now(UTC), result.verdict.reason
        promote(registered.name, registered.version, made.registry, at=now, reason=why)
    logger.info("%s version %d: %s", registered.name, registered.version, result.verdict.reason)
    return replace(result.verdict, version=registered.version)


def _figures(result: TrainingResult) -> dict[str, float]:
    """What is measured, with the ends of the gate's metric's interval."""
    metric = result.verdict.metric
    ends = result.report.figures[metric]
    return {**result.champion.metrics, f"{metric}{LOW}": ends.low, f"{metric}{HIGH}": ends.high}


def _card(ready: Labelled | Prepared, result: TrainingResult, made: Provenance) -> str:
    read = {*FRAMES.values(), *ready.model.tables.values()}
    versions = {name: str(v) for name, v in sorted(made.table_versions.items()) if name in read}
    return card(ready.model.card, result.report, result.verdict, made.told, versions)

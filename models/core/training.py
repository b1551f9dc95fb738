"""Training: past snapshot dates in, verdicts out. One machinery for every model; what differs is a TrainableModel.

A model is learnt from older dates, judged on a later one that no training window reaches, and registered; only the
gate makes it champion. Labels are counted before any feature is computed, so too few cases cost next to nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelSpec, ModelsSpec
from jobs.core.features import FRAMES, compute_features_at
from models.core.book import HOLDINGS
from models.core.card import card
from models.core.champions import load
from models.core.fitting import TrainingResult, fitted_and_judged
from models.core.gate import Verdict, refuse, too_few
from models.core.known import known_models, model_of
from models.core.splits import forward_split, snapshot_dates
from models.core.tracking import TABLE_TAG, Training, register
from models.core.trainable import Frames, Labelled, OwnModel, Prepared, TrainableModel
from models.core.versions import HIGH, LOW, gate_tags, promote

HISTORY: Final = ("account_daily", "booked_on")
"""The frame and date by which the bank's history is as long as it is."""
BY_CUSTOMER: Final = frozenset({"crosswalk", HOLDINGS})
BY_ACCOUNT: Final = frozenset({"account_daily", "balance"})
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a training came from (`told`: bank, code, configuration …; table → Delta version) and where it goes."""

    as_of: date
    told: Mapping[str, str]
    table_versions: Mapping[str, int]
    tracking_uri: str
    artifact_uri: str

    @property
    def tags(self) -> dict[str, str]:
        """All of it as tags of a run."""
        return {**self.told, **{f"{TABLE_TAG}{n}": str(v) for n, v in sorted(self.table_versions.items())}}


def train_all(
    spark: SparkSession,  # noqa: ARG001 – the session that `read_table` reads with
    read_table: Callable[[str], DataFrame],
    bank: Bank,
    as_of: date,
    tracking_uri: str,
    artifact_uri: str,
    names: Iterable[str] | None = None,
    table_versions: Mapping[str, int] | None = None,
    code: str = "unknown",
) -> list[Verdict]:
    """Train, judge and register the named models (default: all) on what was known at the close of `as_of`.

    `table_versions` and the version of the `code` are written down with each run and on its card.
    One verdict a model, in the order of their names. Raises KeyError for a model that doesn't exist, ConfError for
    bad configuration. The only writes are MLflow's.
    """
    chosen = [model_of(n) for n in (names or known_models())]
    spec, features = bank.section("models", ModelsSpec), bank.section("features", FeaturesConf)
    wanted = {**FRAMES, **{k: v for m in chosen for k, v in m.tables.items()}}
    frames = {name: as_known_at(read_table(table), as_of) for name, table in wanted.items()}
    most = max(m.spec(spec).learn.max_customers for m in chosen)
    customers = sampled_customers(frames["crosswalk"], most).persist()
    frames = narrowed(frames, customers)
    labelled = [_prepared(frames, m, m.spec(spec), as_of) for m in chosen]
    ready = [x for x in labelled if not isinstance(x, Verdict)]
    dates = sorted({d for x in ready for d in x.dates})
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
    made = Provenance(as_of, told, table_versions or {}, tracking_uri, artifact_uri)
    verdicts = [x if isinstance(x, Verdict) else _trained(x, book, made) for x in labelled]
    for frame in (customers, book, *(x.rows for x in ready)):
        if frame is not None:
            frame.unpersist()
    return verdicts


def as_known_at(rows: DataFrame, as_of: date) -> DataFrame:
    """What the bank knew at the close of `as_of`; tables without known_from hold the present state only."""
    return rows.where(F.col("known_from") <= F.lit(as_of)) if "known_from" in rows.columns else rows


def narrowed(frames: Frames, customers: DataFrame) -> dict[str, DataFrame]:
    """The frames, with what is read most left to the sampled customers and their accounts."""
    few = F.broadcast(customers)
    kept = {n: f.join(few, on="customer_id", how="left_semi") for n, f in frames.items() if n in BY_CUSTOMER}
    if HOLDINGS not in kept:
        return {**frames, **kept}
    accounts = (
        kept[HOLDINGS].select(F.explode(F.array("account_id", "contract_id")).alias("account_id")).distinct()
    )
    for name in BY_ACCOUNT & set(frames):
        kept[name] = frames[name].join(F.broadcast(accounts), on="account_id", how="left_semi")
    return {**frames, **kept}


def sampled_customers(crosswalk: DataFrame, most: int) -> DataFrame:
    """About `most` customers, the same ones whenever the book is the same; all of them where there are fewer."""
    everyone = crosswalk.select("customer_id").distinct()
    number = everyone.count()
    if number <= most:
        return everyone
    return everyone.where(
        F.pmod(F.xxhash64("customer_id"), F.lit(1_000_000)) < int(1_000_000 * most / number)
    )


def _prepared(
    frames: Frames, model: TrainableModel | OwnModel, spec: ModelSpec, as_of: date
) -> Labelled | Prepared | Verdict:
    if isinstance(model, OwnModel):
        return model.prepare(frames, spec, as_of)
    return _labelled(frames, model, spec, as_of)


def _labelled(frames: Frames, model: TrainableModel, spec: ModelSpec, as_of: date) -> Labelled | Verdict:
    begun = frames[HISTORY[0]].agg(F.min(HISTORY[1])).first()
    first_known = begun[0] if begun and begun[0] else as_of
    split = forward_split(
        snapshot_dates(as_of, first_known, spec.horizon_months, spec.snapshots),
        spec.horizon_months,
        spec.snapshots,
    )
    if not split.train or not split.later:
        short = f"history too short: begins {first_known}, label windows of {spec.horizon_months} months"
        return refuse(model.name, spec.gate, 0, f"too few cases: 0 of {spec.gate.min_cases} needed ({short})")
    candidates = model.candidates(frames, spec, split.dates)
    rows = model.outcomes(frames, spec, candidates, split.dates).persist()
    judged = F.col("as_of").isin(*split.later)
    positive = (F.col("label") > 0).cast("int")
    counted = rows.groupBy(judged.alias("later")).agg(
        F.sum(positive).alias("cases"), F.count("*").alias("rows")
    )
    found = {r["later"]: (int(r["cases"]), int(r["rows"])) for r in counted.collect()}
    cases, rows_train = found.get(False, (0, 0))
    later_cases, rows_later = found.get(True, (0, 0))
    if refusal := too_few(spec.gate, cases, later_cases):
        rows.unpersist()
        return refuse(model.name, spec.gate, cases, refusal)
    return Labelled(model, spec, split, rows, cases, later_cases, rows_train, rows_later)


def _trained(ready: Labelled | Prepared, book: DataFrame | None, made: Provenance) -> Verdict:
    assert book is not None
    champion = load(ready.model.name, made.tracking_uri)
    if isinstance(ready, Labelled):
        result = fitted_and_judged(ready, book, made.as_of, champion)
    else:
        result = ready.learnt(book, made.as_of, champion)
    training = Training(
        result.params,
        _figures(result),
        {**made.tags, **gate_tags(result.verdict)},
        _card(ready, result, made),
    )
    registered = register(
        result.champion, training, made.tracking_uri, made.artifact_uri, native=result.native
    )
    if result.verdict.promoted:
        now, why = datetime.now(UTC), result.verdict.reason
        promote(registered.name, registered.version, made.tracking_uri, at=now, reason=why)
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

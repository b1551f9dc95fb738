"""Training: past snapshot dates in, verdicts out. One machinery for every model; what differs is a TrainableModel.

A model is learnt from older dates, judged on a later one that no training window reaches, and registered; only the
gate makes it champion. Labels are counted before any feature is computed, so too few cases cost next to nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import models
from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelSpec, ModelsSpec
from jobs.core.features import FRAMES, compute_features_at
from models.core.book import HOLDINGS
from models.core.champions import load
from models.core.fitting import fitted_and_judged
from models.core.gate import Verdict, refuse, too_few
from models.core.splits import forward_split, snapshot_dates
from models.core.tracking import Training, promote, register
from models.core.trainable import Frames, Labelled, TrainableModel

HISTORY: Final = ("account_daily", "booked_on")
"""The frame and date by which the bank's history is as long as it is."""
BY_CUSTOMER: Final = frozenset({"crosswalk", HOLDINGS})
BY_ACCOUNT: Final = frozenset({"account_daily", "balance"})
logger = logging.getLogger(__name__)


def train_all(
    spark: SparkSession,  # noqa: ARG001 – the session that `read_table` reads with
    read_table: Callable[[str], DataFrame],
    bank: Bank,
    as_of: date,
    tracking_uri: str,
    artifact_uri: str,
    names: Iterable[str] | None = None,
    table_versions: Mapping[str, int] | None = None,
) -> list[Verdict]:
    """Train, judge and register the named models (default: all) on what was known at the close of `as_of`.

    One verdict a model, in the order of their names. Raises KeyError for a model that doesn't exist, ConfError for
    bad configuration. The only writes are MLflow's.
    """
    chosen = [trainable(n) for n in (names or known_models())]
    spec, features = bank.section("models", ModelsSpec), bank.section("features", FeaturesConf)
    wanted = {**FRAMES, **{k: v for m in chosen for k, v in m.tables.items()}}
    frames = {name: as_known_at(read_table(table), as_of) for name, table in wanted.items()}
    most = max(m.spec(spec).learn.max_customers for m in chosen)
    customers = sampled_customers(frames["crosswalk"], most).persist()
    frames = narrowed(frames, customers)
    labelled = [_labelled(frames, m, m.spec(spec), as_of) for m in chosen]
    ready = [x for x in labelled if isinstance(x, Labelled)]
    dates = sorted({d for x in ready for d in x.split.dates})
    book = (
        compute_features_at(frames, features, dates=dates, customers=customers).persist() if dates else None
    )
    tags = {
        "bank": bank.name,
        "configuration": bank.fingerprint,
        "as_of": as_of.isoformat(),
        "features": features.definition,
    }
    tags |= {f"table.{name}": str(v) for name, v in sorted((table_versions or {}).items())}
    verdicts = [
        x
        if isinstance(x, Verdict)
        else _trained(x, book, as_of=as_of, tags=tags, tracking_uri=tracking_uri, artifact_uri=artifact_uri)
        for x in labelled
    ]
    for frame in (customers, book, *(x.rows for x in ready)):
        if frame is not None:
            frame.unpersist()
    return verdicts


def known_models() -> list[str]:
    """Names of the packages under models/ that can be trained."""
    packages = [m.name for m in pkgutil.iter_modules(models.__path__) if m.ispkg]
    return sorted(n for n in packages if importlib.util.find_spec(f"models.{n}.train"))


def trainable(name: str) -> TrainableModel:
    """The model of `models/<name>/train.py`. Raises KeyError with the known names."""
    if name not in known_models():
        raise KeyError(f"no model {name!r}; known are {', '.join(known_models())}")
    found: TrainableModel = importlib.import_module(f"models.{name}.train").MODEL
    return found


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


def _trained(
    ready: Labelled,
    book: DataFrame | None,
    *,
    as_of: date,
    tags: Mapping[str, str],
    tracking_uri: str,
    artifact_uri: str,
) -> Verdict:
    assert book is not None
    champion = load(ready.model.name, tracking_uri)
    result = fitted_and_judged(ready, book, as_of, champion)
    training = Training(result.params, result.champion.metrics, tags, ready.model.card + result.card)
    registered = register(result.champion, training, tracking_uri, artifact_uri)
    if result.verdict.promoted:
        promote(registered.name, registered.version, tracking_uri)
    logger.info("%s version %d: %s", registered.name, registered.version, result.verdict.reason)
    return replace(result.verdict, version=registered.version)

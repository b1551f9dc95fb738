"""Point-in-time features: one pass per source over what was known at a date, any date, as configured.

The nightly feature table and the training of models at past snapshot dates both come through here, so
that a model never meets a feature at scoring that was made otherwise at training.

Two rules keep the future out: a row counts only if the bank knew it (known_from) and it had happened (the
source's own date) by the snapshot date. Links from accounts, loans and cards are read as known at that date as
well, those from parties to customers are today's (jobs.core.links): joining a person's own earlier records
isn't a look ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.features import AS_OF, FeaturesConf, FeatureSource, FeatureSpec
from jobs.core.aggregates import DIGITS, aggregated
from jobs.core.gathering import gathered
from jobs.core.known import Known
from jobs.core.links import ROW, Links, at_dates
from jobs.core.shared import shared
from jobs.core.together import together

FRAMES: Final[Mapping[str, str]] = {
    "account_daily": "gold.account_daily",
    "address": "silver.address",
    "arrears": "silver.arrears",
    "balance": "silver.balance",
    "campaign_contact": "silver.campaign_contact",
    "campaign_response": "silver.campaign_response",
    "card": "silver.card",
    "card_statement": "silver.card_statement",
    "complaint": "silver.complaint",
    "complaint_tone": "gold.complaint_tone",
    "credit_standing": "silver.credit_standing",
    "crosswalk": "identity.crosswalk",
    "holding": "silver.holding",
    "interaction_daily": "gold.interaction_daily",
    "loan": "silver.loan",
    "order": "silver.order",
    "party": "silver.party",
    "relationship": "silver.relationship",
    "suitability": "silver.suitability",
    "survey": "silver.survey",
}
"""What compute_features may read: frame name → table. A job that computes features declares these inputs."""

_FRAME_OF: Final = {table: frame for frame, table in FRAMES.items()}


def compute_features(
    frames: Mapping[str, DataFrame], config: FeaturesConf, *, as_of: date, customers: DataFrame
) -> DataFrame:
    """`compute_features_at` for the one date of a nightly run."""
    return compute_features_at(frames, config, dates=[as_of], customers=customers)


def compute_features_at(
    frames: Mapping[str, DataFrame], config: FeaturesConf, *, dates: Sequence[date], customers: DataFrame
) -> DataFrame:
    """One row per date and row of `customers` (column customer_id): customer_id, as_of, one double per feature.

    `frames` holds the tables of FRAMES by their frame names, whole; what was unknown at the close of a date is left
    out of that date's row. Each source is read once, however many dates there are. Raises KeyError where a configured
    source is not among the frames.
    """
    rows, links = at_dates(customers.select("customer_id").distinct(), dates), Links(frames, dates)
    filled = gathered(rows, _each_drawn(frames, config, links)).select(*ROW, *_filled(config))
    derived = [
        _with_fill(F.round(F.expr(d.sql).cast("double"), DIGITS), d.fill).alias(n)
        for n, d in config.derived.items()
    ]
    return filled.select(*ROW, *list(config.features), *derived)


def _each_drawn(frames: Mapping[str, DataFrame], config: FeaturesConf, links: Links) -> list[DataFrame]:
    """Each source's features, planned and run by itself: in one plan of them all every stage that ends plans all anew."""
    by_source = {
        name: {n: f for n, f in config.features.items() if f.source == name} for name in config.sources
    }
    drawn = [(config.sources[name], wanted) for name, wanted in by_source.items() if wanted]
    tables = {table: frames[frame] for table, frame in _FRAME_OF.items() if frame in frames}
    known = Known(tables, links.dates, [source for source, _ in drawn])

    def draw(source: FeatureSource, wanted: Mapping[str, FeatureSpec]) -> DataFrame:
        return shared(_drawn(known.rows(source, wanted), source, wanted, links))

    work = [partial(draw, source, wanted) for source, wanted in drawn]
    spark = next(iter(frames.values())).sparkSession
    return together(spark, work)


PACKED: Final = "array<struct<name:string,value:double>>"


def packed(features: DataFrame, config: FeaturesConf) -> DataFrame:
    """The same rows with all features in one column `features` (see PACKED), in the configuration's order."""
    entries = [F.struct(F.lit(n).alias("name"), F.col(n).alias("value")) for n in config.names]
    return features.select("customer_id", AS_OF, F.array(*entries).cast(PACKED).alias("features"))


def widened(features: DataFrame, names: Sequence[str], config: FeaturesConf | None = None) -> DataFrame:
    """Inverse of `packed`: one double column for each of `names` in place of `features`, null where absent.

    With the configuration that packed them features are taken by position, which is cheaper than by name;
    a row packed under another one then gives nulls, never another feature's value. Raises ValueError for a
    name that isn't configured.
    """
    others = [c for c in features.columns if c != "features"]
    if config is None:
        named = features.withColumn("features", F.map_from_entries("features"))
        return named.select(*others, *[F.col("features")[n].alias(n) for n in names])
    position = {name: i for i, name in enumerate(config.names)}
    if unknown := [n for n in names if n not in position]:
        raise ValueError(f"no features {', '.join(unknown)}: configure them under conf/shared/features")
    return features.select(*others, *[_at(position[n], n) for n in names])


def _at(position: int, name: str) -> Column:
    entry = F.get(F.col("features"), F.lit(position))
    return F.when(entry["name"] == name, entry["value"]).alias(name)


def _drawn(
    known: DataFrame, source: FeatureSource, wanted: Mapping[str, FeatureSpec], links: Links
) -> DataFrame:
    """A source's features: known rows, brought to their customers, aggregated in one pass."""
    owned = known if source.entity == "customer" else _owned(source, known, links)
    owned = _related(owned, links.related(source.through)) if source.through else owned
    return aggregated(owned, source, wanted)


def _owned(source: FeatureSource, rows: DataFrame, links: Links) -> DataFrame:
    """Rows with the customer they belong to; a shared account's rows count for each who may use it."""
    key = f"{source.entity}_id"
    on = key if source.entity == "party" else [key, AS_OF]
    return rows.join(links.of(source.entity, source.roles), on=on, how="inner")


def _related(rows: DataFrame, related: DataFrame) -> DataFrame:
    """The rows for each customer related to whose they are."""
    theirs = rows.withColumnRenamed("customer_id", "other_customer_id")
    return theirs.join(related, on=["other_customer_id", AS_OF], how="inner")


def _filled(config: FeaturesConf) -> list[Column]:
    """Each feature as its source's aggregate left it, rounded."""
    return [_with_fill(F.col(n), f.fill).alias(n) for n, f in config.features.items()]


def _with_fill(value: Column, fill: float | None) -> Column:
    """Nulls filled where the definition says what absence means."""
    return value if fill is None else F.coalesce(value, F.lit(fill))

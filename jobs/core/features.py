"""Point-in-time features: one pass per source over what was known at a date, any date, as configured.

The nightly feature table and the training of models at past snapshot dates both call compute_features, so
that a model never meets a feature at scoring that was made otherwise at training.

Two rules keep the future out: a row counts only if the bank knew it (known_from) and it had happened (the
source's own date) by the snapshot date. Links from accounts, loans and cards to parties are read as known at
that date as well. Links from parties to customers are today's: which records are one person is knowledge
about identity, not about what they did, and joining a person's own earlier records isn't a look ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.features import AS_OF, FeaturesConf, FeatureSource, FeatureSpec
from jobs.columns.time import as_known, current_as_of

FRAMES: Final[Mapping[str, str]] = {
    "account_daily": "gold.account_daily",
    "arrears": "silver.arrears",
    "balance": "silver.balance",
    "campaign_contact": "silver.campaign_contact",
    "campaign_response": "silver.campaign_response",
    "card": "silver.card",
    "card_statement": "silver.card_statement",
    "complaint": "silver.complaint",
    "credit_standing": "silver.credit_standing",
    "crosswalk": "identity.crosswalk",
    "holding": "silver.holding",
    "interaction_daily": "gold.interaction_daily",
    "loan": "silver.loan",
    "order": "silver.order",
    "party": "silver.party",
    "suitability": "silver.suitability",
    "survey": "silver.survey",
}
"""What compute_features may read: frame name → table. A job that computes features declares these inputs."""

_FRAME_OF: Final = {table: frame for frame, table in FRAMES.items()}

DIGITS: Final = 6
"""Features are rounded to this many decimals, so that the order of a floating sum never shows in a table."""


def compute_features(
    frames: Mapping[str, DataFrame], config: FeaturesConf, *, as_of: date, customers: DataFrame
) -> DataFrame:
    """One row per row of `customers` (column customer_id): customer_id, as_of, one double per feature.

    `frames` holds the tables of FRAMES by their frame names, whole; what was unknown at the close of `as_of`
    is left out here. Raises KeyError where a configured source is not among the frames.
    """
    rows = customers.select("customer_id").distinct()
    for name, source in config.sources.items():
        wanted = {n: f for n, f in config.features.items() if f.source == name}
        if wanted:
            drawn = _drawn(frames, source, wanted, as_of)
            rows = rows.join(drawn, on="customer_id", how="left")
    filled = rows.select("customer_id", *_filled(config))
    derived = [_double(F.expr(d.sql), d.fill).alias(n) for n, d in config.derived.items()]
    return filled.select("customer_id", F.lit(as_of).alias(AS_OF), *list(config.features), *derived)


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
    frames: Mapping[str, DataFrame],
    source: FeatureSource,
    wanted: Mapping[str, FeatureSpec],
    as_of: date,
) -> DataFrame:
    """A source's features: known rows, brought to their customers, aggregated in one pass."""
    known = _known(frames[_FRAME_OF[source.table]], source, wanted, as_of)
    owned = known if source.entity == "customer" else _owned(frames, source, known, as_of)
    dated = owned.withColumn(AS_OF, F.lit(as_of))
    aggregates = [_aggregate(f, source, as_of).alias(n) for n, f in wanted.items()]
    return dated.groupBy("customer_id").agg(*aggregates)


def _known(
    rows: DataFrame, source: FeatureSource, wanted: Mapping[str, FeatureSpec], as_of: date
) -> DataFrame:
    """Rows known and happened by `as_of`; events older than the longest window are left out."""
    latest = as_of - timedelta(days=source.lag_days)
    happened = as_known(rows, as_of).where(F.col(source.on) <= F.lit(latest))
    if source.shape == "versions":
        return _last(happened, source)
    windows = [f.window_days for f in wanted.values()]
    if any(w is None for w in windows):
        return happened
    longest = max(w for w in windows if w is not None)
    return happened.where(F.col(source.on) > F.lit(latest - timedelta(days=longest)))


def _last(rows: DataFrame, source: FeatureSource) -> DataFrame:
    """The last row of each key by (its date, known_from, batch); deleted keys are gone.

    As jobs.columns.time.current, by an aggregate in place of a window: states of facts (balances,
    statements) run to many rows a key, and an aggregate combines them before they are shuffled.
    """
    first = [source.on, "known_from", "batch_id"]
    others = [c for c in rows.columns if c not in (*first, *source.key)]
    packed_row = F.struct(*[F.col(c) for c in (*first, *others)])
    last = rows.groupBy(*source.key).agg(F.max(packed_row).alias("_last")).select(*source.key, "_last.*")
    return last.where(~F.coalesce("is_deleted", F.lit(False))) if "is_deleted" in rows.columns else last


def _owned(frames: Mapping[str, DataFrame], source: FeatureSource, rows: DataFrame, as_of: date) -> DataFrame:
    """Rows with the customer they belong to; a shared account's rows count for each who may use it."""
    key = f"{source.entity}_id"
    links = party_links(frames["crosswalk"])
    if source.entity == "account":
        links = account_links(frames, as_of, source.roles)
    elif source.entity in ("loan", "card"):
        links = _contract_links(frames, source.entity, as_of)
    return rows.join(links, on=key, how="inner")


def party_links(crosswalk: DataFrame) -> DataFrame:
    """(party_id, customer_id) from the crosswalk, one row per party."""
    return crosswalk.select("party_id", "customer_id")


def account_links(frames: Mapping[str, DataFrame], as_of: date, roles: Sequence[str]) -> DataFrame:
    """(account_id, customer_id) of everyone in one of `roles` by `as_of`, closed contracts included."""
    held = current_as_of(frames["holding"], as_of, "holding_id")
    begun = held.where(F.coalesce(F.col("opened_on") <= F.lit(as_of), F.lit(True)))
    mine = begun.where(F.col("role").isin(*roles)).select("party_id", "account_id")
    return mine.join(party_links(frames["crosswalk"]), on="party_id", how="inner").select(
        "account_id", "customer_id"
    ).distinct()  # fmt: skip


def _contract_links(frames: Mapping[str, DataFrame], entity: str, as_of: date) -> DataFrame:
    """(loan_id | card_id, customer_id): the party it names, or else the owners of its account."""
    key = f"{entity}_id"
    contracts = current_as_of(frames[entity], as_of, key).select(key, "party_id", "account_id")
    named = contracts.join(party_links(frames["crosswalk"]), on="party_id", how="inner")
    owners = account_links(frames, as_of, ("owner", "joint"))
    unnamed = contracts.where(F.col("party_id").isNull()).join(owners, on="account_id", how="inner")
    return named.select(key, "customer_id").unionByName(unnamed.select(key, "customer_id")).distinct()


def _aggregate(feature: FeatureSpec, source: FeatureSource, as_of: date) -> Column:
    """The feature's aggregate over a customer's rows, as a double."""
    value, on = _value(feature, source, as_of), F.col(source.on)
    counted = F.when(value.isNotNull(), on)
    aggregates = {
        "count": lambda: F.count(value),
        "days_since": lambda: F.datediff(F.lit(as_of), F.max(counted)),
        "distinct": lambda: F.size(F.collect_set(value)),  # no Expand of every row, as count_distinct would
        "latest": lambda: F.max(F.when(value.isNotNull(), F.struct(on, F.col("known_from"), value.alias("v"))))["v"],
        "max": lambda: F.max(value),
        "mean": lambda: F.avg(value),
        "min": lambda: F.min(value),
        "sum": lambda: F.sum(value),
    }  # fmt: skip
    return F.round(aggregates[feature.aggregate]().cast("double"), DIGITS)


def _value(feature: FeatureSpec, source: FeatureSource, as_of: date) -> Column:
    """What is aggregated: `of` on rows inside the window that pass `where`, else null."""
    latest = as_of - timedelta(days=source.lag_days)
    inside = F.expr(feature.where) if feature.where else F.lit(True)
    if feature.window_days:
        inside = inside & (F.col(source.on) > F.lit(latest - timedelta(days=feature.window_days)))
    return F.when(inside, F.expr(feature.of) if feature.of else F.lit(1))


def _filled(config: FeaturesConf) -> list[Column]:
    return [_double(F.col(n), f.fill).alias(n) for n, f in config.features.items()]


def _double(value: Column, fill: float | None) -> Column:
    """A rounded double with nulls filled where the definition says what absence means."""
    rounded = F.round(value.cast("double"), DIGITS)
    return rounded if fill is None else F.coalesce(rounded, F.lit(fill))

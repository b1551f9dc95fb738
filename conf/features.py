"""Point-in-time features as a bank configures them: sources, windowed aggregates, and ratios of these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.sql import Problem, columns_in, raise_first, unread

Entity = Literal["account", "card", "customer", "loan", "party"]
Aggregate = Literal[
    "count", "days_since", "distinct", "latest", "max", "mean", "min", "slope", "stddev", "sum"
]
"""slope: how much `of` rises in 30 days, by least squares over the rows' dates. stddev: of a sample."""
AS_OF: Final = "as_of"  # every feature expression may read the snapshot date


class FeatureSource(Frozen):
    """A frame that features are drawn from: whose rows they are, and the date on which each happened.

    `events` are rows that happened on a day; `versions` are states of which the last one by `key` counts.
    `lag_days` looks at the source as it stood that many days before the snapshot date. `through`: the rows count not for
    their own customer but for who is related to them by one of these kinds, in either direction.
    """

    table: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    entity: Entity
    shape: Literal["events", "versions"] = "events"
    on: str = "valid_from"
    key: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("owner", "joint", "user")
    lag_days: int = Field(default=0, ge=0)
    through: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _versions_have_a_key(self) -> FeatureSource:
        if (self.shape == "versions") != bool(self.key):
            raise ValueError("`key` belongs to shape: versions, and versions need it")
        return self


class FeatureSpec(Frozen):
    """One aggregate per customer over a source's rows of the last `window_days` (all known ones if null)."""

    source: str
    aggregate: Aggregate
    of: str | None = None
    where: str | None = None
    window_days: int | None = Field(default=None, gt=0)
    fill: float | None = None
    level: int = Field(default=3, ge=1, le=5)
    meaning: str = Field(min_length=1)
    sensitive: bool = False
    """It tells of sex, age, family or the like: it trains no model but where `fairness.used` gives the reason."""

    @model_validator(mode="after")
    def _has_what_it_aggregates(self) -> FeatureSpec:
        if self.of is None and self.aggregate not in ("count", "days_since"):
            raise ValueError(f"aggregate {self.aggregate} needs `of`, the expression to aggregate")
        return self


class DerivedSpec(Frozen):
    """A feature computed from other features of the same customer and date."""

    sql: str
    fill: float | None = None
    level: int = Field(default=3, ge=1, le=5)
    meaning: str = Field(min_length=1)
    sensitive: bool = False
    """As a feature's; what is computed from a sensitive feature is sensitive itself, or its `sensitive: true` is missing."""


class FeaturesConf(Frozen):
    """The section `features`: everything a model or the profile may know about a customer at a date."""

    sources: dict[str, FeatureSource]
    features: dict[str, FeatureSpec]
    derived: dict[str, DerivedSpec] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _hangs_together(self) -> FeaturesConf:
        for name, feature in self.features.items():
            if feature.source not in self.sources:
                known = ", ".join(sorted(self.sources))
                raise ValueError(f"feature {name}: no source {feature.source!r}; known are {known}")
            if feature.window_days and self.sources[feature.source].shape == "versions":
                raise ValueError(f"feature {name}: a state has no window; drop window_days")
        for name, derived in self.derived.items():
            raise_first(unread(("derived", name), derived.sql, set(self.features)))
            # Spark's names have no case: AGE is age.
            read = {column.lower() for column in columns_in(derived.sql)}
            told = [f for f, feature in self.features.items() if feature.sensitive and f.lower() in read]
            if told and not derived.sensitive:
                raise ValueError(
                    f"derived.{name}: reads {min(told)}, which is sensitive: say `sensitive: true`"
                )
        if twice := set(self.features) & set(self.derived):
            raise ValueError(f"named twice: {', '.join(sorted(twice))}")
        return self

    @property
    def names(self) -> list[str]:
        """Every feature's name, aggregates first, in the order of the files."""
        return [*self.features, *self.derived]

    @property
    def sensitive(self) -> frozenset[str]:
        """Names of the features that train no model without a reason."""
        drawn = {n for n, f in self.features.items() if f.sensitive}
        return frozenset(drawn | {n for n, f in self.derived.items() if f.sensitive})

    @property
    def definition(self) -> str:
        """A hash of every definition and of their order: two feature rows are comparable only under the same one."""
        beside = {"__all__": {"sensitive"}}
        values = self.model_dump(mode="json", exclude={"features": beside, "derived": beside})
        text = json.dumps([self.names, values], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def check(self, columns: Mapping[str, Collection[str]]) -> None:
        """Raises ValueError where an expression reads a column its table lacks; `columns` is by table."""
        raise_first(self.problems(columns))

    def problems(self, columns: Mapping[str, Collection[str]]) -> Iterator[Problem]:
        """Every expression that reads a column its table lacks, and every table that isn't there."""
        for name, source in self.sources.items():
            if source.table not in columns:
                yield ("sources", name, "table"), f"no table {source.table} to draw features from"
            elif missing := {source.on, *source.key} - set(columns[source.table]):
                yield ("sources", name), f"{source.table} has no column {', '.join(sorted(missing))}"
        for name, feature in self.features.items():
            known = {*columns.get(self.sources[feature.source].table, ()), AS_OF}
            for part, sql in (("of", feature.of), ("where", feature.where)):
                if sql is not None:
                    yield from unread(("features", name, part), sql, known)

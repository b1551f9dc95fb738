"""Matching: which fields tell people and organisations apart, how strongly, and what must never be joined."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.sql import SqlProblem, check_expression

Engine = Literal["duckdb", "spark"]
Kind = Literal["person", "organisation"]

# What a prepared record offers to comparisons, blocking keys and slots (models/matching/records.py).
RECORD_COLUMNS: Final = (
    "record_id", "source", "name", "sound", "family", "birth_date", "sex", "ids", "checked_ids", "number", "phones",
    "emails", "region", "city", "street", "postcode",
)  # fmt: skip

NAMES: Final = ("name", "sound", "family")
"""Those of which identity.term_frequency counts how common each value is."""


class Level(Frozen):
    """One way two values of a field can stand to each other. Levels are tried in order; `m` is the share of
    matching pairs that fall here, `u` the share of the others. Exactly one of the conditions is given.
    """

    label: str
    exact: str | None = None
    overlap: str | None = None
    similar: tuple[str, float] | None = None
    edits: tuple[str, int] | None = None
    sql: str | None = None
    otherwise: bool = False
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)
    rare: str | None = None
    """Column (of NAMES) whose term frequency sharpens u: sharing a rare value says more than sharing a common one."""
    least_u: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _one_condition(self) -> Level:
        given = [self.exact, self.overlap, self.similar, self.edits, self.sql, self.otherwise or None]
        if sum(g is not None for g in given) != 1:
            raise ValueError("give exactly one of exact, overlap, similar, edits, sql, otherwise")
        if (named := self.column) is not None and named not in RECORD_COLUMNS:
            raise ValueError(f"unknown record column {named!r}; known are {', '.join(RECORD_COLUMNS)}")
        if self.rare is not None and self.rare not in NAMES:
            raise ValueError(f"rare: {self.rare!r} isn't counted; known are {', '.join(NAMES)}")
        return self

    @property
    def column(self) -> str | None:
        """The record column that the condition compares, where it names one."""
        pair = self.similar or self.edits
        return self.exact or self.overlap or (pair[0] if pair else None)


class Comparison(Frozen):
    """A field compared: a pair with a missing value on either side says nothing."""

    missing: str
    """Record column that must be there on both sides."""
    levels: tuple[Level, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _closed(self) -> Comparison:
        if not self.levels[-1].otherwise or any(level.otherwise for level in self.levels[:-1]):
            raise ValueError("the last level, and only it, is `otherwise: true`")
        return self


class EntityMatching(Frozen):
    """How records of one kind are compared, blocked and clustered."""

    prior: float = Field(gt=0, lt=1)
    """Probability that two records drawn at random are one customer."""
    prior_at: int | None = Field(default=None, ge=2)
    """Records of the kind up to which `prior` holds: the more there are, the less likely two of them are one, so for twice
    as many it is half of it. Without it `prior` stands whatever the book's size."""
    threshold: float = Field(default=0.95, gt=0, lt=1)
    """Pairs at or above it may join clusters."""
    grey: float = Field(default=0.5, gt=0, lt=1)
    """Pairs from here up to the threshold are kept for review, never joined on their own."""
    comparisons: dict[str, Comparison]
    blocking: dict[str, str]
    """Name → Spark SQL over a record that gives a string, or an array of strings: records sharing one are compared."""
    block_limit: int = Field(default=60, ge=2)
    """A key shared by more records than this is too common to compare by, and is counted as skipped."""
    certain: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Exact rules: name → the least level (0 = otherwise) that each named comparison must reach."""
    slots: dict[str, str] = Field(default_factory=dict)
    """Name → Spark SQL over a record that gives one value: a cluster never holds two different values of a slot."""
    soft_slots: dict[str, str] = Field(default_factory=dict)
    """As slots, but two values may stand together where a certain rule joins them, or a pair at `soft_threshold`."""
    soft_threshold: float = Field(default=0.9999, gt=0, lt=1)

    @model_validator(mode="after")
    def _known_names(self) -> EntityMatching:
        for rule, levels in self.certain.items():
            if unknown := sorted(set(levels) - set(self.comparisons)):
                raise ValueError(f"certain rule {rule!r} names unknown comparisons {unknown}")
        for name, sql in (self.blocking | self.slots | self.soft_slots).items():
            try:
                check_expression(sql, RECORD_COLUMNS)
            except SqlProblem as problem:
                raise ValueError(f"{name}: {problem}") from None
        if self.grey > self.threshold:
            raise ValueError("grey lies below threshold")
        return self


class SourceMatching(Frozen):
    """What is known of one source before looking."""

    unique: bool = False
    """Its records are distinct customers already: two of them are never joined."""


class ReviewConf(Frozen):
    """What stewards are asked (identity.review)."""

    most: int = Field(default=1000, ge=1)
    """Rows that the queue holds at most, those with most at stake."""
    weak: float = Field(default=0.99, gt=0, lt=1)
    """A link under this probability that alone holds two parts of a customer together is asked about."""
    oversize: int = Field(default=12, ge=3)
    """A customer of this many records or more is asked about."""


class MatchingConf(Frozen):
    """Section `matching`."""

    engine: Engine = "duckdb"
    phone_country: str = "86"
    """Country calling code of numbers written without one."""
    sources: dict[str, SourceMatching] = Field(default_factory=dict)
    person: EntityMatching
    organisation: EntityMatching
    review: ReviewConf = ReviewConf()

    def of(self, kind: Kind) -> EntityMatching:
        """The rules for one kind of party."""
        return self.person if kind == "person" else self.organisation

    @property
    def widest_block(self) -> int:
        """The largest number of records that a key brings together."""
        return max(self.person.block_limit, self.organisation.block_limit)

    @property
    def unique_sources(self) -> tuple[str, ...]:
        """Sources whose records are never joined with each other, by name."""
        return tuple(sorted(name for name, source in self.sources.items() if source.unique))

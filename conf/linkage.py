"""The stand-alone matcher's configuration: what each column of a file means. Nothing else must be said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import Field, field_validator, model_validator

from conf.contracts import Frozen
from conf.located import load
from conf.watch import WatchConf

Meaning = Literal[
    "given name", "middle name", "family name", "full name", "organisation name",
    "date of birth", "birthplace", "sex", "national id", "passport", "tax id", "registration id", "phone", "e-mail",
    "street", "house number", "unit", "town", "region", "postcode", "country", "full address",
    "employer", "category", "text", "number", "record date", "source", "key", "truth", "known entity", "ignore",
    "encoded name", "encoded text", "encoded number", "encoded date", "encoded code", "encoded category",
]  # fmt: skip
MEANINGS: Final[tuple[str, ...]] = get_args(Meaning)

_ALIASES: Final = {
    "first name": "given name", "forename": "given name", "christian name": "given name",
    "last name": "family name", "surname": "family name", "middle initial": "middle name",
    "name": "full name", "company name": "organisation name", "organization name": "organisation name",
    "company": "organisation name", "organisation": "organisation name", "organization": "organisation name",
    "free organisation name": "organisation name",
    "birth date": "date of birth", "birthdate": "date of birth", "dob": "date of birth", "place of birth": "birthplace", "birth place": "birthplace",
    "gender": "sex",
    "id": "national id", "resident id": "national id", "identity number": "national id", "ssn": "national id",
    "social security number": "national id", "permit": "passport", "passport number": "passport",
    "tax number": "tax id", "registration number": "registration id", "credit code": "registration id",
    "telephone": "phone", "mobile": "phone", "phone number": "phone", "email": "e-mail", "e mail": "e-mail",
    "address": "full address", "address line": "street", "street name": "street", "street number": "house number",
    "city": "town", "suburb": "town", "village": "town", "state": "region", "province": "region",
    "county": "region", "district": "region", "zip": "postcode", "zip code": "postcode", "zipcode": "postcode",
    "postal code": "postcode", "apartment": "unit", "flat": "unit", "nationality": "country",
    "date": "record date", "record id": "key", "unique id": "key", "cluster": "truth", "label": "truth",
    "known cluster": "known entity", "skip": "ignore", "none": "ignore", "other": "text",
}  # fmt: skip


def meaning_of(word: str) -> str:
    """A meaning however it is written: `Given_Name` and `first name` are `given name`. Unknown words come back as given."""
    plain = " ".join(word.lower().replace("_", " ").replace("-", " ").split())
    plain = _ALIASES.get(plain, plain)
    return {m.replace("-", " "): m for m in MEANINGS}.get(plain.replace("-", " "), plain)


class LevelConf(Frozen):
    """A level of an overridden comparison: SQL over `<column>_l` and `<column>_r`, or the rest."""

    label: str
    sql: str | None = None
    """None: everything that no level above took."""


class ColumnConf(Frozen):
    """One column: its meaning, and what is to be done otherwise than follows from it."""

    meaning: Meaning
    levels: tuple[LevelConf, ...] = ()
    """Replaces the comparison's levels, best first."""
    term_frequencies: bool | None = None
    """Whether agreeing on a rare value counts for more. Follows from the meaning unless given."""
    sound: bool | None = None
    """Whether names are compared by sound (pinyin) as well. Follows from the file unless given: where they are Chinese."""
    block: bool = True
    """Whether candidates may be found by this column."""
    encode: Literal["bits", "code"] | None = None
    """How `onebook match-encode` hides it: alike values get alike bits, or one code each. Follows from the meaning."""

    @field_validator("meaning", mode="before")
    @classmethod
    def _by_any_name(cls, value: object) -> object:
        return meaning_of(value) if isinstance(value, str) else value


class CandidatesConf(Frozen):
    """How pairs to compare are found."""

    all_pairs_up_to: int = Field(default=150_000, ge=0)
    """Files with no more pairs than this are compared whole."""
    neighbours: int = Field(default=20, ge=1, le=200)
    """The most alike records that each record is compared with."""
    block_limit: int = Field(default=40, ge=2)
    """Records that share a key are all compared up to this many; beyond, each with its neighbours in order."""


class TrainingConf(Frozen):
    """How the model learns, without labels."""

    rounds: int = Field(default=3, ge=0, le=20)
    """At most so many times the boosted re-ranker learns from the clusters found so far; 0: Fellegi-Sunter alone."""
    seed: int = 20260101


class SourceConf(Frozen):
    """What is known of one source before looking."""

    unique: bool | None = None
    """Whether no two of its records are one entity. Follows from the file unless given."""


class LinkageConf(Frozen):
    """A match.yaml."""

    columns: dict[str, ColumnConf] = Field(min_length=1)
    key: str | None = None
    source: str | None = None
    truth: str | None = None
    threshold: float = Field(default=0.5, gt=0, lt=1)
    """Least average probability between two clusters that join."""
    grey: float = Field(default=0.1, gt=0, lt=1)
    """Pairs below it aren't written, unless their records share a cluster."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What weighs the pairs; both give the same. The parameters are estimated on DuckDB either way."""
    labels: Path | None = None
    """A file of pairs (record_id_l, record_id_r, same) or of records (record_id, entity) that are known already."""
    candidates: CandidatesConf = CandidatesConf()
    training: TrainingConf = TrainingConf()
    sources: dict[str, SourceConf] = Field(default_factory=dict)
    watch: WatchConf = WatchConf()
    """Limits that end the command with a message and exit code 3; everything is written all the same."""

    @field_validator("columns", mode="before")
    @classmethod
    def _meaning_alone(cls, columns: object) -> object:
        if not isinstance(columns, dict):
            return columns
        return {name: {"meaning": c} if isinstance(c, str) else c for name, c in columns.items()}

    @model_validator(mode="after")
    def _something_to_compare(self) -> LinkageConf:
        if not self.compared:
            raise ValueError("no column says anything about who a record is; give at least one a meaning")
        if self.engine == "spark" and any(c.meaning.startswith("encoded") for c in self.compared.values()):
            raise ValueError("encoded lists are weighed on DuckDB alone; remove engine: spark")
        return self

    def named(self, meaning: str) -> str | None:
        """The first column of that meaning."""
        return next((name for name, c in self.columns.items() if c.meaning == meaning), None)

    @property
    def key_column(self) -> str | None:
        """The column that names a record."""
        return self.key or self.named("key")

    @property
    def source_column(self) -> str | None:
        """The column that names a record's source."""
        return self.source or self.named("source")

    @property
    def truth_column(self) -> str | None:
        """The column that tells which records are one, for evaluation alone."""
        return self.truth or self.named("truth")

    @property
    def known_column(self) -> str | None:
        """The column that names the entity of those records of which it is known, to learn from."""
        return self.named("known entity")

    @property
    def compared(self) -> dict[str, ColumnConf]:
        """The columns that tell entities apart."""
        aside = {"key", "source", "truth", "known entity", "ignore", "record date"}
        special = {self.key, self.source, self.truth}
        return {n: c for n, c in self.columns.items() if c.meaning not in aside and n not in special}

    def comparing(self, columns: Mapping[str, ColumnConf]) -> LinkageConf:
        """The same, but for what is compared."""
        aside = {name: c for name, c in self.columns.items() if name not in self.compared}
        return self.model_copy(update={"columns": {**aside, **columns}})


def load_linkage(file: Path, **given: Any) -> LinkageConf:
    """A match.yaml, with what the command line gave laid over. Raises ConfError with file, line and key."""
    located = load(file)
    located.data.update({name: value for name, value in given.items() if value is not None})
    return located.read(LinkageConf)

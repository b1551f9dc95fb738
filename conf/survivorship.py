"""Survivorship: for each golden attribute, which source record's value wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PositiveInt, model_validator

from conf.contracts import Frozen
from conf.sql import Path_, Problem, raise_first, unread
from conf.wording import near

# A rule ranks candidate values; ties go on to the next rule, at last to the lowest party id.
Rule = Literal["preferred", "verified", "vote", "trust", "recency", "majority", "completeness", "earliest"]
Share = Annotated[float, Field(gt=0, lt=1)]
VALUE_COLUMNS: Final = ("value", "source", "valid_from")
RECORD_COLUMNS: Final = (*VALUE_COLUMNS, "verified", "kind")
CASE_COLUMNS: Final = ("kind", "stated_by")
LEAST_RELIABLE: Final = 0.5
"""What a source is taken for that no reliability is given for, where others have one (or less, if they have less)."""


class Choice(Frozen):
    """How one value is chosen among those that records state."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)] = ("majority", "trust", "recency")
    valid: str | None = None
    """Spark SQL over value (a string), source and valid_from; a value that fails it never wins."""
    preferred: str | None = None
    """Spark SQL over value, source, valid_from, verified and kind: the rule `preferred` puts records for which it holds
    above the others."""
    half_life_days: PositiveInt | None = None
    """The rule `vote`: a statement older than the attribute's newest by so many days has half its weight."""
    trust: dict[str, int] = Field(default_factory=dict)
    """Source → trust for this attribute, over the general one."""
    reliability: dict[str, Share] = Field(default_factory=dict)
    """Source → share of its statements that are right, which the rule `vote` weighs them by; empty: all weigh alike."""

    @model_validator(mode="after")
    def _sound(self) -> Choice:
        raise_first(self._problems())
        return self

    def _problems(self) -> Iterator[Problem]:
        if self.valid is not None:
            yield from unread(("valid",), self.valid, VALUE_COLUMNS)
        if self.preferred is not None:
            yield from unread(("preferred",), self.preferred, RECORD_COLUMNS)


class Case(Choice):
    """What another choice holds for; what it doesn't name is as the attribute has it."""

    when: str
    """Spark SQL over kind (person or organisation) and stated_by (the sources that state the attribute, an array)."""

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from unread(("when",), self.when, CASE_COLUMNS)


def _strangers(place: Path_, rule: AttributeRule, sources: Collection[str]) -> Iterator[Problem]:
    for below, choice in rule.told():
        for key in ("trust", "reliability"):
            yield from _strange((*place, *below), key, getattr(choice, key), sources)


def _strange(place: Path_, key: str, named: Iterable[str], sources: Collection[str]) -> Iterator[Problem]:
    for source in named:
        if source not in sources:
            yield (*place, key, source), f"is no source of this bank; {near(source, sources)}"


def _untold(place: Path_, choice: Choice) -> Iterator[Problem]:
    if "preferred" in choice.rules and choice.preferred is None:
        yield (*place, "rules"), "name `preferred`, but `preferred` gives no condition"


class AttributeRule(Choice):
    """How one attribute is chosen."""

    cases: tuple[Case, ...] = ()
    """The first whose `when` holds decides in the attribute's place."""

    @model_validator(mode="after")
    def _told(self) -> AttributeRule:
        raise_first(problem for place, choice in self._each() for problem in _untold(place, choice))
        return self

    def over(self, default: AttributeRule) -> AttributeRule:
        """What isn't named here is as `default` has it."""
        told = {name: getattr(self, name) for name in self.model_fields_set}
        return AttributeRule(**{**{n: getattr(default, n) for n in AttributeRule.model_fields}, **told})

    def choices(self) -> Iterator[tuple[str | None, Choice]]:
        """(when, choice) in the order in which they are asked; the last holds always."""
        for case in self.cases:
            yield case.when, self._laid_over(case)
        yield None, self

    def told(self) -> Iterator[tuple[Path_, Choice]]:
        """(path, choice) as they are written."""
        yield (), self
        yield from ((("cases", number), case) for number, case in enumerate(self.cases))

    def _laid_over(self, case: Case) -> Choice:
        own = {name: getattr(self, name) for name in Choice.model_fields}
        told: dict[str, Any] = {name: getattr(case, name) for name in case.model_fields_set - {"when"}}
        return Choice(**{**own, **told})

    def _each(self) -> Iterator[tuple[Path_, Choice]]:
        yield (), self
        yield from ((("cases", number), self._laid_over(case)) for number, case in enumerate(self.cases))


class SurvivorshipConf(Frozen):
    """Section `survivorship`. What an attribute doesn't name is as `default` has it."""

    trust: dict[str, int] = Field(default_factory=dict)
    """Source → trust, higher wins; a source not named has 0."""
    default: AttributeRule = AttributeRule()
    attributes: dict[str, AttributeRule] = Field(default_factory=dict)

    def of(self, attribute: str) -> AttributeRule:
        """The rule of one attribute: its own, laid over the default."""
        own = self.attributes.get(attribute)
        return self.default if own is None else own.over(self.default)

    def problems(self, attributes: Collection[str], sources: Collection[str]) -> Iterator[Problem]:
        """What names an attribute or a source that there isn't: it would choose nothing."""
        yield from _strange((), "trust", self.trust, sources)
        yield from _strangers(("default",), self.default, sources)
        for name, rule in self.attributes.items():
            if name not in attributes:
                yield ("attributes", name), f"is no golden attribute; {near(name, attributes)}"
            yield from _strangers(("attributes", name), rule, sources)

    def trust_of(self, choice: Choice) -> dict[str, int]:
        """Source → trust under one choice."""
        return {**self.trust, **choice.trust}

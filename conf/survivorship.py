"""Survivorship: for each golden attribute, which source record's value wins."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.sql import SqlProblem, check_expression

# A rule ranks candidate values; ties go on to the next rule, at last to the lowest party id.
Rule = Literal["verified", "trust", "recency", "majority", "completeness", "earliest"]
VALUE_COLUMNS: Final = ("value", "source", "valid_from")


class AttributeRule(Frozen):
    """How one attribute is chosen."""

    rules: tuple[Rule, ...] = ("majority", "trust", "recency")
    valid: str | None = None
    """Spark SQL over value (a string), source and valid_from; a value that fails it never wins."""
    trust: dict[str, int] = Field(default_factory=dict)
    """Source → trust for this attribute, over the general one."""

    @model_validator(mode="after")
    def _sql_parses(self) -> AttributeRule:
        if self.valid is not None:
            try:
                check_expression(self.valid, VALUE_COLUMNS)
            except SqlProblem as problem:
                raise ValueError(str(problem)) from None
        return self


class SurvivorshipConf(Frozen):
    """Section `survivorship`. Attributes not named here follow `default`."""

    trust: dict[str, int] = Field(default_factory=dict)
    """Source → trust, higher wins; a source not named has 0."""
    default: AttributeRule = AttributeRule()
    attributes: dict[str, AttributeRule] = Field(default_factory=dict)

    def of(self, attribute: str) -> AttributeRule:
        """The rule of one attribute."""
        return self.attributes.get(attribute, self.default)

    def trust_of(self, attribute: str) -> dict[str, int]:
        """Source → trust for one attribute."""
        return {**self.trust, **self.of(attribute).trust}

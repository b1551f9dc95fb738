"""Segments as marketing writes them: a predicate over profile and scores, its validity, and who may be addressed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.sql import Problem, raise_first, unread


class AudienceSpec(Frozen):
    """What a segment's members are to be contacted for: consent must cover purpose and channel.

    `product_id` names the offer; `product_family` leaves the choice to the customer's best offer of that
    family. Neither: the message offers no product.
    """

    purpose: Literal["marketing", "profiling", "third_party"]
    channel: Literal["sms", "call", "email", "app"]
    goal: str | None = None
    """Goal of the uplift model whose effect the list shows, so that it can be ranked by it."""
    product_id: str | None = None
    product_family: Literal["deposit", "loan", "card", "fund", "insurance", "wealth"] | None = None

    @model_validator(mode="after")
    def _one_offer(self) -> AudienceSpec:
        if self.product_id and self.product_family:
            raise ValueError("give product_id or product_family, not both")
        return self


class SegmentSpec(Frozen):
    """One segment. Members are the customers for whom `where` is true, from valid_from to valid_to inclusive."""

    description: str = Field(min_length=1)
    where: str
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None
    audience: AudienceSpec | None = None

    @model_validator(mode="after")
    def _span(self) -> SegmentSpec:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self

    def valid_on(self, day: date) -> bool:
        """Whether the segment exists on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def definition(self) -> str:
        """A hash of the whole definition, which the manifest of every list carries."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class SegmentsConf(Frozen):
    """The section `segments`: name → definition. A name is also a folder's name under publish/audiences."""

    segments: dict[str, SegmentSpec] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names(self) -> SegmentsConf:
        for name in self.segments:
            if not (name.isascii() and name.islower() and name.replace("_", "").isalnum()):
                raise ValueError(f"segment {name!r}: names are lower-case letters, digits and underscores")
        return self

    def on(self, day: date) -> dict[str, SegmentSpec]:
        """The segments valid on `day`, by name."""
        return {name: spec for name, spec in sorted(self.segments.items()) if spec.valid_on(day)}

    def audiences(self, day: date) -> dict[str, AudienceSpec]:
        """The audiences valid on `day`, by segment."""
        return {name: s.audience for name, s in self.on(day).items() if s.audience is not None}

    def check(self, columns: Collection[str]) -> None:
        """Raises ValueError where a predicate doesn't parse or reads none of the profile's or scores' columns."""
        raise_first(self.problems(columns))

    def problems(self, columns: Collection[str]) -> Iterator[Problem]:
        """Every predicate that doesn't parse or reads none of the profile's or scores' columns."""
        for name, spec in self.segments.items():
            yield from unread(("segments", name, "where"), spec.where, columns)

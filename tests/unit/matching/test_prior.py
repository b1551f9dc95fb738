"""The more records a book has, the less likely two of them are one."""

from __future__ import annotations

import pytest

from conf.bank import open_bank
from conf.matching import EntityMatching, MatchingConf
from models.matching.frequencies import at_size

AT = 1_000


@pytest.fixture
def rules() -> EntityMatching:
    given = open_bank("demo").section("matching", MatchingConf).person
    return given.model_copy(update={"prior": 0.01, "prior_at": AT})


@pytest.mark.parametrize(
    ("records", "expected"), [(1, 0.01), (AT, 0.01), (2 * AT, 0.005), (100 * AT, 0.0001), (None, 0.01)]
)
def test_the_prior_halves_as_the_book_doubles_beyond_its_size(
    rules: EntityMatching, records: int | None, expected: float
) -> None:
    sized = at_size(rules, None if records is None else 1 / records)
    assert sized.prior == pytest.approx(expected)
    assert sized.model_copy(update={"prior": rules.prior}) == rules


def test_without_a_size_it_stands(rules: EntityMatching) -> None:
    fixed = rules.model_copy(update={"prior_at": None})
    assert at_size(fixed, 1 / 10**9) == fixed

"""What a household shares: pairs' bits in, pairs' bits out."""

from __future__ import annotations

import pyarrow as pa
import pytest

from conf.linkage import ColumnConf, Meaning
from models.linkage.shared import discounted

PEOPLE = {
    "born": ColumnConf(meaning="date of birth"),
    "street": ColumnConf(meaning="street"),
    "phone": ColumnConf(meaning="phone"),
}
PRIOR = 2.0**-10


def scored(*rows: tuple[float, float, float]) -> pa.Table:
    """Bits of birth, street and phone; the weight is their sum with the prior."""
    columns = dict(zip(("bits_0", "bits_1", "bits_2"), map(list, zip(*rows, strict=True)), strict=True))
    return pa.table({"weight": [sum(row) - 10 for row in rows], **columns})


def test_an_address_and_a_phone_alone_make_nobody_one() -> None:
    household, person, strangers = (-6.0, 12.0, 14.0), (7.0, 12.0, 14.0), (-6.0, -2.0, -3.0)
    told, _ = discounted(scored(*[household] * 500, *[person] * 500, strangers), PEOPLE, PRIOR, 2.0**20)
    weight = told["weight"].to_pylist()
    assert weight[0] < 0 < weight[500]
    assert weight[1000] == pytest.approx(-21, abs=0.01)


def test_the_weight_stays_the_sum_of_its_columns() -> None:
    told, _ = discounted(scored((-6.0, 12.0, 14.0), (-6.0, 12.0, -3.0)), PEOPLE, PRIOR, 2.0**20)
    parts = [sum(row) for row in zip(*(told[f"bits_{i}"].to_pylist() for i in range(3)), strict=True)]
    assert [part - 10 for part in parts] == pytest.approx(told["weight"].to_pylist())


@pytest.mark.parametrize("meaning", ["given name", "full name"])
def test_given_names_alone_tell_members_of_a_household_apart(meaning: Meaning) -> None:
    people = {**PEOPLE, "born": ColumnConf(meaning=meaning)}
    told, _ = discounted(
        scored(*[(-6.0, 12.0, 14.0)] * 500, *[(7.0, 12.0, 14.0)] * 500), people, PRIOR, 2.0**20
    )
    weight = told["weight"].to_pylist()
    assert weight[0] < 0 < weight[500]


@pytest.mark.parametrize("meaning", ["e-mail", "sex"])
def test_where_nothing_tells_members_apart_nothing_is_discounted(meaning: Meaning) -> None:
    people = {**PEOPLE, "born": ColumnConf(meaning=meaning)}
    table = scored((-6.0, 12.0, 14.0), (7.0, 12.0, 14.0))
    found, groups = discounted(table, people, PRIOR, 2.0**20)
    assert found.equals(table)
    assert not groups

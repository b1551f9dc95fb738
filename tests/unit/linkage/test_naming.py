"""Full names taken apart by the column itself: names in, given, middle and family names out."""

from __future__ import annotations

import pandas as pd
import pytest

from conf.linkage import LinkageConf
from models.linkage.naming import taken_apart
from models.linkage.normalising import normalised
from models.linkage.uniting import united

GIVEN = ("ann", "mary", "william", "james", "robert", "alice", "henry", "sarah")
FAMILY = ("tuckwell", "hosking", "ballard", "quiller", "fenner", "mossop", "dart", "weir", "ludlow", "keast")
PLAIN = [f"{given} {family}" for given in GIVEN for family in FAMILY]


def parts(*names: str, among: list[str] = PLAIN) -> list[tuple[str | None, ...]]:
    found = taken_apart(pd.Series([*among, *names], dtype=object))
    assert found is not None
    return [tuple(row) for row in found.tail(len(names)).itertuples(index=False)]


def test_a_word_is_what_it_is_in_other_names_whatever_stands_first() -> None:
    assert parts("quiller ann", "ann quiller") == [("ann", None, "quiller")] * 2


def test_initials_tell_which_name_stands_first() -> None:
    assert parts("zorro j", "j zorro", "zorro b c") == [
        ("j", None, "zorro"), ("j", None, "zorro"), ("b", "c", "zorro"),
    ]  # fmt: skip
    assert parts("bo j zorro lopez", "ann mary dart") == [("bo", "j", "zorro lopez"), ("ann", "mary", "dart")]


def test_family_names_first_throughout_are_told_by_given_names_that_everybody_knows() -> None:
    turned = [" ".join(reversed(name.split())) for name in PLAIN]
    assert parts("dart alice", among=turned) == [("alice", None, "dart")]


def test_one_word_is_a_family_name_unless_it_is_a_given_one_elsewhere() -> None:
    assert parts("cher", "alice") == [(None, None, "cher"), ("alice", None, None)]


@pytest.mark.parametrize(
    "others", [["dart holdings llc"] * 5, ["tuckwell family trust"] * 5, ["李慧珊"], ["cher"] * 20]
)
def test_what_isnt_only_people_in_latin_letters_stays_whole(others: list[str]) -> None:
    assert taken_apart(pd.Series([*PLAIN, *others])) is None


def test_a_lone_column_of_names_is_compared_in_parts_but_not_beside_a_text() -> None:
    rows = pd.DataFrame({"who": [*PLAIN, "Lee, Ann M."], "town": "york"})
    for meanings, expected in (
        ({"who": "full name", "town": "town"}, ["who: given", "who: family", "town"]),
        ({"who": "full name", "town": "text"}, ["who", "town"]),
    ):
        conf = LinkageConf.model_validate({"columns": meanings})
        values, told = united(normalised(rows, conf.compared), conf)
        assert list(values) == list(told.compared) == expected

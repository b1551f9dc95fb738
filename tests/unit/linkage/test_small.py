"""Few records: what is usual of a column counts beside what is seen, and no value is rare."""

from __future__ import annotations

import pytest

from conf.linkage import LinkageConf
from models.linkage.small import FEW, seen, usual_u, without_rarity

NAMES = LinkageConf.model_validate(
    {"columns": {"a": "given name", "b": {"meaning": "family name", "term_frequencies": True}}}
)


def test_a_file_tells_the_more_by_itself_the_more_pairs_it_has() -> None:
    assert [round(seen(n), 3) for n in (2, 6, 64, FEW - 1, FEW)] == [0.0, 0.007, 0.502, 0.908, 1.0]


@pytest.mark.parametrize(("meaning", "levels"), [("date of birth", 7), ("number", 6), ("sex", 2), ("sex", 5), ("sex", 1), ("text", 7), ("number", 2)])  # fmt: skip
def test_what_is_usual_are_shares_of_all_strangers(meaning: str, levels: int) -> None:
    usual = usual_u(meaning, levels)
    assert len(usual) == levels
    assert usual.sum() == pytest.approx(1)
    assert (usual > 0).all()


def test_rarity_counts_where_it_is_asked_for_or_seen() -> None:
    small, large = without_rarity(NAMES, FEW - 1), without_rarity(NAMES, FEW)
    assert [c.term_frequencies for c in small.columns.values()] == [False, True]
    assert large is NAMES

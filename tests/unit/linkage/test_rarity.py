from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.linkage.grams import cosines, weighted
from models.linkage.normalising import figure
from models.linkage.rarity import rare_words


def test_a_rare_word_counts_more_often_than_a_common_one() -> None:
    values = pd.Series(["acme trading", *[f"firm{i} trading" for i in range(98)], None])
    words = rare_words(values)
    assert len(words[0]) == 2  # acme in one record of a hundred: twice; trading in all: not at all
    assert set(words[0]).isdisjoint(words[1])
    assert words[99] is None


def test_chinese_text_goes_by_pairs_of_characters() -> None:
    words = rare_words(pd.Series(["张三科技", "张三", "李四", *["王五"] * 20]))
    assert set(words[1]) <= set(words[0])
    assert set(words[2]).isdisjoint(words[0])


def test_texts_that_share_rare_pieces_are_alike() -> None:
    texts = ["acme trading", "trading acme", "zenith trading"]
    rows = weighted(texts, np.ones(3, np.int64))
    found = cosines(rows, np.array([0, 0]), np.array([1, 2]))
    assert found[0] > 0.6 > found[1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("3.50", "3.5"),
        ("$ 1,200", "1200"),
        ("3:45", "225"),
        ("225 sec", "225"),
        ("-4", "-4"),
        ("one of 7 boxes", "one of 7 boxes"),
    ],
)
def test_numbers_are_read_however_they_are_written(given: str, expected: str) -> None:
    assert figure(given) == expected

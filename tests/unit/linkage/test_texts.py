"""Free texts: words in, one spelling of them and what they weigh out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from conf.linkage import ColumnConf
from models.linkage.field import Field
from models.linkage.initials import initials
from models.linkage.spelling import one_spelling, slips
from models.linkage.texts import Texts
from models.linkage.told import KEPT, KINDS, Teller
from models.linkage.wording import Wording

GOODS = [
    "winston camera dsc120 silver",
    "winston dsc120 digital camera",
    "winston camera dsc130 silver",
    *[f"maker{i} camera model{i} silver" for i in range(60)],
]
TELLER = Teller(Wording(GOODS, np.ones(len(GOODS), np.int64)))


def test_a_slip_is_taken_for_the_commoner_word_but_a_code_never() -> None:
    assert slips({"wilson": 9, "wlison": 1, "wilton": 4, "a1234": 9, "a1235": 1}) == {"wlison": "wilson"}


def test_a_slip_of_several_words_is_taken_for_the_commonest_of_them() -> None:
    names = {"mason": 9, "maron": 30, "macon": 12, "malon": 20, "maton": 1}
    assert slips(names) == {"maton": "maron"}


def test_a_word_in_two_parts_is_whole_where_that_is_a_word() -> None:
    texts = [["kdl", "52", "tv"], ["kdl52", "tv"], ["new", "tv"]]
    records = {"kdl": 1, "52": 1, "tv": 3, "kdl52": 1, "new": 1}
    assert one_spelling(texts, records) == [["kdl52", "tv"], ["kdl52", "tv"], ["new", "tv"]]


def test_a_shared_code_weighs_more_than_all_that_a_family_shares() -> None:
    told = TELLER.told(np.array([0, 0]), np.array([1, 2]))
    same, variant = told.weight(np.full(len(KINDS), KEPT))
    assert same > variant + 3
    assert told.shared.sum(axis=1).tolist() == [5, 4]  # the parts of a code are words as well


def test_what_a_column_keeps_of_its_words_is_learnt_from_the_clusters() -> None:
    told = TELLER.told(np.array([0] * 50), np.array([1] * 50))
    kept = told.kept(np.ones(50, bool), np.zeros(50, bool))
    assert kept[2] == pytest.approx(0.95)  # codes: always
    assert 0.75 < kept[0] < 0.85  # words: but for silver and digital


def test_what_is_sure_without_the_text_tells_more_than_what_the_text_joined() -> None:
    told = TELLER.told(np.array([0] * 100), np.array([1, 2] * 50))
    joined, sure = np.ones(100, bool), np.array([True, False] * 50)
    assert told.kept(joined, sure)[2] > told.kept(joined, np.zeros(100, bool))[2] + 0.2


def test_a_word_that_others_hold_tells_two_texts_apart_and_a_slip_does_not() -> None:
    names = [
        "acme bank",
        "acme bank leasing",
        "acme bank laesin",
        *[f"x{i} motors leasing" for i in range(9)],
    ]
    teller = Teller(Wording(names, np.ones(len(names), np.int64)))
    told = teller.told(np.array([0, 0, 1, 0]), np.array([1, 2, 3, 3]))
    assert told.sides.tolist() == [1, 0, 2, -1]
    assert told.slips.sum(axis=1).tolist()[:2] == [0, 1]
    kept = np.full(len(KINDS), KEPT)
    assert told.family(kept)[0] > told.weight(kept)[0]


def test_initials_are_the_words_that_they_stand_for() -> None:
    assert initials(["hp"], ["hawes", "pharma", "trading"]) == ("hp", ["hawes", "pharma"])
    assert initials(["hp"], ["pharma", "hawes"]) == ("", ())
    names = ["hawes pharma trading", "hp trading", "xq trading", *[f"maker{i} trading" for i in range(9)]]
    teller = Teller(Wording(names, np.ones(len(names), np.int64)))
    told = teller.told(np.array([0, 0]), np.array([1, 2]))
    assert told.alone.sum(axis=1).tolist() == [0, 3]
    assert told.rarity[0] > told.rarity[1] + 3


def test_the_words_replace_the_bits_of_the_level() -> None:
    scored = pa.table({"weight": [-9.0, -9.0], "level_0": [0, -1], "bits_0": [-1.0, 0.0]})
    fields = {"title": Field(pd.Series([*GOODS, None]))}
    texts = Texts(fields, {"title": ColumnConf(meaning="text")})
    found = texts.weighed(scored, np.array([[0, 1], [0, len(GOODS)]]))
    bits = found["bits_0"].to_numpy()
    assert bits[0] > 5
    assert bits[1] == 0
    assert found["weight"].to_numpy().tolist() == [-8 + bits[0], -9]


def test_other_columns_are_left_alone() -> None:
    scored = pa.table({"weight": [1.0], "level_0": [1], "bits_0": [3.0]})
    texts = Texts({"town": Field(pd.Series(["x", "x"]))}, {"town": ColumnConf(meaning="town")})
    assert texts.weighed(scored, np.array([[0, 1]])).equals(scored)


def test_traditional_characters_share_the_words_of_simplified_ones() -> None:
    words = Wording(["长佳贸易", "長佳貿易", "天成贸易"], np.ones(3, np.int64))
    alike = words.cosine(np.array([0, 0]), np.array([1, 2]))
    assert alike[0] == pytest.approx(1)
    assert alike[1] < 0.9


def test_a_name_in_another_script_tells_nothing() -> None:
    field = Field(pd.Series(["长佳贸易", "chang jia trading", "天成贸易"], dtype=object))
    texts = Texts({"name": field}, {"name": ColumnConf(meaning="organisation name")})
    pairs = np.array([[0, 1], [0, 2]])
    bits = texts.weighed(pa.table({"weight": [0.0, 0.0], "bits_0": [-5.0, -5.0]}), pairs)["bits_0"].to_numpy()
    assert bits[0] == 0
    assert bits[1] != 0

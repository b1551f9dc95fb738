"""Categories in sources' own words: records and scored pairs in, one vocabulary out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.vocabulary import translated

COLUMNS = {"name": ColumnConf(meaning="given name"), "post": ColumnConf(meaning="category")}
LONG = ("goalkeeper", "winger", "forward")


def lists(
    theirs: dict[str, str], people: int = 60, bits: float = 12.0
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, pa.Table]:
    """Everybody in both lists, the second with words of its own; the first has one person more."""
    post = [LONG[i % 3] for i in range(people)]
    values = pd.DataFrame(
        {"name": "ann", "post": [*post, None, *(theirs.get(p, p) for p in post)]}, dtype=object
    )
    source = np.repeat([0, 1], [people + 1, people])
    pairs = np.column_stack([np.arange(people), np.arange(people) + people + 1])
    scored = pa.table(
        {
            "weight": np.full(people, bits - 4),
            "bits_0": np.full(people, bits),
            "bits_1": np.full(people, -4.0),
        }
    )
    return values, source, pairs, scored


def test_a_word_that_goes_with_one_of_the_other_list_is_taken_for_it() -> None:
    values, source, pairs, scored = lists({"goalkeeper": "gk", "winger": "lw"})
    found = translated(values, COLUMNS, source, pairs, scored)
    assert found["post"].tolist()[61:] == values["post"].tolist()[:60]
    assert found["post"].tolist()[:61] == values["post"].tolist()[:61]


def test_words_that_both_lists_use_mean_what_they_say() -> None:
    values, source, pairs, scored = lists({"goalkeeper": "winger", "winger": "goalkeeper"})
    assert translated(values, COLUMNS, source, pairs, scored) is values


def test_nothing_is_translated_by_few_or_unlikely_pairs() -> None:
    for given in (lists({"goalkeeper": "gk"}, people=12), lists({"goalkeeper": "gk"}, bits=-1.0)):
        assert translated(given[0], COLUMNS, *given[1:]) is given[0]

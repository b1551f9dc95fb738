from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.linkage.labels import LabelError, of_entities, of_table

NAMES = pd.Series(["a", "b", "c", "d"])
PAIRS = np.array([[0, 1], [0, 2], [1, 2], [2, 3]])


def test_records_of_known_entities_are_one_or_two_and_others_unknown() -> None:
    labels = of_entities(pd.Series(["x", "x", "y", None]))
    assert labels.told(PAIRS).tolist() == [1, 0, 0, -1]
    assert labels.matches().tolist() == [[0, 1]]


def test_pairs_in_either_order_are_told() -> None:
    table = pd.DataFrame({"record_id_l": ["c", "a"], "record_id_r": ["a", "b"], "same": ["1", "no"]})
    labels = of_table(table, NAMES)
    assert labels.told(PAIRS).tolist() == [0, 1, -1, -1]
    assert labels.matches().tolist() == [[0, 2]]


def test_records_with_their_entity_are_told() -> None:
    labels = of_table(pd.DataFrame({"record_id": ["d", "c"], "entity": [7, 7]}), NAMES)
    assert labels.told(PAIRS).tolist() == [-1, -1, -1, 1]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"record_id": ["nosuch"], "entity": ["x"]}, "aren't in the input"),
        ({"record_id_l": ["a"], "record_id_r": ["b"], "same": ["perhaps"]}, "neither yes nor no"),
        ({"left": ["a"]}, "neither the columns"),
    ],
)
def test_labels_that_say_nothing_are_refused(table: dict[str, list[str]], told: str) -> None:
    with pytest.raises(LabelError, match=told):
        of_table(pd.DataFrame(table), NAMES)

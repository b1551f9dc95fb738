from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from conf.errors import ConfError
from conf.linkage import load_linkage
from models.linkage.profiling import profile, proposed_yaml


def test_meanings_follow_from_names_and_values(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "cust_no": [f"C{i}" for i in range(30)],
            "First Name": ["ann", "bob", "cid"] * 10,
            "surname": ["ash", "birk", "cole"] * 10,
            "contact": [f"p{i}@example.org" for i in range(30)],
            "geboren": ["1980-01-02", "1990-03-04", None] * 10,
            "姓名": ["张伟", "李娜", "王芳"] * 10,
            "TaxIdNumber": [f"{i:09d}" for i in range(30)],
            "nothing": [None] * 30,
        }
    )
    found = {c.name: c.meaning for c in profile(table)}
    assert found == {
        "cust_no": "key", "First Name": "given name", "surname": "family name", "contact": "e-mail",
        "geboren": "record date", "姓名": "full name", "TaxIdNumber": "tax id", "nothing": "ignore",
    }  # fmt: skip
    file = tmp_path / "match.yaml"
    file.write_text(proposed_yaml(profile(table)), encoding="utf-8")
    assert load_linkage(file).columns["contact"].meaning == "e-mail"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {a: given name}\nthresold: 0.5\n", "thresold"),
        ("columns: {a: shoe size}\n", "columns.a.meaning"),
        ("columns: {a: key}\n", "no column says anything"),
    ],
)
def test_a_slip_in_the_configuration_names_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "match.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfError) as refused:
        load_linkage(file)
    assert told in str(refused.value)
    assert "match.yaml" in str(refused.value)

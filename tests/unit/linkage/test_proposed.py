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


@pytest.mark.parametrize(
    ("name", "values", "meaning"),
    [
        ("year", ["1901", "1911"] * 50, "source"),
        ("year", [str(1980 + i % 20) for i in range(100)], "number"),
        ("born_in", [str(1830 + i) for i in range(50)], "date of birth"),
        ("age", [str(i) for i in range(80)], "number"),
        ("supplier", ["bank", "shop", "telecom"] * 40, "source"),
        ("birthplace", ["york", "bath", "wells"] * 40, "birthplace"),
        ("work", ["miner", "weaver", "grocer"] * 40, "category"),
        ("isbn", [f"978012345{i:04d}" for i in range(50)], "registration id"),
        ("code", [f"9111010100000{i:05d}" for i in range(50)], "registration id"),
        ("id_no", [f"110101199001{i % 28 + 1:02d}{i:03d}X" for i in range(50)] * 2, "national id"),
        ("name", [f"北京长佳{i}有限公司" for i in range(50)], "organisation name"),
        ("name", [f"sony camera dsc{i} with zoom lens" for i in range(50)], "text"),
        ("name", ["Ann Smith", "Bo Li", "Cid Cole"] * 20, "full name"),
        ("title", ["Mr", "Mrs", "Dr"] * 40, "category"),
        ("title", [f"a history of town {i}" for i in range(50)], "text"),
    ],
)
def test_a_meaning_is_told_by_a_name_that_the_values_dont_refute(
    name: str, values: list[str], meaning: str
) -> None:
    assert profile(pd.DataFrame({name: values}))[0].meaning == meaning

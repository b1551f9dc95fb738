from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.core.errors import DataRefused, UsageError
from jobs.identity import answers, correcting
from jobs.identity.answers import Intake
from jobs.identity.correcting import Said

NOW = datetime(2025, 9, 10, tzinfo=UTC)
HEAD = "record;attribute;correction;value;author;reason;decided_at\n"


def taken(folder: Path, text: str, **more: str) -> Intake[Said]:
    file = folder / "corrections.csv"
    file.write_text(text, encoding="utf-8-sig")
    return correcting.read(file, now=NOW, **more)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(DataRefused) as caught:
        taken(folder, text)
    return str(caught.value)


def test_a_row_says_what_is_true_of_a_records_customer(tmp_path: Path) -> None:
    found = taken(tmp_path, HEAD + "core|1;mobile;Set;13911112222;li;called;2025-09-01\ncore|2;mobile;;;;;\n")
    (said,) = found.said
    assert (said.line, said.party_id, said.attribute, said.correction, said.value) == (
        2, "core|1", "mobile", "set", "13911112222",
    )  # fmt: skip
    assert found.left_open == 1


def test_a_withdrawal_may_be_of_all_values(tmp_path: Path) -> None:
    (said,) = taken(tmp_path, HEAD + "core|1;mobile;withdraw;;li;moved;2025-09-01\n").said
    assert said.value is None


def test_an_address_is_written_in_one_way(tmp_path: Path) -> None:
    address = '"{""street"": ""南京路2号"", ""city"": ""上海"", ""region"": null}"'
    row = f"core|1;address;set;{address};li;letter came back;2025-09-01\n"
    (said,) = taken(tmp_path, HEAD + row).said
    assert said.value == '{"city": "上海", "street": "南京路2号"}'


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("core|1;mobile;fix;1;li;why;2025-09-01", "line 2: correction 'fix' isn't one of set, reject, withdraw"),
        ("core|1;mobile;set;;li;why;2025-09-01", "line 2: value is missing; say which one to set"),
        ("core|1;moblie;set;1;li;why;2025-09-01", "line 2: 'moblie' is no golden attribute; did you mean mobile?"),
        ("core|1;kyc;set;1;li;why;2025-09-01", "line 2: kyc is the bank's own review"),
        ("core|1;address;set;南京路2号;li;why;2025-09-01", "line 2: an address is JSON with any of region, city"),
        ('core|1;address;set;{"city": ["x"]};li;why;2025-09-01', "line 2: an address is JSON with any of region, city"),
        ('core|1;address;set;{"city": null};li;why;2025-09-01', "line 2: an address is JSON with any of region, city"),
        ('core|1;address;set;{"town": "x"};li;why;2025-09-01', "line 2: an address is JSON with any of region, city"),
        (";mobile;set;1;li;why;2025-09-01", "line 2: record is missing; fill it in"),
        ("core|1;mobile;set;1;;why;2025-09-01", "line 2: author is missing; fill it in, or give --author"),
        ("core|1;mobile;set;1;li;;2025-09-01", "line 2: reason is missing; fill it in"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_remedy(tmp_path: Path, row: str, told: str) -> None:
    message = refused(tmp_path, HEAD + row + "\n")
    assert told in message
    assert "nothing was taken in" in message


def test_a_repeated_row_names_both_lines_and_no_value(tmp_path: Path) -> None:
    row = "core|1;mobile;set;13911112222;li;why;2025-09-01\n"
    message = refused(tmp_path, HEAD + row + row)
    assert "line 3: the same record, attribute, value, author and time stand in line 2 already" in message
    assert "139" not in message


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="column value is missing"):
        taken(tmp_path, "record;attribute;correction\ncore|1;mobile;set\n")


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    row = {"record": "core|1", "attribute": "birth_date", "correction": "set", "value": date(1980, 5, 1), "author": "li",
           "reason": "passport", "decided_at": datetime(2025, 9, 1, tzinfo=UTC)}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "c.parquet")
    (of_parquet,) = correcting.read(tmp_path / "c.parquet", now=NOW).said
    (of_csv,) = taken(tmp_path, HEAD + "core|1;birth_date;set;1980-05-01;li;passport;2025-09-01\n").said
    assert (of_parquet.key, of_parquet.told) == (of_csv.key, of_csv.told)


def test_nought_is_a_value(tmp_path: Path) -> None:
    row = {"record": "core|1", "attribute": "annual_income", "correction": "reject", "value": 0.0, "author": "li",
           "reason": "left empty", "decided_at": datetime(2025, 9, 1, tzinfo=UTC)}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "c.parquet")
    (said,) = correcting.read(tmp_path / "c.parquet", now=NOW).said
    assert said.value == "0.0"


def test_records_must_be_known_and_history_is_never_changed(tmp_path: Path) -> None:
    said = taken(tmp_path, HEAD + "core|1;mobile;set;1;li;why;2025-09-01\n").said
    (problem,) = correcting.unknown(said, {"core|2"})
    assert problem.startswith("line 2: the book has no record 'core|1'")
    assert answers.fresh(said, {said[0].key: ("set", "why")}, correcting.FORM) == ([], [])
    _, (changed,) = answers.fresh(said, {said[0].key: ("reject", "why")}, correcting.FORM)
    assert changed.startswith("line 2: li said something else of this value at that very time")

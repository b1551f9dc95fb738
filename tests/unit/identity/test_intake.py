from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.core.errors import DataRefused, UsageError
from jobs.identity import answers, intake
from jobs.identity.answers import Intake
from jobs.identity.intake import Said

NOW = datetime(2025, 9, 10, tzinfo=UTC)
HEAD = "record_l,record_r,decision,author,reason,decided_at\n"


def taken(folder: Path, text: str, **more: str) -> Intake[Said]:
    file = folder / "decisions.csv"
    file.write_text(text, encoding="utf-8-sig")
    return intake.read(file, now=NOW, **more)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(DataRefused) as caught:
        taken(folder, text)
    return str(caught.value)


def test_rows_are_put_in_order_and_open_ones_left(tmp_path: Path) -> None:
    found = taken(
        tmp_path,
        HEAD + "crm|1,core|1,Cannot link,li,two people,2025-09-01T10:00:00+08:00\ncore|1,core|2,,,,\n",
    )
    (said,) = found.said
    assert (said.line, said.record_l, said.record_r, said.decision) == (2, "core|1", "crm|1", "cannot_link")
    assert said.decided_at == datetime(2025, 9, 1, 2, tzinfo=UTC)
    assert found.left_open == 1


def test_author_and_time_may_be_given_for_the_whole_file(tmp_path: Path) -> None:
    text = "record_l;record_r;decision;reason\na|1;b|1;must_link;same number\n"
    (said,) = taken(tmp_path, text, author="li", decided_at="2025-09-01").said
    assert (said.author, said.decided_at) == ("li", datetime(2025, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a|1,b|1,must_link,,why,2025-09-01", "line 2: author is missing; fill it in, or give --author"),
        ("a|1,b|1,must_link,li,,2025-09-01", "line 2: reason is missing; fill it in"),
        ("a|1,b|1,must_link,li,why,", "line 2: decided_at is missing; fill it in, or give --decided-at"),
        (
            "a|1,b|1,same,li,why,2025-09-01",
            "line 2: decision 'same' isn't one of must_link, cannot_link, withdraw",
        ),
        ("a|1,a|1,must_link,li,why,2025-09-01", "line 2: a record is compared with itself"),
        ("a|1,b|1,must_link,li,yes, one,2025-09-01", "line 2: more cells than the header has; put a value"),
        ("a|1,b|1,,,yes,,one", "line 2: more cells than the header has"),
        ("a|1,b|1,must_link,li,why,yesterday", "line 2: decided_at 'yesterday' is no time"),
        (
            "a|1,b|1,must_link,li,why,2025-12-01",
            "line 2: decided_at 2025-12-01T00:00:00+00:00 lies in the future",
        ),
    ],
)
def test_a_wrong_row_is_named_with_its_remedy(tmp_path: Path, row: str, told: str) -> None:
    assert told in refused(tmp_path, HEAD + row + "\n")


def test_an_apostrophe_is_a_value_unless_it_defuses_a_formula(tmp_path: Path) -> None:
    rows = "a|1,b|1,must_link,'t Hooft,'=1+1,2025-09-01\na|1,c|1,must_link,li,'tis one,2025-09-01,,\n"
    assert [(s.author, s.reason) for s in taken(tmp_path, HEAD + rows).said] == [
        ("'t Hooft", "=1+1"),
        ("li", "'tis one"),
    ]


def test_every_wrong_row_is_told_at_once_and_repeated_ones_name_both_lines(tmp_path: Path) -> None:
    good = 'a|1,b|1,must_link,li,"one,\ntwo",2025-09-01\n'
    message = refused(
        tmp_path, HEAD + good + "b|1,a|1,must_link,li,again,2025-09-01\na|1,c|1,x,li,w,2025-09-01\n"
    )
    assert "line 4: the same pair, author and time stand in line 3 already" in message
    assert "line 5: decision 'x'" in message
    assert "nothing was taken in" in message


def test_what_isnt_a_file_of_decisions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="column record_r is missing"):
        taken(tmp_path, "record_l,decision\na|1,must_link\n")
    with pytest.raises(UsageError, match="there is no file"):
        intake.read(tmp_path / "none.csv", now=NOW)
    (tmp_path / "gb.csv").write_bytes((HEAD + "a|1,b|1,must_link,李,why,2025-09-01\n").encode("gb18030"))
    with pytest.raises(UsageError, match="isn't UTF-8"):
        intake.read(tmp_path / "gb.csv", now=NOW)
    (tmp_path / "text.parquet").write_text("record_l")
    with pytest.raises(UsageError, match="isn't a Parquet file"):
        intake.read(tmp_path / "text.parquet", now=NOW)


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    row = {"record_l": "b|1", "record_r": "a|1", "decision": "must_link", "author": "li", "reason": "why"}
    pq.write_table(
        pa.Table.from_pylist([{**row, "decided_at": datetime(2025, 9, 1, tzinfo=UTC)}]),
        tmp_path / "d.parquet",
    )
    (of_parquet,) = intake.read(tmp_path / "d.parquet", now=NOW).said
    (of_csv,) = taken(tmp_path, HEAD + "a|1,b|1,must_link,li,why,2025-09-01\n").said
    assert (of_parquet.key, of_parquet.told) == (of_csv.key, of_csv.told)


def test_records_must_be_known_and_of_one_kind(tmp_path: Path) -> None:
    said = taken(
        tmp_path, HEAD + "a|1,b|1,must_link,li,why,2025-09-01\na|1,c|1,must_link,li,why,2025-09-01\n"
    ).said
    kinds = {"a|1": "person", "c|1": "organisation"}
    first, second = intake.unknown(said, kinds)
    assert first.startswith("line 2: the book has no record 'b|1'")
    assert second.startswith("line 3: one record is a person, the other an organisation")


def test_importing_again_adds_nothing_and_history_is_never_changed(tmp_path: Path) -> None:
    said = taken(tmp_path, HEAD + "a|1,b|1,must_link,li,why,2025-09-01\n").said
    known = {said[0].key: ("must_link", "why")}
    assert answers.fresh(said, known, intake.FORM) == ([], [])
    _, (problem,) = answers.fresh(said, {said[0].key: ("cannot_link", "why")}, intake.FORM)
    assert problem.startswith("line 2: li said something else of this pair at that very time")

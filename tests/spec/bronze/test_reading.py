"""A file going in, its records and cells coming out: what the worker does, without Spark."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.contracts import SourceContract
from jobs.bronze import content, reading, records
from jobs.bronze.delivery import FileRef
from jobs.core.storage import as_uri


def contract(form: dict[str, Any], *columns: dict[str, Any]) -> SourceContract:
    base = {"type": "string", "level": 1, "category": "reference", "meaning": "m"}
    return SourceContract.model_validate(
        {
            "system": "s",
            "table": "t",
            "description": "d",
            "delivery": {"files": "*", "kind": "event"},
            "format": form,
            "columns": [base | c for c in columns],
            "keys": [columns[0]["name"]],
        }
    )


TWO = ({"name": "a"}, {"name": "b"})
CSV = {"type": "csv", "delimiter": ";"}


def ref(path: Path) -> FileRef:
    stat = path.stat()
    return FileRef(as_uri(path), path.name, stat.st_size, stat.st_mtime_ns)


def read(path: Path, c: SourceContract) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(records, facts) of a file."""
    rows = [r for batch in reading.read(0, ref(path), c) for r in batch.to_pylist()]
    return rows[:-1], json.loads(rows[-1]["_facts"])


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


def raws(rows: list[dict[str, Any]]) -> list[str]:
    return [r["_raw"] for r in rows]


def test_lines_end_in_lf_or_crlf_and_are_numbered_without_the_header(tmp_path: Path) -> None:
    rows, facts = read(written(tmp_path, b'"a";"b"\r\n1;x\r\n2;y\n'), contract(CSV, *TWO))
    assert [(r["_row"], r["_raw"]) for r in rows] == [(1, "1;x"), (2, "2;y")]
    assert (facts["rows"], facts["unterminated"], facts["problems"]) == (2, False, [])


def test_blank_lines_are_no_records_and_are_counted(tmp_path: Path) -> None:
    rows, facts = read(written(tmp_path, b"a;b\n1;x\n\n2;y\n\n"), contract(CSV, *TWO))
    assert (raws(rows), facts["blank"]) == (["1;x", "2;y"], 2)


def test_a_last_record_without_a_line_break_is_told(tmp_path: Path) -> None:
    rows, facts = read(written(tmp_path, b"a;b\n1;x\n2;2026-01-0"), contract(CSV, *TWO))
    assert (raws(rows), facts["unterminated"]) == (["1;x", "2;2026-01-0"], True)


def test_a_quoted_line_break_makes_one_record_where_the_contract_allows_it(tmp_path: Path) -> None:
    data = b'a;b\n1;"x\n\ny"\n2;"said ""no"""\n'
    rows, _ = read(written(tmp_path, data), contract({**CSV, "multiline": True}, *TWO))
    assert raws(rows) == ['1;"x\n\ny"', '2;"said ""no"""']
    rows, _ = read(written(tmp_path, data), contract(CSV, *TWO))
    assert [r["_note"] for r in rows] == ["malformed", "malformed", None]


def test_a_quote_never_closed_doesnt_swallow_the_file(tmp_path: Path) -> None:
    lines = ["a;b", '0;"open', *(f"{i};x" for i in range(1, 1000))]
    rows, facts = read(
        written(tmp_path, "\n".join([*lines, ""]).encode()), contract({**CSV, "multiline": True}, *TWO)
    )
    assert facts["rows"] == 1000
    assert [r["_raw"] for r in rows if r["_note"]] == ['0;"open']


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    rows, facts = read(written(tmp_path, b"\xef\xbb\xbfa;b\n1;x\n"), contract(CSV, *TWO))
    assert (raws(rows), facts["problems"]) == (["1;x"], [])


def test_gb18030_is_read_in_all_its_lengths_across_block_borders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "BLOCK", 7)
    names = ["张伟", "𠮷野家", "O'Brien", "㐂", "欧阳娜娜"]
    data = "".join(f"{i}|{n}\r\n" for i, n in enumerate(names)).encode("gb18030")
    c = contract(
        {"type": "csv", "encoding": "gb18030", "delimiter": "|", "quote": None, "header": False}, *TWO
    )
    rows, facts = read(written(tmp_path, data), c)
    assert raws(rows) == [f"{i}|{n}" for i, n in enumerate(names)]
    assert facts["problems"] == []


@pytest.mark.parametrize(
    ("said", "really", "text"),
    [("gb18030", "utf-8", "张伟李娜"), ("utf-8", "gb18030", "张伟"), ("ascii", "utf-8", "é")],
)
def test_another_encoding_than_said_is_never_silent(
    tmp_path: Path, said: str, really: str, text: str
) -> None:
    c = contract({**CSV, "encoding": said}, *TWO)
    _, facts = read(written(tmp_path, f"a;b\n1;{text}\n".encode(really)), c)
    assert [p[0] for p in facts["problems"]] == ["wrong_encoding"]


def test_a_file_that_ends_inside_a_character_is_truncated(tmp_path: Path) -> None:
    _, facts = read(written(tmp_path, "a;b\n1;张".encode()[:-1]), contract(CSV, *TWO))
    assert [p[0] for p in facts["problems"]] == ["truncated"]


def test_gzip_in_several_members_is_read_whole(tmp_path: Path) -> None:
    c = contract({"type": "json", "compression": "gzip"}, *TWO)
    data = gzip.compress(b'{"a": 1, "b": "x"}\n') + gzip.compress(b'{"a": 2}\n')
    rows, facts = read(written(tmp_path, data), c)
    assert raws(rows) == ['{"a": 1, "b": "x"}', '{"a": 2}']
    assert facts["bytes"] == len(data)


def test_gzip_cut_short_is_truncated(tmp_path: Path) -> None:
    c = contract({"type": "json", "compression": "gzip"}, *TWO)
    _, facts = read(written(tmp_path, gzip.compress(b'{"a": 1}\n' * 1000)[:-9]), c)
    assert [p[0] for p in facts["problems"]] == ["truncated"]


def test_a_zip_bomb_is_stopped(tmp_path: Path) -> None:
    c = contract({"type": "json", "compression": "gzip"}, *TWO)
    _, facts = read(written(tmp_path, gzip.compress((b" " * 63 + b"\n") * (1 << 20))), c)
    assert [p[0] for p in facts["problems"]] == ["zip_bomb"]
    assert facts["sha256"]


def test_fixed_width_is_cut_by_bytes_of_the_encoding(tmp_path: Path) -> None:
    c = contract(
        {"type": "fixed", "encoding": "gb18030"}, {"name": "a", "width": 6}, {"name": "b", "width": 4}
    )
    lines = [
        "张伟  0001".encode("gb18030"),
        b"Ann   0002",
        "张伟0001".encode("gb18030"),
        "abcde张123".encode("gb18030"),
    ]
    rows, facts = read(written(tmp_path, b"\r\n".join([*lines, b""])), c)
    assert [(r["_cells"], r["_note"]) for r in rows] == [
        ({"a": "张伟", "b": "0001"}, None),
        ({"a": "Ann", "b": "0002"}, None),
        ({"a": None, "b": None}, "malformed"),
        ({"a": None, "b": None}, "malformed"),
    ]
    assert facts["rows"] == 4


def test_parquet_is_read_by_name_as_text(tmp_path: Path) -> None:
    table = pa.table({"b": [Decimal("1.50"), None], "a": pa.array([date(2024, 1, 2), date(9999, 12, 31)])})
    path = tmp_path / "file.parquet"
    pq.write_table(table, path)
    rows, facts = read(path, contract({"type": "parquet"}, *TWO))
    assert [r["_cells"] for r in rows] == [{"a": "2024-01-02", "b": "1.50"}, {"a": "9999-12-31", "b": None}]
    assert facts["problems"] == []
    pq.write_table(table.append_column("c", [["x", "y"]]), path)
    assert read(path, contract({"type": "parquet"}, *TWO))[1]["problems"][0][0] == "extra_column"
    path.write_bytes(path.read_bytes()[:-20])
    assert read(path, contract({"type": "parquet"}, *TWO))[1]["problems"][0][0] == "truncated"


def test_a_header_that_is_really_a_row_isnt_shown() -> None:
    problem = reading.header_problem(["张伟", "440301199001011234"], ["a", "b"])
    assert problem is not None
    assert "440301" not in problem[1]


@given(
    st.lists(
        st.text(st.characters(exclude_characters='"\n\r', exclude_categories=["Cs"]), min_size=1), max_size=30
    )
)
def test_records_without_quotes_pass_unchanged(lines: list[str]) -> None:
    assert [r for chunk in records.logical([lines[:7], lines[7:]], '"') for r in chunk] == lines


@given(st.lists(st.sampled_from(["x", 'y"', '"', '""', 'a"b"c', ""]), max_size=60), st.integers(1, 9))
def test_no_line_is_lost_however_quotes_fall(lines: list[str], size: int) -> None:
    chunks = [lines[i : i + size] for i in range(0, len(lines), size)]
    made = [r for chunk in records.logical(chunks, '"') for r in chunk]
    assert "\n".join(made) == "\n".join(lines)

"""Files in, bronze out, through the whole path: CSV as Berka has it, JSON, fixed width, Parquet; and arithmetic of rows."""

from __future__ import annotations

import gzip
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from conf.contracts import SourceContract
from jobs.bronze import table
from jobs.bronze.deliveries import discover
from jobs.bronze.ingest import Ingest
from jobs.bronze.lines import deal
from jobs.core.catalog import Lake
from jobs.core.ledger import DeliveryEntry, open_ledger
from jobs.core.storage import as_uri


def contract(form: dict[str, Any], *columns: dict[str, Any], **more: Any) -> SourceContract:
    base = {"type": "string", "level": 1, "category": "reference", "meaning": "m"}
    told = {
        "system": "s",
        "table": "t",
        "description": "d",
        "delivery": {
            "layout": "flat",
            "date": "1999-01-01",
            "files": "t.*",
            "kind": "full",
            "manifest": "none",
        },
        "format": form,
        "columns": [base | c for c in columns],
        "keys": [columns[0]["name"]],
    }
    return SourceContract.model_validate(told | more)


def take(spark: SparkSession, lake: Lake, folder: Path, c: SourceContract) -> DeliveryEntry:
    [entry] = Ingest(spark, lake, open_ledger(lake.uri), "b", as_uri(folder), date(1999, 1, 1)).take(c)
    return entry


def kept(spark: SparkSession, lake: Lake, c: SourceContract) -> list[Row]:
    return lake.read(spark, c.bronze).select(*c.column_names).orderBy(*c.keys).collect()


BERKA = contract(
    {"type": "csv", "encoding": "ascii", "delimiter": ";"},
    {"name": "order_id", "type": "bigint"},
    {"name": "granted", "type": "date", "parse": "to_date(concat('19', value), 'yyyyMMdd')"},
    {"name": "amount", "type": "decimal(18,2)"},
    {"name": "k_symbol", "missing": ["", " "]},
)


def test_a_file_as_berka_has_it(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    lines = [
        '"order_id";"granted";"amount";"k_symbol"',
        '1;930705;8033.00;"SIPO"',
        '2;"970229";1;" "',
        '3;;;""',
    ]
    lines += ['4;931231;-2.5;"a;b"', '5;930101;1.00;"say ""x"" \\"']
    (tmp_path / "t.asc").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    entry = take(spark, lake, tmp_path, BERKA)
    assert (entry.outcome, entry.rows_in, entry.rows_out, entry.quarantined) == ("taken", 5, 4, 1), (
        entry.message
    )
    assert [tuple(r) for r in kept(spark, lake, BERKA)] == [
        (1, date(1993, 7, 5), Decimal("8033.00"), "SIPO"),
        (3, None, None, None),
        (4, date(1993, 12, 31), Decimal("-2.50"), "a;b"),
        (5, date(1993, 1, 1), Decimal("1.00"), 'say "x" \\'),
    ]
    bad = lake.read(spark, "quarantine.bronze_s_t").collect()
    assert [(r["raw"], r["reasons"]) for r in bad] == [('2;"970229";1;" "', ["cast:granted"])]


def test_a_newline_inside_quotes_stays_in_its_value(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    c = contract({"type": "csv", "multiline": True}, {"name": "a", "type": "int"}, {"name": "b"})
    (tmp_path / "t.csv").write_text('a,b\n1,"one\ntwo"\n2,"x"\n', encoding="utf-8")
    assert take(spark, lake, tmp_path, c).rows_out == 2
    assert [tuple(r) for r in kept(spark, lake, c)] == [(1, "one\ntwo"), (2, "x")]


def test_gzipped_json_by_name_with_malformed_and_repeated_rows(
    spark: SparkSession, lake: Lake, tmp_path: Path
) -> None:
    c = contract(
        {"type": "json", "compression": "gzip"},
        {"name": "id", "type": "bigint"},
        {"name": "at", "type": "timestamp"},
        {"name": "on", "type": "boolean"},
        {"name": "amount", "type": "double"},
        {"name": "what"},
    )
    lines = [
        '{"id": 1, "at": "2024-01-02T03:04:05Z", "on": true, "amount": 1.5e3, "what": {"k": [1]}}',
        '{"amount": "1.25", "id": "2", "at": "2024-01-02 03:04:05"}',
        '{"id": 3, "at": ',
        '{"id": 1, "at": "2024-01-02T03:04:05Z", "on": true, "amount": 1.5e3, "what": {"k": [1]}}',
    ]
    (tmp_path / "t.json.gz").write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    entry = take(spark, lake, tmp_path, c)
    assert (entry.rows_in, entry.rows_out, entry.quarantined, entry.deduplicated) == (4, 2, 1, 1), (
        entry.message
    )
    rows = kept(spark, lake, c)
    assert [(r["id"], r["on"], r["amount"], r["what"]) for r in rows] == [
        (1, True, 1500.0, '{"k":[1]}'),
        (2, None, 1.25, None),
    ]


def test_a_key_unknown_to_the_contract_refuses_json_whole(
    spark: SparkSession, lake: Lake, tmp_path: Path
) -> None:
    c = contract({"type": "json"}, {"name": "id", "type": "bigint"})
    (tmp_path / "t.json").write_text('{"id": 1}\n{"id": 2, "fee": 3}\n', encoding="utf-8")
    entry = take(spark, lake, tmp_path, c)
    assert (entry.outcome, lake.version(c.bronze)) == ("extra_column", None)
    assert "fee" in (entry.message or "")


def test_parquet_and_fixed_width(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    columns = ({"name": "id", "type": "int", "width": 4}, {"name": "due", "type": "date", "width": 10})
    flat = contract({"type": "parquet"}, *columns)
    pq.write_table(pa.table({"due": [date(2024, 2, 29), None], "id": [1, 2]}), tmp_path / "t.parquet")
    assert take(spark, lake, tmp_path, flat).rows_out == 2
    fixed = contract({"type": "fixed"}, *columns, table="u").model_copy(
        update={"delivery": flat.delivery.model_copy(update={"files": "u.txt"})}
    )
    (tmp_path / "u.txt").write_text("   12024-02-29\n   2          \n   32024-02-3\n", encoding="utf-8")
    entry = take(spark, lake, tmp_path, fixed)
    assert (entry.rows_in, entry.rows_out, entry.quarantined) == (3, 2, 1)
    expected = [(1, date(2024, 2, 29)), (2, None)]
    assert [tuple(r) for r in kept(spark, lake, flat)] == expected
    assert [tuple(r) for r in kept(spark, lake, fixed)] == expected


def test_full_width_and_other_dates_and_numbers_are_never_guessed(spark: SparkSession) -> None:
    c = contract(
        {"type": "csv"},
        {"name": "id"},
        {"name": "n", "type": "int"},
        {"name": "d", "type": "date"},
        {"name": "m", "type": "decimal(5,2)"},
    )
    cases = [
        ("good", "+7", "2024-02-29", "1.500"),
        ("wide", "７", "２０２４-01-01", "１.00"),
        ("short", "7.0", "2024-1-1", "1,000.00"),
        ("large", "3000000000", "2023-02-29", "1000.00"),
        ("odd", " 7", "2024-01-01T00:00", "1.505"),
    ]
    rows = [(0, i, None, None, None, None, "f", "b", date(2024, 1, 1), False, v) for i, v in enumerate(cases)]
    ddl = (
        "_n int, _row bigint, _raw string, _note string, _facts string, _extra array<string>, _file string, "
        "_batch string, _delivered date, _history boolean, _cells struct<id:string,n:string,d:string,m:string>"
    )
    built = table.build(spark.createDataFrame(rows, ddl), c).orderBy("_row").collect()
    assert [r["_faults"] for r in built] == [None] + [["cast:n", "cast:d", "cast:m"]] * 4
    assert (built[0]["n"], built[0]["d"], built[0]["m"]) == (7, date(2024, 2, 29), Decimal("1.50"))


def test_parse_is_made_lenient_outside_its_string_literals() -> None:
    sql = "if(value = 'cast(value', to_date(value, 'x'), try_cast(value AS date))"
    assert (
        table.lenient(sql, "_v") == "if(`_v` = 'cast(value', try_to_date(`_v`, 'x'), try_cast(`_v` AS date))"
    )


DIRT = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["1.00", "x", "", "１", "2.005", '"', "a;b", "1;2;3", " "])),
    max_size=40,
)


@settings(max_examples=3)
@given(first=DIRT, second=DIRT)
def test_rows_in_are_rows_out_quarantined_or_deduplicated(
    spark: SparkSession,
    tmp_path: Path,
    first: list[tuple[int, str]],
    second: list[tuple[int, str]],
) -> None:
    here = Path(tempfile.mkdtemp(dir=tmp_path))  # one for each example
    lake, c = Lake(as_uri(here / "lake")), contract({"type": "csv", "delimiter": ";"}, *KEYED)
    for name, rows in (("t.1", first), ("t.2", second)):
        text = "".join(f"{k};{v}\n" for k, v in [("0", "0.00"), *rows])
        (here / name).write_text(f"k;v\n{text}", encoding="utf-8")
    entry = take(spark, lake, here, c)
    if entry.outcome == "malformed":
        return
    lines = len(first) + len(second) + 2
    assert entry.rows_in == lines == entry.rows_out + entry.quarantined + entry.deduplicated, entry.message
    out = lake.read(spark, c.bronze)
    assert out.count() == entry.rows_out == out.agg(F.count_distinct("k")).collect()[0][0]
    set_aside = lake.read(spark, "quarantine.bronze_s_t").count() if entry.quarantined else 0
    assert set_aside == entry.quarantined


KEYED = ({"name": "k", "type": "int"}, {"name": "v", "type": "decimal(9,2)"})


def test_files_are_dealt_out_by_size(tmp_path: Path) -> None:
    c = contract({"type": "csv"}, {"name": "a"})
    for i, size in enumerate((100, 1, 1, 1, 97)):
        (tmp_path / f"t.{i}").write_bytes(b"x" * size)
    [delivery] = discover(as_uri(tmp_path), "b", c, date(1999, 1, 1))
    assert deal(delivery.files, c, 2) == [[0], [1, 2, 3, 4]]
    assert deal([], c, 2) == []

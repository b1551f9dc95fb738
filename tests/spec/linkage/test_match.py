"""`onebook match` on real files: what goes in, what comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.commands import onebook
from tests.conftest import shared

FAKE = """
columns:
  first_name: first name
  surname: surname
  dob: date of birth
  city: town
  email: e-mail
"""


def matched(*arguments: str | Path) -> dict[str, Any]:
    done = onebook("match", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def people() -> pd.DataFrame:
    """Forty people, each twice, the second time with a slip in one field or another."""
    rows = []
    for i in range(40):
        person = [
            f"given{i * 7919 % 97}",
            f"family{i * 104729 % 89}",
            f"19{50 + i}-0{1 + i % 9}-1{i % 9}",
            f"{i:03d}555{i * 31:04d}",
        ]
        rows.append([f"a{i}", *person])
        slip = list(person)
        slip[i % 4] = slip[i % 4][:-1] + "x" if i % 4 < 2 else slip[i % 4][:-1] + "9"
        rows.append([f"b{i}", *slip])
    return pd.DataFrame(rows, columns=["id", "first name", "last name", "birth date", "phone"])


def test_without_a_configuration_one_is_proposed_written_and_used(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "people.csv", index=False)
    told = matched("--input", tmp_path / "people.csv", "--output", tmp_path / "out")
    clusters = pd.read_parquet(tmp_path / "out/clusters.parquet")
    assert told["records"] == 80
    assert told["proposed"]
    assert (tmp_path / "out/match.yaml").is_file()
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(clusters.columns) == ["record_id", "customer_id"]
    together = clusters.groupby(clusters["record_id"].str[1:])["customer_id"].nunique()
    assert (together == 1).mean() > 0.9
    assert clusters["customer_id"].nunique() >= 40


def test_a_proposal_that_somebody_mended_is_kept_beside_the_next(tmp_path: Path) -> None:
    people().to_csv(tmp_path / "people.csv", index=False)
    said = ("match", "--input", tmp_path / "people.csv", "--output", tmp_path / "out", "--suggest")
    config = tmp_path / "out/match.yaml"
    assert onebook(*said).returncode == 0
    proposed = config.read_text("utf-8")
    config.write_text(f"# mine\n{proposed}", "utf-8")
    assert "match.previous.yaml" in onebook(*said).stderr
    assert (tmp_path / "out/match.previous.yaml").read_text("utf-8").startswith("# mine")
    assert config.read_text("utf-8") == proposed
    assert "previous" not in onebook(*said).stderr


def test_two_files_are_linked_as_sources_and_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    table = people()
    table[table["id"].str.startswith("a")].to_parquet(tmp_path / "left.parquet")
    table[table["id"].str.startswith("b")].to_parquet(tmp_path / "right.parquet")
    inputs = ("--input", tmp_path / "left.parquet", "--input", tmp_path / "right.parquet", "--key", "id")
    matched(*inputs, "--output", tmp_path / "one")
    matched(*inputs, "--output", tmp_path / "two")
    assert set(pd.read_parquet(tmp_path / "one/clusters.parquet")["source"]) == {"left", "right"}
    for name in ("clusters.parquet", "pairs.parquet", "report.html", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_very_dirty_set_is_matched_without_labels(tmp_path: Path) -> None:
    config = tmp_path / "match.yaml"
    config.write_text(FAKE, encoding="utf-8")
    told = matched(
        "--input", shared("matching", "fake_1000.csv"), "--config", config, "--output", tmp_path / "out",
        "--key", "unique_id", "--truth", "cluster",
    )  # fmt: skip
    pairs = pd.read_parquet(tmp_path / "out/pairs.parquet")
    assert told["evaluation"]["f1"] >= 0.97
    assert {"record_id_l", "record_id_r", "probability", "weight_surname", "level_dob"} <= set(pairs.columns)
    assert pairs["probability"].between(0, 1).all()


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("columns: {nosuch: given name}", "column 'nosuch' isn't in the input"),
        ("columns: {first name: given nam}", "columns.first name.meaning"),
    ],
)
def test_a_slip_is_told_and_nothing_is_written(tmp_path: Path, config: str, told: str) -> None:
    people().to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "match.yaml").write_text(config, encoding="utf-8")
    done = onebook(
        "match",
        "--input",
        tmp_path / "people.csv",
        "--config",
        tmp_path / "match.yaml",
        "--output",
        tmp_path / "out",
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_key_that_names_two_records_is_refused(tmp_path: Path) -> None:
    people().assign(id="same").to_csv(tmp_path / "people.csv", index=False)
    done = onebook("match", "--input", tmp_path / "people.csv", "--key", "id", "--output", tmp_path / "out")
    assert done.returncode == 2
    assert "doesn't name each record once" in done.stderr


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (b"", "is empty"),
        (b"name,town\nAnn,Ulm\nM\xfcller,Ulm\n", "people.csv:3 isn't UTF-8"),
        (b"name,town\nAnn,Ulm\nBo,Ulm,x,y\n", "expected 2 fields in line 3, saw 4"),
        (b"name,town\n", "holds no rows"),
    ],
)
def test_a_file_that_is_not_a_table_is_told_with_its_line(tmp_path: Path, held: bytes, told: str) -> None:
    (tmp_path / "people.csv").write_bytes(held)
    done = onebook("match", "--input", tmp_path / "people.csv", "--output", tmp_path / "out")
    assert done.returncode == 2
    assert told in done.stderr.replace("\n", "")


def test_a_record_without_a_key_is_refused_with_its_row(tmp_path: Path) -> None:
    people().replace({"id": {"b0": None}}).to_csv(tmp_path / "people.csv", index=False)
    done = onebook("match", "--input", tmp_path / "people.csv", "--key", "id", "--output", tmp_path / "out")
    assert done.returncode == 2
    assert "names no record in row 2" in done.stderr

"""`onebook match`, then why, and what people say of a sample: the commands as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.commands import Done, onebook
from tests.spec.linkage.test_match import people

MATCH = """
columns: {first name: given name, last name: family name, birth date: date of birth, phone: phone}
key: id
training: {rounds: 1}
watch: {limits: {largest: {most: LARGEST}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished match of eighty records."""
    made = tmp_path_factory.mktemp("explain")
    people().to_csv(made / "people.csv", index=False)
    assert run(made, made / "out", "30").returncode == 0
    return made


def run(folder: Path, out: Path, largest: str, *further: object) -> Done:
    (folder / "match.yaml").write_text(MATCH.replace("LARGEST", largest), "utf-8")
    return onebook(
        "match", "--input", folder / "people.csv", "--config", folder / "match.yaml", "--output", out, "--json", *further
    )  # fmt: skip


def told(*arguments: object) -> dict[str, Any]:
    done = onebook(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_pair_a_record_and_a_customer_are_explained(folder: Path, tmp_path: Path) -> None:
    out = folder / "out"
    found = told("match-explain", "--output", out, "--pair", "b0", "a0", "--picture", tmp_path / "p.html")
    assert [f["field"] for f in found["pairs"][0]["fields"]] == [
        "first name",
        "last name",
        "birth date",
        "phone",
    ]
    assert found["pairs"][0]["sentence"]["en"].startswith("Records a0 and b0")
    assert "记录 a0 与 b0" in found["pairs"][0]["sentence"]["zh"]
    assert (tmp_path / "p.html").is_file()
    found = told("match-explain", "--output", out, "--record", "b0")
    assert found["customer"]["records"] == ["a0", "b0"]
    assert found["customer"]["weakest"]["splits_off"] == ["b0"]
    shown = onebook("match-explain", "--output", out, "--customer", "a0", "--language", "zh")
    assert "客户 a0 由 2 条记录" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pair", "a0", "zz"), "there is no record 'zz'"),
        (("--customer", "zz"), "there is no customer 'zz'"),
        ((), "give one of --pair A B"),
        (("--pair", "a0", "b0", "--picture", "p.gif"), "no ending of a picture"),
    ],
)
def test_a_slip_is_told_with_the_remedy(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = onebook("match-explain", "--output", folder / "out", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_later_match_says_what_changed_and_a_jump_ends_with_code_three(
    folder: Path, tmp_path: Path
) -> None:
    same = run(folder, tmp_path / "again", "30", "--previous", folder / "out")
    watched = json.loads((tmp_path / "again/watch.json").read_text("utf-8"))
    assert same.returncode == 0, same.stderr
    assert watched["jumps"] == watched["newest"] == []
    assert watched["measures"]["most_bits_moved"] == 0
    stopped = run(folder, tmp_path / "stopped", "1")
    assert stopped.returncode == 3
    assert "largest is 2, above the most allowed, 1" in stopped.stderr
    assert (tmp_path / "stopped/clusters.parquet").is_file()


def test_clerks_judge_a_sample_and_the_precision_comes_with_its_interval(
    folder: Path, tmp_path: Path
) -> None:
    out, sample = folder / "out", tmp_path / "sample.csv"
    told(
        "match-sample",
        "--output",
        out,
        "--to",
        sample,
        "--size",
        "20",
        "--input",
        folder / "people.csv",
        "--key",
        "id",
    )
    drawn = pd.read_csv(sample, dtype=str)
    assert sample.stat().st_mode & 0o077 == 0
    assert {"first name_l", "first name_r", "is_match"} <= set(drawn.columns)
    right = drawn["record_id_l"].str[1:] == drawn["record_id_r"].str[1:]
    drawn.assign(is_match=right.map({True: "是", False: "no"})).to_csv(sample, index=False)
    found = told("match-sample", "--output", out, "--judged", sample)
    assert found["precision"]["low"] < found["precision"]["share"] <= found["precision"]["high"] <= 1
    assert json.loads((out / "clerical.json").read_text("utf-8")) == found

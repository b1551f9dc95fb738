"""Two parties encode their lists under one key, and one of them matches both without a name in sight."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.commands import Done, onebook
from tests.spec.linkage.test_match import people

MATCH = "columns: {first name: given name, last name: family name, birth date: date of birth, phone: phone}\nkey: id\n"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two lists, a configuration, two keys."""
    table = people()
    for side in ("a", "b"):
        table[table["id"].str.startswith(side)].to_csv(tmp_path / f"{side}.csv", index=False)
    (tmp_path / "match.yaml").write_text(MATCH, "utf-8")
    (tmp_path / "key").write_text(KEY + "\n", "utf-8")
    (tmp_path / "other").write_text(KEY[::-1] + "\n", "utf-8")
    return tmp_path


def encode(folder: Path, side: str, key: str, *further: object) -> Done:
    return onebook(
        "match-encode", "--input", folder / f"{side}.csv", "--config", folder / "match.yaml", "--key-file", folder / key,
        "--output", folder / f"{side}.parquet", *further, "--json",
    )  # fmt: skip


def test_encoded_lists_are_matched_as_any_other(folder: Path) -> None:
    assert encode(folder, "a", "key").returncode == 0
    done = encode(folder, "b", "key", "--like", folder / "a.parquet")
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    matched = onebook(
        "match",
        "--input",
        folder / "a.parquet",
        "--input",
        folder / "b.parquet",
        "--output",
        folder / "out",
        "--json",
    )
    assert matched.returncode == 0, matched.stderr
    clusters = pd.read_parquet(folder / "out/clusters.parquet")
    together = clusters.groupby(clusters["record_id"].str[1:])["customer_id"].nunique()
    assert (together == 1).mean() > 0.85
    assert clusters["customer_id"].nunique() >= 40
    text = (folder / "out/report.html").read_text("utf-8") + (folder / "b.parquet").read_bytes().decode(
        "latin-1"
    )
    assert "given79" not in text


def test_a_wrong_key_and_a_clear_list_are_refused(folder: Path) -> None:
    assert encode(folder, "a", "key").returncode == 0
    refused = encode(folder, "b", "other", "--like", folder / "a.parquet")
    assert refused.returncode == 2
    assert "another key" in refused.stderr
    assert not (folder / "b.parquet").exists()
    assert encode(folder, "b", "other").returncode == 0
    for right in ("b.parquet", "b.csv"):
        done = onebook(
            "match", "--input", folder / "a.parquet", "--input", folder / right, "--output", folder / "out"
        )
        assert done.returncode == 2
        assert "same key" in done.stderr
        assert not (folder / "out").exists()

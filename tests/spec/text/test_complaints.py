"""`onebook complaints` on files: what goes in, what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands import onebook
from tests.conftest import shared
from tests.overlays import laid

SAID = {"fee": "账户被扣了年费，要求退还", "app": "手机银行登录总是闪退", "queue": "网点排队等了一个多小时"}

OPENINGS = ["客户来电", "你好", "再次投诉", "本人反映", "投诉人称"]
ENDINGS = ["请尽快处理", "希望给个说法", "否则我要销户", "太失望了"]


def bank(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    cause = rng.choice(list(SAID), rows)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 180, rows)), "D")
    cause = np.where((day >= "2025-06-01") & (rng.random(rows) < 0.7), "app", cause)
    opening, ending = rng.choice(OPENINGS, rows), rng.choice(ENDINGS, rows)
    text = [f"{a}：{SAID[c]}。\n{b}" for a, c, b in zip(opening, cause, ending, strict=True)]
    labelled = np.where(rng.random(rows) < 0.7, cause, "")
    return pd.DataFrame({"no": range(rows), "said": text, "why": labelled, "on": day.date, "truth": cause})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_partly_labelled_comes_out_classified(tmp_path: Path, encoding: str) -> None:
    rows = bank()
    rows.to_csv(tmp_path / "in.csv", index=False, encoding=encoding)
    done = onebook(
        "complaints", "--input", tmp_path / "in.csv", "--text", "said", "--cause", "why", "--date", "on",
        "--output", tmp_path / "out", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["cause"]
    assert figures["evaluation"]["order"] == "time"
    assert figures["evaluation"]["better_by"][1] > 0.3
    told = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert len(told) == len(rows)
    asked = (rows["why"] == "").to_numpy()
    assert (told.loc[asked, "cause"].to_numpy() == rows.loc[asked, "truth"].to_numpy()).mean() > 0.95
    disappointed, asks = rows["said"].str.contains("太失望了"), rows["said"].str.contains("希望给个说法")
    assert told.loc[disappointed, "tone"].max() < told.loc[asks, "tone"].min() <= 0
    moved = pd.read_csv(tmp_path / "out" / "trend.csv").set_index(["month", "label"])
    assert moved.loc[("2025-06", "app"), "change"] == "rise"
    marks = pd.read_csv(tmp_path / "out" / "phrases.csv")
    assert any("闪退" in phrase or "登录" in phrase for phrase in marks[marks["label"] == "app"]["phrase"])


def test_topics_stand_in_where_nobody_labelled(tmp_path: Path) -> None:
    bank().to_parquet(tmp_path / "in.parquet")
    done = onebook(
        "complaints", "--input", tmp_path / "in.parquet", "--text", "said", "--topics", "3", "--output", tmp_path / "out",
        "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert pd.read_parquet(tmp_path / "out" / "predictions.parquet")["topic"].nunique() == 3


def test_a_trees_own_words_say_how_a_text_sounds(tmp_path: Path) -> None:
    laid(tmp_path / "tree", "shared/complaints/own.yml", "tone: {words: {太失望了: 3}}")
    bank().to_csv(tmp_path / "in.csv", index=False)
    said = (
        "complaints",
        "--input",
        tmp_path / "in.csv",
        "--text",
        "said",
        "--topics",
        "3",
        "--output",
        tmp_path / "out",
    )
    heard = []
    for more in ((), ("--conf", tmp_path / "tree")):
        assert onebook(*said, *more).returncode == 0
        found = pd.read_parquet(tmp_path / "out/predictions.parquet").sort_values("row")
        heard.append(found["tone"][bank()["said"].str.contains("失望").to_numpy()])
    assert heard[0].max() < 0 < heard[1].min()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--cause", "why", "--bank", "nobody"), "no such bank"),
        ((), "at least 50 rows are labelled"),
        (("--cause", "because"), "there is no column 'because'"),
        (("--cause", "no"), "0 classes at least 5 times"),
        (("--cause", "why", "--date", "said"), "are no dates"),
        (("--cause", "why", "--topics", "3"), "without labels"),
    ],
)
def test_a_slip_is_told_and_nothing_is_written(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    bank(120).to_csv(tmp_path / "in.csv", index=False)
    done = onebook(
        "complaints", "--input", tmp_path / "in.csv", "--text", "said", "--output", tmp_path / "out", *options
    )
    assert done.returncode == 2, done.stderr
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_real_english_complaints_are_told_apart_better_than_by_the_commonest_class(tmp_path: Path) -> None:
    done = onebook(
        "complaints", "--input", shared("models", "complaints", "complaints_sample.csv"),
        "--text", "Consumer complaint narrative", "--product", "Product", "--output", tmp_path, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["product"]["evaluation"]
    assert found["rows"] == 389
    assert found["better_by"][1] > 0.15
    assert found["calibration_error"] < 0.12

"""`onebook clv` on plain logs: what goes in, what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tests.commands import onebook
from tests.conftest import shared

COLUMNS = ("--customer", "who", "--date", "when", "--amount", "money")


def shop(customers: int = 600) -> pd.DataFrame:
    """A shop whose customers come at rates of their own, from 2024-01-01 on for 80 weeks."""
    rng, rows = np.random.default_rng(11), []
    for i in range(customers):
        at, rate, worth = rng.uniform(0, 200), rng.gamma(1.0, 1 / 40), rng.uniform(5, 50)
        while at < 560:
            rows.append(
                (
                    f"c{i}",
                    pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(at)),
                    round(rng.gamma(5, worth / 5), 2),
                )
            )
            at += 1 + rng.exponential(1 / max(rate, 1e-3))
            if rng.random() < 0.05:
                break
    return pd.DataFrame(rows, columns=["who", "when", "money"])


def test_every_customer_known_by_the_day_is_foretold_and_nothing_later_is_seen(tmp_path: Path) -> None:
    log = shop()
    log.to_csv(tmp_path / "whole.csv", index=False)
    log[log["when"] <= "2024-12-31"].to_parquet(tmp_path / "cut.parquet")
    told = ("--calibrate-until", "2024-12-31", "--horizon-weeks", "20")
    for name in ("whole.csv", "cut.parquet"):
        done = onebook(
            "clv",
            "--transactions",
            tmp_path / name,
            *COLUMNS,
            *told,
            "--output",
            tmp_path / name.split(".")[0],
            "--json",
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["customers"] == log[log["when"] <= "2024-12-31"]["who"].nunique()
    whole, cut = (pd.read_parquet(tmp_path / n / "predictions.parquet") for n in ("whole", "cut"))
    pd.testing.assert_frame_equal(whole, cut)
    assert list(whole.columns) == ["customer", "expected_value", "low", "high", "p_active"]
    assert (whole["low"] <= whole["expected_value"]).all()
    assert (whole["expected_value"] <= whole["high"]).all()
    assert whole["p_active"].between(0, 1).all()


def test_cdnow_is_ranked_better_than_by_the_run_rate_and_its_total_is_near(tmp_path: Path) -> None:
    file = shared("models", "cdnow", "CDNOW_master.txt")
    done = onebook(
        "clv",
        "--transactions", file, "--customer", "customer_id", "--date", "date", "--amount", "dollar_value",
        "--calibrate-until", "1997-09-30", "--horizon-weeks", "39", "--output", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    log = pd.read_csv(file, sep=r"\s+", dtype={"customer_id": str, "date": str})
    later = (
        log[(log["date"] > "19970930") & (log["date"] <= "19980630")]
        .groupby("customer_id")["dollar_value"]
        .sum()
    )
    told = pd.read_parquet(tmp_path / "predictions.parquet").set_index("customer")
    actual = later.reindex(told.index).fillna(0.0)
    assert len(told) == 23_570
    assert spearmanr(told["expected_value"], actual).statistic > 0.454
    assert abs(told["expected_value"].sum() / actual.sum() - 1) < 0.05
    assert ((actual >= told["low"]) & (actual <= told["high"])).mean() > 0.88


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--customer": "whom"}, "there is no column 'whom'"),
        ({"--date": "who"}, "can't be read"),
        ({"--calibrate-until": "2001-01-01"}, "fewer than ten customers"),
        ({"--transactions": "nowhere.csv"}, "there is no file"),
    ],
)
def test_a_slip_is_told_and_nothing_is_written(tmp_path: Path, changed: dict[str, str], told: str) -> None:
    shop(40).to_csv(tmp_path / "log.csv", index=False)
    options = {
        "--transactions": str(tmp_path / "log.csv"), "--customer": "who", "--date": "when", "--amount": "money",
        "--calibrate-until": "2024-12-31", "--horizon-weeks": "20", "--output": str(tmp_path / "out"),
    } | changed  # fmt: skip
    done = onebook("clv", *(part for pair in options.items() for part in pair))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()

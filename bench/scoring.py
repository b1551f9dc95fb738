"""How fast a champion scores through Spark and Arrow beside LightGBM alone, one core each; prints ratios.

    python bench/scoring.py [--rows 400000] [--features 120] [--rounds 200]

A booster learns a made-up task. `native` is its predict on a matrix in memory, one thread. `scored` is what a run does:
Parquet in, Arrow batches through one Python worker, calibration, percentiles, and out again (to nowhere), on local[1];
once without reasons, once with them for a tenth of the rows. The second pass counts: the first one starts the workers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from conf.models import ScoreSpec
from conf.settings import load_settings
from jobs.core.session import start
from models.core.calibration import isotonic
from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.scoring import score

NOBODY: Final = 1.0
"""A percentile that a tenth of a per mille reaches."""


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (("rows", 400_000), ("features", 120), ("rounds", 200)):
        options.add_argument(f"--{name}", type=int, default=usual)
    chosen = options.parse_args()
    x = np.random.default_rng(7).normal(size=(chosen.rows, chosen.features))
    booster, champion = learnt(x, chosen.rounds)
    native = best(lambda: booster.predict(x, num_threads=1))
    spark = start(load_settings(), extra={"spark.master": "local[1]"})
    with tempfile.TemporaryDirectory() as folder:
        rows = stored(spark, x, folder)
        spared = best(lambda: through(rows, champion, NOBODY))
        told = best(lambda: through(rows, champion, 0.9))
    spark.stop()
    print(f"{chosen.rows:,} rows, {chosen.features} features, {chosen.rounds} rounds; one core")
    for name, seconds in (("native", native), ("scored", spared), ("scored, reasons for a tenth", told)):
        print(f"{name:30}{chosen.rows / seconds:>12,.0f} rows/s{native / seconds:>8.2f} of native")


def learnt(x: Matrix, rounds: int) -> tuple[lgb.Booster, Champion]:
    """A booster for a task of a few columns, and the champion around it."""
    noise = np.random.default_rng(8).normal(size=len(x))
    y = (x[:, 0] + x[:, 1] * x[:, 2] + noise > 1).astype(float)
    how = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "seed": 1, "num_threads": 1}
    few = slice(0, 50_000)
    booster = lgb.train(how, lgb.Dataset(x[few], y[few]), rounds)
    raw = np.asarray(booster.predict(x[few]))
    champion = Champion(
        name="made up",
        version=1,
        as_of="2025-01-01",
        horizon_months=6,
        booster=booster.model_to_string(),
        features=tuple(f"f{i}" for i in range(x.shape[1])),
        categories={},
        calibration=isotonic(raw, y[few], np.ones(len(raw))),
        quantiles=tuple(map(float, np.quantile(raw, np.linspace(0, 1, 1001)))),
        metrics={},
    )
    return booster, champion


def stored(spark: SparkSession, x: Matrix, folder: str) -> DataFrame:
    """The matrix as a Parquet table, with a key."""
    columns = {f"f{i}": x[:, i] for i in range(x.shape[1])}
    ids = np.arange(len(x)).astype(str)
    pq.write_table(pa.table({"customer_id": ids, **columns}), f"{folder}/rows.parquet", row_group_size=50_000)
    return spark.read.parquet(folder)


def through(rows: DataFrame, champion: Champion, reasons_from: float) -> None:
    """Score every row and throw the scores away."""
    spec = ScoreSpec(reasons_from_percentile=reasons_from)
    scored = score(rows, champion, ["customer_id"], spec)
    scored.write.format("noop").mode("overwrite").save()


def best(run: Callable[[], object], times: int = 3) -> float:
    """Seconds of the quickest of several runs, the first of which doesn't count."""
    run()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


if __name__ == "__main__":
    main()

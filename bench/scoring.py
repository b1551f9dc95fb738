"""How fast a champion scores through Spark and Arrow beside LightGBM alone, per second of a core; prints ratios.

    python bench/scoring.py [--rows 400000] [--features 120] [--rounds 200] [--no-reasons]

A booster learns a made-up task. `native` is its predict on a matrix in memory, one thread. `scored` is what a run does with
rows of gold.feature: keys and places through Spark, vectors from the file, one Python worker, calibration, percentiles, and
out again (to nowhere), on local[1]; `carried` has Spark carry the vectors, as it must where a plan's files aren't on a disk;
then reasons for a tenth of the rows. Seconds are those that a core worked for it, of all processes: on two cores Spark reads
while Python scores. The best of three passes counts, after one that starts the workers. Each pass plans its query as well,
whatever the rows: the last line says what scoring one row takes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import lightgbm as lgb
import numpy as np
import psutil  # type: ignore[import-untyped] # its types are a package of their own
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from conf.features import FeaturesConf
from conf.models import ScoreSpec
from conf.settings import load_settings
from jobs.core.session import start
from jobs.core.vectors import with_vectors
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
    options.add_argument("--no-reasons", action="store_true", help="leave out the dear pass")
    chosen = options.parse_args()
    x = np.random.default_rng(7).normal(size=(chosen.rows, chosen.features))
    booster, champion = learnt(x, chosen.rounds)
    passes = {"native": best(lambda: booster.predict(x, num_threads=1))}
    spark = start(load_settings(), extra={"spark.master": "local[1]"})
    with tempfile.TemporaryDirectory() as folder:
        table = stored(spark, x, folder)
        passes["scored"] = best(lambda: through(table, champion, NOBODY))
        for_one = best(lambda: through(table.where("customer_id = '0'"), champion, NOBODY))
        # Of a union Spark doesn't know which row stood where.
        passes["carried"] = best(lambda: through(table.union(table.limit(0)), champion, NOBODY))
        if not chosen.no_reasons:
            passes["scored, reasons for a tenth"] = best(lambda: through(table, champion, 0.9))
    spark.stop()
    print(f"{chosen.rows:,} rows, {chosen.features} features, {chosen.rounds} rounds; seconds of a core")
    for name, seconds in passes.items():
        print(f"{name:30}{chosen.rows / seconds:>12,.0f} rows/s{passes['native'] / seconds:>8.2f} of native")
    print(f"a query for one row: {for_one:.2f} s")


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
    """The matrix as gold.feature holds it: by name and value, with a key and the hash of the definitions."""
    rows, names = len(x), configured(x.shape[1]).names
    name = pa.DictionaryArray.from_arrays(np.tile(np.arange(len(names), dtype=np.int32), rows), names)
    entries = pa.StructArray.from_arrays([name.cast(pa.string()), pa.array(x.ravel())], ["name", "value"])
    starts = np.arange(0, x.size + 1, len(names), dtype=np.int32)
    columns = {
        "customer_id": np.arange(rows).astype(str),
        "features": pa.ListArray.from_arrays(starts, entries),
        "definition": pa.repeat(configured(x.shape[1]).definition, rows),
    }
    pq.write_table(pa.table(columns), f"{folder}/rows.parquet", row_group_size=50_000)
    return spark.read.parquet(folder)


def configured(number: int) -> FeaturesConf:
    """As many features as the matrix has."""
    one = {"source": "party", "aggregate": "count", "meaning": "made up"}
    sources = {"party": {"table": "silver.party", "entity": "party"}}
    return FeaturesConf.model_validate(
        {"sources": sources, "features": {f"f{i}": one for i in range(number)}}
    )


def through(table: DataFrame, champion: Champion, reasons_from: float) -> None:
    """Score every row and throw the scores away."""
    rows = with_vectors(table, configured(len(champion.features)))
    scored = score(rows, champion, ["customer_id"], ScoreSpec(reasons_from_percentile=reasons_from))
    scored.write.format("noop").mode("overwrite").save()


def best(run: Callable[[], object], times: int = 3) -> float:
    """Seconds of a core of the quickest of several runs, the first of which doesn't count."""
    run()
    seconds = []
    for _ in range(times):
        began = worked()
        run()
        seconds.append(worked() - began)
    return min(seconds)


def worked() -> float:
    """Seconds for which cores worked until now for this process, its Java and its Python workers."""
    me = psutil.Process()
    spent = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return float(sum(s.user + s.system for s in spent))


if __name__ == "__main__":
    main()

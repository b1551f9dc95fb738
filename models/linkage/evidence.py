"""What a match keeps beside its output so that each probability can be explained later: features and models, no values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from conf.linkage import LinkageConf
from models.linkage.explaining import JUDGE
from models.linkage.files import whole

FOLDER: Final = "evidence"
SETTINGS: Final = "settings.json"
FEATURES: Final = "features.parquet"


class NoOutputError(ValueError):
    """A folder that isn't the output of a match, with the remedy."""


@dataclass(frozen=True)
class Judged:
    """What the re-ranker saw: `features` of shape (pairs, names), and the number of the model that judged each pair
    (−1: none; the pair's probability is 1 or 0, as the clusters of the weights alone had it).
    """

    names: tuple[str, ...]
    features: npt.NDArray[np.float32]
    judge: npt.NDArray[np.int8]
    models: Mapping[int, lgb.Booster]


@dataclass(frozen=True)
class Kept:
    """A finished output read back: rows of `features` (with `_judge`) are those of `pairs`; None without a re-ranker."""

    settings: dict[str, Any]
    model: dict[str, Any]
    clusters: pd.DataFrame
    pairs: pd.DataFrame
    features: pd.DataFrame | None
    models: Mapping[int, lgb.Booster]


def keep(out: Path, conf: LinkageConf, judged: Judged | None, kept: npt.NDArray[np.int64]) -> None:
    """Write `out`/evidence: the settings, and for the pairs `kept` (positions) features and judges."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("judge-*.txt"):
        old.unlink()
    settings = conf.model_dump(mode="json", include={"threshold", "grey", "training", "sources"}) | {
        "meanings": {name: column.meaning for name, column in conf.compared.items()}
    }
    whole(
        folder / SETTINGS, lambda f: f.write_text(json.dumps(settings, ensure_ascii=False, indent=1), "utf-8")
    )
    if judged is None:
        (folder / FEATURES).unlink(missing_ok=True)
        return
    columns = {name: judged.features[kept, i] for i, name in enumerate(judged.names)}
    table = pa.table({**columns, JUDGE: judged.judge[kept]})
    whole(folder / FEATURES, lambda f: pq.write_table(table, f, compression="zstd"))
    for number, model in judged.models.items():
        _keep_model(folder / f"judge-{number}.txt", model)


def _keep_model(file: Path, model: lgb.Booster) -> None:
    whole(file, lambda f: f.write_text(model.model_to_string(), "utf-8"))


def kept(out: Path) -> Kept:
    """The output in `out`. Raises NoOutputError where it is none, or was made before evidence was kept."""
    needed = [out / "clusters.parquet", out / "pairs.parquet", out / "model.json", out / FOLDER / SETTINGS]
    if missing := next((file for file in needed if not file.is_file()), None):
        raise NoOutputError(f"{missing} is missing; give the folder of a finished `onebook match --output`")
    features = out / FOLDER / FEATURES
    models = {
        int(f.stem.split("-")[1]): lgb.Booster(model_file=f)
        for f in sorted((out / FOLDER).glob("judge-*.txt"))
    }
    return Kept(
        json.loads(needed[3].read_text("utf-8")),
        json.loads(needed[2].read_text("utf-8")),
        _by_text(pd.read_parquet(needed[0]), "record_id", "customer_id"),
        _by_text(pd.read_parquet(needed[1]), "record_id_l", "record_id_r"),
        pd.read_parquet(features) if features.is_file() else None,
        models,
    )


def _by_text(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Ids as text, as they are typed on a command line."""
    return table.astype(dict.fromkeys(columns, str))

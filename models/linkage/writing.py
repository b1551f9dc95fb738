"""What a match leaves behind: clusters, pairs with their weights, the model, a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from conf.linkage import LinkageConf
from models.linkage.evaluation import Evaluation, evaluate
from models.linkage.evidence import keep
from models.linkage.files import whole
from models.linkage.matched import Matched
from models.linkage.report import report

DIGITS: Final = 6


def write(out: Path, table: pd.DataFrame, conf: LinkageConf, matched: Matched) -> dict[str, Any]:
    """clusters.parquet, pairs.parquet, model.json and report.html in `out`, each whole or not at all. A summary."""
    out.mkdir(parents=True, exist_ok=True)
    names = record_ids(table, conf)
    sources = table[conf.source_column].astype(str) if conf.source_column else None
    held = clusters(names, sources, matched)
    pairs = pair_table(names, conf, matched)
    found = evaluate(held["customer_id"], table[conf.truth_column]) if conf.truth_column else None
    whole(
        out / "clusters.parquet",
        lambda f: pq.write_table(pa.Table.from_pandas(held, preserve_index=False), f),
    )
    whole(out / "pairs.parquet", lambda f: pq.write_table(pairs, f))
    whole(out / "model.json", lambda f: f.write_text(matched.weights.to_json(), encoding="utf-8"))
    conf = conf.comparing(matched.weights.columns)
    keep(out, conf, matched.judged, kept_pairs(conf, matched))
    page = report(held, pairs, conf, matched, found)
    whole(out / "report.html", lambda f: f.write_text(page, encoding="utf-8"))
    return summary(held, pairs, found, matched.clean)


def record_ids(table: pd.DataFrame, conf: LinkageConf) -> pd.Series:
    """Each record's name: its key, or the row's number counted from 0; with several sources that share keys, `source:key`."""
    if conf.key_column is None:
        return pd.Series(np.arange(len(table))).astype(str)
    key = table[conf.key_column].reset_index(drop=True)
    if key.duplicated().any() and conf.source_column:
        return table[conf.source_column].astype(str).reset_index(drop=True) + ":" + key.astype(str)
    return key


def clusters(names: pd.Series, sources: pd.Series | None, matched: Matched) -> pd.DataFrame:
    """record_id, customer_id (the first record of the cluster, by position), and the source where there is one."""
    customer = names.astype(str).to_numpy()[matched.labels]
    columns = {"record_id": names.to_numpy(), "customer_id": customer}
    if sources is not None:
        columns["source"] = sources.to_numpy()
    return pd.DataFrame(columns)


def pair_table(names: pd.Series, conf: LinkageConf, matched: Matched) -> pa.Table:
    """record_id_l, record_id_r, probability, counted (what it is in the cluster's average), weight (bits of the Fellegi-Sunter model, with the prior), and per column
    `weight_<column>` (bits) and `level_<column>` (what was found): pairs at or above the grey threshold, or in one cluster.
    """
    kept = kept_pairs(conf, matched)
    scored = matched.scored.take(pa.array(kept))
    held = pa.array(names)
    columns: dict[str, Any] = {
        "record_id_l": held.take(pa.array(matched.pairs[kept, 0])),
        "record_id_r": held.take(pa.array(matched.pairs[kept, 1])),
        "probability": np.round(matched.probability[kept], DIGITS),
        "counted": np.round(matched.counted[kept], DIGITS),
        "same_customer": _one(matched)[kept],
        "weight": np.round(scored["weight"].to_numpy(), 3),
    }
    for i, name in enumerate(matched.weights.columns):
        labels = [*matched.weights.labels(name)[::-1], "missing"]
        level = scored[f"level_{i}"].to_numpy()
        columns[f"weight_{name}"] = np.round(scored[f"bits_{i}"].to_numpy(), 3)
        columns[f"level_{name}"] = pa.array(np.array(labels, dtype=object)[level]).dictionary_encode()
    return pa.table(columns)


def kept_pairs(conf: LinkageConf, matched: Matched) -> npt.NDArray[np.int64]:
    """Positions of the pairs that are written: at or above the grey threshold, or in one cluster."""
    return np.flatnonzero(_one(matched) | (matched.probability >= conf.grey))


def _one(matched: Matched) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = matched.labels[matched.pairs[:, 0]] == matched.labels[matched.pairs[:, 1]]
    return same


def summary(
    held: pd.DataFrame, pairs: pa.Table, found: Evaluation | None, clean: Sequence[str] = ()
) -> dict[str, Any]:
    """Counts, the evaluation where there is a truth, and where there are sources those that hold nothing twice."""
    told: dict[str, Any] = {
        "records": len(held), "customers": int(held["customer_id"].nunique()), "pairs": pairs.num_rows,
    }  # fmt: skip
    told |= {"sources_without_repeats": list(clean)} if "source" in held else {}
    return told | ({"evaluation": found.as_dict()} if found else {})

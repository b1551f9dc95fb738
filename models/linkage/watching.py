"""Whether a match looks as the one before it did: sizes of clusters, the grey zone, the weights, what has newly grown."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from conf.watch import WatchConf, jumps
from models.linkage.evidence import Kept
from models.linkage.files import whole

FILE: Final = "watch.json"
SIZES: Final = ((1, 1), (2, 2), (3, 4), (5, 9), (10, 19), (20, None))
NEWEST: Final = 10
LEAST: Final = 1e-6


def watch(out: Path, now: Kept, before: Kept | None, conf: WatchConf) -> dict[str, Any]:
    """Write `out`/watch.json and return it: `measures`, and where there is a match `before`, how it differs; `jumps`
    are the measures beyond their limits, in words.
    """
    told: dict[str, Any] = {"measures": measures(now), "clusters": _sizes(now.clusters)}
    earlier: dict[str, float] = {}
    if before is not None:
        earlier = measures(before)
        told["weights"] = moved = drift(now.model, before.model)
        told["newest"] = grown(now.clusters, before.clusters)
        told["before"] = earlier
        told["measures"] |= {
            "most_bits_moved": max((w["bits"] for w in moved.values()), default=0.0),
            "most_psi": max((w["psi"] for w in moved.values()), default=0.0),
            "newly_together": float(max((c["newly_together"] for c in told["newest"]), default=0)),
        }
    told["jumps"] = jumps(told["measures"], earlier, conf)
    whole(out / FILE, lambda f: f.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8"))
    return told


def measures(output: Kept) -> dict[str, float]:
    """Figures of one match: `grey_share` of the pairs at or above `grey` that lie within `grey` of neither end;
    `expected_precision`, the average probability of pairs in one cluster (what the model itself believes).
    """
    size = output.clusters["customer_id"].value_counts()
    probability, grey = output.pairs["probability"], float(output.settings["grey"])
    likely = probability >= grey
    inside = probability[output.pairs["same_customer"]]
    return {
        "records": float(len(output.clusters)),
        "customers": float(len(size)),
        "records_per_customer": round(len(output.clusters) / max(len(size), 1), 4),
        "largest": float(size.max()),
        "grey_share": round(float((probability[likely] < 1 - grey).mean()), 6) if likely.any() else 0.0,
        "expected_precision": round(float(inside.mean()), 6) if len(inside) else 1.0,
    }


def _sizes(clusters: pd.DataFrame) -> dict[str, int]:
    """Customers by their number of records."""
    size = clusters["customer_id"].value_counts().to_numpy()
    named = {
        f"{low}+" if high is None else str(low) if low == high else f"{low}-{high}": (low, high or np.inf)
        for low, high in SIZES
    }
    return {name: int(((size >= low) & (size <= high)).sum()) for name, (low, high) in named.items()}


def drift(now: dict[str, Any], before: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Column → how its model moved: most bits by which one level's weight changed, that `level`, and the population
    stability index of how matching pairs spread over the levels, Σ (p − q)·ln(p/q); levels that both models have.
    """
    told = {}
    for name in now["columns"].keys() & before["columns"].keys():
        new, old = ({x["level"]: x for x in model["columns"][name]} for model in (now, before))
        both = [level for level in new if level in old]
        bits = {x: abs(log2(new[x]["m"] / new[x]["u"]) - log2(old[x]["m"] / old[x]["u"])) for x in both}
        if bits:
            most = max(bits, key=lambda x: bits[x])
            spread = psi([new[x]["m"] for x in both], [old[x]["m"] for x in both])
            told[name] = {"bits": round(bits[most], 3), "level": most, "psi": round(spread, 4)}
    return dict(sorted(told.items()))


def psi(now: list[float], before: list[float]) -> float:
    """Population stability index of two distributions over the same classes; 0 where they agree."""
    p, q = (np.maximum(np.array(shares, float), LEAST) for shares in (now, before))
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def grown(now: pd.DataFrame, before: pd.DataFrame) -> list[dict[str, Any]]:
    """The customers that gained most: their records less the largest part that was one customer before.

    A record that wasn't there before is a part of its own.
    """
    both = now.merge(before[["record_id", "customer_id"]], "left", "record_id", suffixes=("", "_before"))
    known = both["customer_id_before"].notna()
    both["part"] = both["customer_id_before"].where(known, "new " + both["record_id"])
    parts = both.groupby(["customer_id", "part"], sort=True).size()
    told = parts.groupby("customer_id").agg(["sum", "max", "count"])
    told["newly_together"] = told["sum"] - told["max"]
    top = told[told["newly_together"] > 0].sort_values(
        ["newly_together", "sum"], ascending=False, kind="stable"
    )
    return [
        {
            "customer_id": str(name),
            "records": int(row["sum"]),
            "parts_before": int(row["count"]),
            "newly_together": int(row["newly_together"]),
        }
        for name, row in top.head(NEWEST).iterrows()
    ]

"""Splink as its own documentation would configure it from the same meanings, at the threshold that the truth likes."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.internals.duckdb.database_api import DuckDBAPI

from conf.linkage import LinkageConf
from models.linkage.clustering import connected
from models.linkage.evaluation import Evaluation, evaluate
from models.linkage.normalising import normalised

THRESHOLDS: Final = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)
WIDEST: Final = 100
NAMES: Final = {"given name", "middle name", "family name", "full name"}


def best(table: pd.DataFrame, conf: LinkageConf) -> tuple[Evaluation, float]:
    """The best F1 of its clusters (connected components) over THRESHOLDS, and where."""
    values = normalised(table, conf.compared).reset_index(drop=True)
    pairs = predicted(values, {n: c.meaning for n, c in conf.compared.items()})
    tried = []
    for at in THRESHOLDS:
        kept = pairs[pairs["p"] >= at][["l", "r"]].to_numpy(np.int64)
        labels = pd.Series(connected(len(values), kept))
        tried.append((evaluate(labels, table[conf.truth_column]), at))
    return max(tried, key=lambda found: found[0].f1)


def predicted(values: pd.DataFrame, meanings: dict[str, str]) -> pd.DataFrame:
    """Its pairs from probability .5 up: l, r, p."""
    with duckdb.connect() as connection:
        connection.register("_arriving", values.assign(record_id=np.arange(len(values))))
        connection.execute("CREATE TABLE record AS SELECT * FROM _arriving")
        blocks = _blocks(values, meanings)
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_id",
            comparisons=[_comparison(name, meaning) for name, meaning in meanings.items()],
            blocking_rules_to_generate_predictions=[block_on(*b) for b in blocks],
        )
        linker = Linker(DuckDBAPI(connection).register("record"), settings, log_level=None)
        linker.training.estimate_probability_two_random_records_match([block_on(*blocks[0])], recall=0.7)
        linker.training.estimate_u_using_random_sampling(2_000_000, seed=1)
        for block in _passes(blocks):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*block))
        made = linker.inference.predict(threshold_match_probability=0.5, warning_mode="never").physical_name
        return connection.sql(
            f"SELECT record_id_l AS l, record_id_r AS r, match_probability AS p FROM {made}"
        ).df()


def _comparison(name: str, meaning: str) -> Any:
    if meaning in NAMES:
        return cl.NameComparison(name).configure(term_frequency_adjustments=True)
    if meaning == "e-mail":
        return cl.EmailComparison(name)
    if meaning in {"sex", "region", "category", "country"}:
        return cl.ExactMatch(name)
    if meaning in {"town", "street", "postcode"}:
        return cl.JaroWinklerAtThresholds(name, [0.9, 0.7]).configure(term_frequency_adjustments=True)
    return cl.DamerauLevenshteinAtThresholds(name, [1, 2])


def _blocks(values: pd.DataFrame, meanings: dict[str, str]) -> list[tuple[str, ...]]:
    """Columns whose fullest block is small enough, and pairs of the others."""
    fullest = {n: int(values[n].value_counts().iloc[0]) for n in meanings if values[n].notna().any()}
    alone = [n for n, size in fullest.items() if size <= WIDEST]
    others = [n for n in fullest if n not in alone and values[n].nunique() > 20]
    both = [p for p in combinations(others, 2) if values.groupby(list(p)).size().max() <= WIDEST]
    return [*((n,) for n in alone), *both] or [tuple(others)]


def _passes(blocks: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Two passes that share no column, so that each column is estimated by one."""
    first = blocks[0]
    second = next((b for b in blocks[1:] if not set(b) & set(first)), first)
    return [first, second]

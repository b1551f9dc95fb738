"""Pairs weighed by Splink: on DuckDB, or by the same model on Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from splink import Linker
from splink.internals.database_api import DatabaseAPI
from splink.internals.duckdb.database_api import DuckDBAPI

from conf.linkage import ColumnConf
from jobs.core.beside import opened
from models.linkage.callnames import called
from models.linkage.chinese import letters
from models.linkage.encoded import FILTERS, as_bits
from models.linkage.levels import SHORTENED, column_id
from models.linkage.rarity import WORDED, rare_words
from models.linkage.small import seen, usual_u
from models.linkage.weights import LEAST, Weights, all_pairs, shares, usual_m

Pairs = npt.NDArray[np.int64]
RANDOM_PAIRS: Final = 1_200_000
AT_ONCE: Final = 2_000_000
"""Pairs weighed at a time: what Splink holds of a pair is many times what is kept."""
BITS_DIGITS: Final = 9
"""What both engines agree on of a weight."""


class Scorer:
    """Splink on DuckDB over one set of records and of candidate pairs."""

    def __init__(self, values: pd.DataFrame, columns: Mapping[str, ColumnConf], pairs: Pairs) -> None:
        self._connection = opened()
        self._table = _for_engine(values, columns)
        self._register("record", self._table)
        as_bits(
            self._connection, [column_id(i) for i, c in enumerate(columns.values()) if c.meaning in FILTERS]
        )
        self.pairs = pairs

    def close(self) -> None:
        """Let go of the engine's memory."""
        self._connection.close()

    def with_u(self, weights: Weights, seed: int) -> Weights:
        """`weights` with u estimated from random pairs."""
        linker = _linker(DuckDBAPI(self._connection), "record", weights)
        linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=seed, min_count_per_level=None)
        found = linker.misc.save_model_to_json()["comparisons"]
        least = 0.5 / min(RANDOM_PAIRS, all_pairs(len(self._table)))
        u = {
            name: self._beside_usual(
                [_seen(level, least) for level in comparison["comparison_levels"][1:]],
                weights.columns[name].meaning,
            )
            for name, comparison in zip(weights.columns, found, strict=True)
        }
        m = {name: usual_m(len(u[name]), column.meaning, len(u)) for name, column in weights.columns.items()}
        return replace(weights, u=u, m=m)

    def _beside_usual(self, found: Sequence[float], meaning: str) -> tuple[float, ...]:
        share = seen(len(self._table))
        return shares(list(share * np.array(found) + (1 - share) * usual_u(meaning, len(found))))

    def score(self, weights: Weights) -> pa.Table:
        """For each pair, in order: `weight` (bits, with the prior), and per column `level` (0 = differs,
        −1 = missing) and `bits` in columns level_<i>, bits_<i>.
        """
        parts = [
            self._scored(weights, self.pairs[i : i + AT_ONCE]) for i in range(0, len(self.pairs), AT_ONCE)
        ]
        return pa.concat_tables(parts) if parts else self._scored(weights, self.pairs)

    def _scored(self, weights: Weights, pairs: Pairs) -> pa.Table:
        api = DuckDBAPI(self._connection)
        linker = _linker(api, "record", weights)
        self._register("candidate", _blocked(pairs))
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
        made = linker.inference.predict(warning_mode="never").physical_name
        scored = self._connection.sql(_chosen(made, weights)).to_arrow_table()
        linker.table_management.delete_tables_created_by_splink_from_db()
        return scored

    def _register(self, name: str, table: pd.DataFrame) -> None:
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        self._connection.register("_arriving", arrow)
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _arriving")
        self._connection.unregister("_arriving")


class SparkScorer(Scorer):
    """The same weights by Splink on Spark; u is still estimated on DuckDB."""

    def score(self, weights: Weights) -> pa.Table:
        """As on DuckDB."""
        api = _spark_api()
        api.spark.createDataFrame(_arrow(self._table)).createOrReplaceTempView("onebook_match_record")
        pairs = api.spark.createDataFrame(_arrow(_blocked(self.pairs)))
        pairs.createOrReplaceTempView("onebook_match_candidate")
        linker = _linker(api, "onebook_match_record", weights)
        linker.table_management.register_blocked_pairs_for_predict(api.register("onebook_match_candidate"))
        made = linker.inference.predict(warning_mode="never").physical_name
        scored: pa.Table = api.spark.sql(_chosen(made, weights)).toArrow()
        linker.table_management.delete_tables_created_by_splink_from_db()
        return scored


def _spark_api() -> Any:
    from splink.internals.spark.database_api import SparkAPI  # noqa: PLC0415 - Spark only where it is chosen
    from splink.internals.spark.jar_location import similarity_jar_location  # noqa: PLC0415

    from conf.settings import load_settings  # noqa: PLC0415
    from jobs.core import session  # noqa: PLC0415

    spark = session.start(load_settings())
    spark.sql(f"ADD JAR '{similarity_jar_location()}'")  # jaro_winkler, which Spark lacks
    return SparkAPI(spark_session=spark, break_lineage_method="persist")


def _for_engine(values: pd.DataFrame, columns: Mapping[str, ColumnConf]) -> pd.DataFrame:
    """Columns c0, c1, …, of texts their words, of given names what they stand for and of Chinese ones their sound as well, and
    record_id, the row's number.
    """
    table = values.set_axis([column_id(i) for i in range(values.shape[1])], axis=1)
    worded = [column_id(i) for i, c in enumerate(columns.values()) if c.meaning in WORDED]
    short = [column_id(i) for i, c in enumerate(columns.values()) if c.meaning in SHORTENED]
    spoken = [column_id(i) for i, c in enumerate(columns.values()) if c.sound]
    return table.assign(
        record_id=np.arange(len(table)),
        **{f"{c}_words": rare_words(table[c]) for c in worded},
        **{f"{c}_called": called(table[c]) for c in short},
        **{f"{c}_sound": letters(table[c]) for c in spoken},
    )


def _blocked(pairs: Pairs) -> pd.DataFrame:
    return pd.DataFrame({"match_key": "0", "join_key_l": pairs[:, 0], "join_key_r": pairs[:, 1]})


def _arrow(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False)


def _linker(api: DatabaseAPI[Any], table: str, weights: Weights) -> Linker:
    settings = weights.settings(api.sql_dialect.sql_dialect_str)
    return Linker(api.register(table), settings, log_level=None, validate_settings=False)


def _chosen(made: str, weights: Weights) -> str:
    """What is kept of Splink's predictions, by plain names and in the pairs' order."""
    fields = [f"round(match_weight, {BITS_DIGITS}) AS weight"]
    for i, name in enumerate(weights.columns):
        c = column_id(i)
        bits = f"mw_{c} + mw_tf_adj_{c}" if weights.rare(name) else f"mw_{c}"
        fields += [f"CAST(gamma_{c} AS INTEGER) AS level_{i}", f"round({bits}, {BITS_DIGITS}) AS bits_{i}"]
    return f"SELECT {', '.join(fields)} FROM {made} ORDER BY record_id_l, record_id_r"


def _seen(level: Mapping[str, Any], least: float) -> float:
    found = level.get("u_probability")
    return max(float(found), least) if isinstance(found, int | float) else max(least, LEAST)

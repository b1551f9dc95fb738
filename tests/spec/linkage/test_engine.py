"""The same model weighs pairs on DuckDB and on Spark."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from conf.linkage import LinkageConf
from models.linkage.match import match

CONF = {
    "columns": {
        "name": "full name", "given": "given name", "family": "family name", "born": "date of birth",
        "firm": "employer", "mail": "e-mail", "score": "number", "post": "postcode",
    }
}  # fmt: skip


def people() -> pd.DataFrame:
    """Thirty people, each three times: as they are, with a slip, and with half of it missing."""
    rows = []
    for i in range(30):
        given, family = f"gïven{i * 7919 % 97}", f"o'family{i * 104729 % 89}"
        born, firm = f"19{50 + i}-0{1 + i % 9}-1{i % 9}", f"acme {i % 7} trading {i}"
        whole = [f"{given} {family}", given, family, born, firm, f"{given}@x.org", str(i * 3), f"{1000 + i}"]
        slip = [
            f"{family}, {given}",
            family,
            given,
            born[:-1] + "7",
            f"trading {i}",
            f"{given}@y.org",
            str(i * 3 + 1),
        ]
        rows += [whole, [*slip, f"{1001 + i}"], [whole[0], None, family, born[:4], None, None, None, None]]
    return pd.DataFrame(rows, columns=list(CONF["columns"]))


def test_spark_finds_the_pairs_weights_and_clusters_that_duckdb_finds(spark: SparkSession) -> None:
    here = match(people(), LinkageConf.model_validate(CONF | {"training": {"rounds": 0}}))
    there = match(people(), LinkageConf.model_validate(CONF | {"engine": "spark", "training": {"rounds": 0}}))
    assert there.pairs.tolist() == here.pairs.tolist()
    assert there.labels.tolist() == here.labels.tolist()
    assert there.scored.column_names == here.scored.column_names
    for name in here.scored.column_names:
        np.testing.assert_allclose(
            there.scored[name].to_numpy(), here.scored[name].to_numpy(), atol=1e-6, err_msg=name
        )
    np.testing.assert_allclose(there.probability, here.probability, atol=1e-6)
    assert len(np.unique(here.labels)) < len(here.labels)

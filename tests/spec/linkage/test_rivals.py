"""Two shops' goods, one free text each: records in, clusters and sources without repeats out."""

from __future__ import annotations

import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.match import match

KINDS = ("camera", "printer", "speaker", "router", "kettle", "phone")
COLUMNS = {"shop": "source", "title": "text"}


def goods(families: int) -> pd.DataFrame:
    """Of each family two models that differ in a digit; shop b writes its own way and lacks every fifth."""
    rows = []
    for i in range(2 * families):
        maker, kind, code = (
            f"maker{'abcdefghij'[i % 10]}",
            KINDS[i // 2 % 6],
            f"dsc{2 * (i // 2) + 100}{i % 2}",
        )
        rows.append(["a", i, f"{maker} {kind} {code} black with charger"])
        if i % 5:
            rows.append(["b", i, f"{maker} {code[:3]}-{code[3:]} new {kind} in box"])
    return pd.DataFrame(rows, columns=["shop", "truth", "title"])


def test_each_good_finds_its_own_model_and_no_two_of_one_shop_are_one() -> None:
    table = goods(60)
    found = match(table, LinkageConf.model_validate({"columns": COLUMNS}))
    clusters = table.assign(cluster=found.labels).groupby("cluster")
    assert found.clean == ("a", "b")
    assert (clusters["shop"].nunique() == clusters.size()).all()
    paired = clusters.size() == 2
    assert paired.sum() > 80  # of 96
    assert (clusters["truth"].nunique()[paired] == 1).all()


def test_a_shop_that_repeats_itself_keeps_its_repeats() -> None:
    table = goods(60)
    again = table[table["shop"] == "b"].sample(frac=0.5, random_state=1)
    both = pd.concat([table, again.assign(title=again["title"] + " today")], ignore_index=True)
    found = match(both, LinkageConf.model_validate({"columns": COLUMNS}))
    assert found.clean == ("a",)
    within = both.assign(cluster=found.labels).query("shop == 'b'").groupby("truth")["cluster"]
    assert (within.nunique()[within.size() == 2] == 1).mean() > 0.9


def test_what_is_configured_of_a_source_is_believed() -> None:
    told = {"columns": COLUMNS, "sources": {"a": {"unique": False}, "b": {"unique": True}}}
    assert match(goods(30), LinkageConf.model_validate(told)).clean == ("b",)

"""Sources without repeats, two shops' goods and two counts of a town: records in, clusters and what is learnt out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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


SLIPS = 0.2


def counted_twice(people: int) -> pd.DataFrame:
    """Two counts of a town, everybody once in each; few names, and of SLIPS the age is written wrong the second time."""
    rng = np.random.default_rng(3)
    one = pd.DataFrame(
        {
            "truth": range(people),
            "given": rng.choice([a + b for a in ("an", "be", "ca", "do", "el") for b in ("na", "rt", "lia", "mir", "xo")], people),
            "family": rng.choice([f"{a}{b}er" for a in "bdfgklmnprstvwz" for b in ("al", "en", "im", "ock", "und")], people),
            "born_at": rng.choice([f"{a}{b}ton" for a in "bdfgklmn" for b in ("ar", "ell", "us")], people),
            "age": rng.integers(1, 80, people),
        }
    )  # fmt: skip
    slip = rng.random(people) < SLIPS
    again = one.assign(age=np.where(slip, rng.integers(1, 80, people), one["age"]))
    both = pd.concat([one.assign(year="1901"), again.assign(year="1902")], ignore_index=True)
    return both.astype({"age": str})


def test_how_often_one_person_differs_is_learnt_of_those_too_who_arent_sure_for_it() -> None:
    columns = {
        "year": "source",
        "given": "given name",
        "family": "family name",
        "born_at": "birthplace",
        "age": "number",
    }
    found = match(
        counted_twice(900), LinkageConf.model_validate({"columns": columns, "training": {"rounds": 0}})
    )
    assert found.clean == ("1901", "1902")
    assert found.weights.m["age"][-1] == pytest.approx(SLIPS * 0.8, abs=0.05)  # a fifth of the slips are near

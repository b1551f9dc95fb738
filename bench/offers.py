"""The next-product scores against the demonstration bank's truth, which knows kinds of product."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from bench.beside import Beside, Figure, Read, frame, latest
from conf.bank import open_bank
from conf.models import ModelsSpec
from jobs.demo.catalogue import PRODUCTS
from models.core.evaluation import Scored
from models.core.metrics import NAN
from models.cross_sell.features import adopters

KIND_OF = {p.code: p.kind for p in PRODUCTS if p.kind}
EXPECTED = 20
"""Draws of who adopts."""


def next_product(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    """MAP@3, its mean over draws, and what the likeliest tenth would take up."""
    scores, day = latest(read, "models.cross_sell_score", ["customer_id", "product_id", "probability"])
    if day is None:
        return []
    chances = pd.read_parquet(truth / "propensity.parquet")
    rows = _by_kind(scores).merge(people, on="customer_id").merge(chances, on=["person_id", "kind"])
    rows = rows.sort_values(["customer_id", "kind"])
    oracle, said = rows["probability_6m"].to_numpy(), rows["probability"].to_numpy()
    y = (np.random.default_rng(7).random(len(rows)) < oracle).astype(float)
    case = np.asarray(pd.factorize(rows["customer_id"])[0], dtype=np.int64)
    popular = rows.groupby("kind")["probability_6m"].transform("mean").to_numpy()
    first = Beside(Scored(y, said, said, case), popular, oracle, case)
    seen = rows["kind"].map(_taken_up(read, day)).fillna(0.0).to_numpy(float)
    # A customer may have three kinds or fewer: which come first tells less than who would take any.
    anyone = Beside(Scored.of(oracle, said), popular, oracle, case)
    number = int(y.sum())
    return [
        *first.figures("cross_sell", "ranking", {"map_at_3": "map_at_3"}, number, draws),
        _expected(replace(first, naive=seen), number),
        *anyone.figures("cross_sell", "value", {"top_tenth_share": "top_tenth_share"}, number, draws),
    ]


def _expected(first: Beside, cases: int) -> Figure:
    """MAP@3 as the mean of several draws of who adopts: one moves it by a hundredth."""
    chances, rng = first.oracle, np.random.default_rng(8)
    assert chances is not None
    drawn = [
        replace(first, ours=replace(first.ours, y=(rng.random(len(chances)) < chances).astype(float)))
        for _ in range(EXPECTED)
    ]
    scores = {"ours": first.ours.raw, "naive": first.naive, "oracle": chances}
    means = {
        name: float(np.mean([one.by(score, "ranking", "map_at_3") for one in drawn]))
        for name, score in scores.items()
    }
    return Figure(
        "cross_sell", "map_at_3_expected", means["ours"], NAN, NAN, means["naive"], means["oracle"], cases
    )


def _taken_up(read: Read, day: date) -> pd.Series:
    """By kind: its share of what customers took up in the six months before the day."""
    label = open_bank("demo").section("models", ModelsSpec).cross_sell.label
    shares = frame(adopters(read("gold.customer_holding"), [day], label))
    return shares.groupby(_kind(shares))["adopters"].sum()


def _kind(offers: pd.DataFrame) -> pd.Series:
    return offers["product_id"].str.split("|").str[-1].map(KIND_OF)


def _by_kind(scores: pd.DataFrame) -> pd.DataFrame:
    """customer_id, kind, probability: the truth knows kinds, not products; a kind is adopted by any of its products."""
    none = np.log1p(-scores["probability"].clip(upper=1 - 1e-9))
    rows = scores.assign(kind=_kind(scores), none=none).dropna(subset=["kind"])
    by_kind = rows.groupby(["customer_id", "kind"])["none"].sum().reset_index()
    return by_kind.assign(probability=-np.expm1(by_kind["none"])).drop(columns="none")

"""The table of bench/models.py.

Propensity and default: five stratified folds of rows (`models.core.table.cross_validate`), beside an ordinary logistic
regression on the same folds and the figures of RESEARCH.md. Hillstrom: ten halves, learners fitted on one, measured on the
other. CDNOW: `models.btyd` over rolling origins beside the last 13 weeks' run-rate. A lake's figures are those of
bench/models_oracle.py, where the reference is the oracle. Prints, and never asserts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from bench.real_sets import SETS, RealSet, bank_marketing
from jobs.cli.output import ERR, as_json
from jobs.cli.output import table as drawn
from models.btyd import log
from models.btyd.forecast import forecast
from models.btyd.history import spent
from models.core import table
from models.core.bootstrap import Interval
from models.core.evaluation import Scored, with_intervals
from models.core.metrics import NAN, Floats
from models.core.table.columns import as_table, columns_of
from models.uplift.curves import Trial, qini, uplift_at
from models.uplift.learners import LEARNERS, Base, response

RUN = 13
"""Weeks whose spending the run-rate carries on."""
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ORIGINS = ((39, 39), (39, 26), (30, 39), (26, 26), (52, 26), (20, 20))
"""CDNOW: weeks to learn from, weeks to foretell."""
BLOCK = 2_000
FORWARD = {"learnt once": 0.476, "learnt anew each 2000": 0.740}
"""Bank Marketing forward in time in RESEARCH.md."""
VISIT = {
    "Womens": {"mean": (0.062, 0.072), "response": (0.017, 0.055), "rule": (0.005, 0.048)},
    "Mens": {"mean": (0.013, 0.087), "response": (NAN, NAN), "rule": (0.022, 0.092)},
}
"""Hillstrom in RESEARCH.md: Qini and uplift at 30 %; under `mean` the best learner's."""


@dataclass(frozen=True)
class Line:
    """One line of the table; nan where there is none."""

    set: str
    figure: str
    ours: float
    low: float
    high: float
    baseline: float
    baseline_is: str
    reference: float


def main(
    only: Annotated[list[str] | None, typer.Option("--only", help="A set's name or a part of it.")] = None,
    data: Annotated[Path, typer.Option("--data", help="Folder of the real data.")] = DATA,
    lake: Annotated[Path | None, typer.Option("--lake", help="A lake of the demonstration bank.")] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help="Its truth.")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print one table."""
    lines = []
    for name, made in _parts(data, lake, truth):
        if only and not any(part.lower() in name.lower() for part in only):
            continue
        try:
            found = list(made())
        except (FileNotFoundError, log.UnusableLogError) as error:
            ERR.print(f"{name}: left out: {error}", highlight=False, soft_wrap=True)
            continue
        lines += found
        if not json:
            ERR.print(f"{name}: done", highlight=False)
    as_json([asdict(line) for line in lines]) if json else draw(lines)


def _parts(
    data: Path, lake: Path | None, truth: Path | None
) -> Iterator[tuple[str, Callable[[], Iterator[Line]]]]:
    for one in SETS:
        yield one.name, lambda one=one: propensity(one, data)  # type: ignore[misc]
    yield "Bank Marketing forward", lambda: forward(data)
    for arm in VISIT:
        yield f"Hillstrom {arm}", lambda arm=arm: campaign(arm, data)  # type: ignore[misc]
    for weeks, ahead in ORIGINS:
        yield f"CDNOW {weeks}+{ahead}", lambda w=weeks, a=ahead: spending(w, a, data)  # type: ignore[misc]
    if lake and truth:
        yield "demonstration", lambda: demonstration(lake, truth)


def propensity(one: RealSet, data: Path) -> Iterator[Line]:
    """AUC and its like over all rows, each foretold by the fold that left it out."""
    frame = one.load(data)
    found = table.cross_validate(frame, label=one.label)
    plain = _logistic(frame.drop(columns=one.label), found.y)
    naive = with_intervals("probability", Scored.of(found.y, plain), draws=0)
    for name, value in found.figures().items():
        reference = one.reference.get(name, NAN)
        yield _line(one.name, name, value, naive[name].value, "logistic", reference)
    share = float(np.mean(found.boosted))
    yield Line(one.name, "trees' share", share, NAN, NAN, NAN, "–", NAN)


def forward(data: Path) -> Iterator[Line]:
    """Bank Marketing in its order: learnt once from the first half, or anew from all before each BLOCK of rows."""
    frame = bank_marketing(data)
    half = len(frame) // 2
    starts = {"learnt once": [half], f"learnt anew each {BLOCK}": list(range(half, len(frame), BLOCK))}
    for how, at in starts.items():
        said = [_after(frame, a, b) for a, b in zip(at, [*at[1:], len(frame)], strict=True)]
        y, score = (np.concatenate(part) for part in zip(*said, strict=True))
        figure = with_intervals("probability", Scored.of(y, score), names=["auc"])["auc"]
        yield _line(f"Bank Marketing, {how}", "auc", figure, NAN, "–", FORWARD[how])


def _after(frame: pd.DataFrame, start: int, end: int) -> tuple[Floats, Floats]:
    """Outcomes and scores of the rows from `start`, foretold by all before it."""
    model = table.train(frame.iloc[:start], label="y", later=0)
    rows = frame.iloc[start:end]
    return (rows["y"] == "yes").to_numpy(float), model.raw(rows)


def campaign(arm: str, data: Path) -> Iterator[Line]:
    """Means over ten halves; low and high: 1.96 standard deviations of one half's figure."""
    rows = pd.read_csv(data / "models" / "hillstrom" / "hillstrom.csv")
    part = rows[rows["segment"].isin([f"{arm} E-Mail", "No E-Mail"])].reset_index(drop=True)
    seen = pd.concat([_half(part, seed) for seed in range(10)])
    for figure, place in (("qini", 0), ("uplift_30", 1)):
        for name in ("mean", "s", "t", "x", "response", "rule", "random"):
            values = seen.loc[(seen["name"] == name), figure]
            reference = VISIT[arm].get(name, (NAN, NAN))[place]
            spread = 1.96 * values.std()
            value = Interval(values.mean(), values.mean() - spread, values.mean() + spread)
            rule = float(seen.loc[seen["name"] == "rule", figure].mean())
            yield _line(f"Hillstrom {arm}, {name}", figure, value, rule, "recency and value", reference)


def spending(weeks: int, ahead: int, data: Path) -> Iterator[Line]:
    """The weeks after the origin, for every customer who bought by then."""
    file = data / "models" / "cdnow" / "CDNOW_master.txt"
    rows = log.read(Path(file), "customer_id", "date", "dollar_value")
    until = int(rows["day"].min()) + 7 * weeks - 1
    told = forecast(rows, until, ahead).table.set_index("customer")
    real = spent(rows, told.index, until, until + 7 * ahead)
    last = spent(rows, told.index, until - 7 * RUN, until) * ahead / RUN
    figures = with_intervals("value", Scored.of(real, told["expected_value"].to_numpy(float)))
    naive = with_intervals("value", Scored.of(real, last), draws=0)
    reference = {"spearman": 0.454, "mae": 31.8, "rmse": 93.0, "top_tenth_share": 0.516}
    for name, value in figures.items():
        known = reference.get(name, NAN) if (weeks, ahead) == (39, 39) else NAN
        yield _line(f"CDNOW {weeks}+{ahead}", name, value, naive[name].value, "run-rate", known)


def demonstration(lake: Path, truth: Path) -> Iterator[Line]:
    """Each model of a lake, beside the naive score; the oracle is the reference."""
    from bench import model_lake  # noqa: PLC0415 - Spark only where a lake is asked for

    return model_lake.lines(lake, truth)


def draw(lines: list[Line]) -> None:
    """For people."""
    names = ("set", "figure", "ours", "95 %", "baseline", "which", "reference")
    rows = [
        (
            one.set,
            one.figure,
            _told(one.ours),
            _span(one),
            _told(one.baseline),
            one.baseline_is,
            _told(one.reference),
        )
        for one in lines
    ]
    drawn("Models: ours beside others", names, rows, ("ours", "baseline", "reference"))


def _span(one: Line) -> str:
    return "–" if math.isnan(one.low) else f"{one.low:.3f} … {one.high:.3f}"


def _told(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"


def _line(name: str, figure: str, ours: Interval, baseline: float, which: str, reference: float) -> Line:
    return Line(name, figure, ours.value, ours.low, ours.high, baseline, which, reference)


def _logistic(x: pd.DataFrame, y: Floats) -> Floats:
    """As one would write it: scaled numbers, indicators of text, scikit-learn's defaults; the same folds."""
    from sklearn.compose import make_column_selector, make_column_transformer  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: PLC0415

    numbers = make_column_selector(dtype_include=["number", "bool"])
    text = make_column_selector(dtype_exclude=["number", "bool"])
    made = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), text),
    )
    model = make_pipeline(made, LogisticRegression(max_iter=500))
    folds = StratifiedKFold(5, shuffle=True, random_state=7)
    said = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
    return np.asarray(said, dtype=np.float64)


def _half(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Each order's Qini and uplift at 30 % on one half, learnt from the other."""
    t, y = (rows["segment"] != "No E-Mail").to_numpy(float), rows["visit"].to_numpy(float)
    given = as_table(rows.drop(columns=["segment", "visit", "conversion", "spend"]))
    columns, _ = columns_of(given, [], None)
    x, places = columns.matrix(given), tuple(columns.features.index(n) for n in columns.categories)
    mixed = np.random.default_rng(seed).permutation(len(rows))
    learn, judge = mixed[: len(rows) // 2], mixed[len(rows) // 2 :]
    parts, base = (x[learn], t[learn], y[learn]), Base(True, places)
    scores = {name: learner(*parts, base)(x[judge]) for name, learner in LEARNERS.items()}
    rule = rows["recency"].rank(ascending=False, pct=True) + rows["history"].rank(pct=True)
    scores |= {"mean": np.mean(list(scores.values()), axis=0), "rule": rule.to_numpy(float)[judge]}
    scores["response"] = response(*parts, base)(x[judge])
    scores["random"] = np.random.default_rng(seed + 99).random(len(judge))
    trial = Trial(y[judge], t[judge])
    return pd.DataFrame(
        [{"name": n, "qini": qini(trial, s), "uplift_30": uplift_at(trial, s)} for n, s in scores.items()]
    )

"""How well the book's uplift model tells whom contact moves: the demonstration bank's campaigns beside its truth.

    python bench/uplift.py --lake data/lake/demo --truth data/extracts/demo/truth [--as-of 2025-12-29] [--bank demo] [--anyway]

Per goal, on the later campaigns that judge: rank correlation of the estimated with the true effect, and the Qini coefficient,
area and uplift at 30 % of our order, the response model's, the rule's and the oracle's, which ranks by the true effect; all with
95 % intervals of the same resamples of customers. `--anyway` learns although training would refuse for too few cases, to
see what there is. Nothing is registered. `bench/models.py` calls `measured`. Only benchmarks and tests may read truth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # run as a script, this folder's models.py would hide the package
    sys.path[:] = [str(HERE.parent), *(p for p in sys.path if Path(p).resolve() != HERE)]

import pandas as pd
import pyarrow as pa

from bench.beside import Read
from bench.models_oracle import people_of
from conf.bank import Bank, open_bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec, UpliftSpec
from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake
from jobs.core.features import FRAMES, compute_features_at
from models.core import metrics
from models.core.bootstrap import DRAWS, Interval, Rows, intervals
from models.core.gate import Verdict
from models.core.metrics import Floats
from models.core.prepared import as_known_at, narrowed, sampled_customers
from models.uplift.curves import Trial
from models.uplift.judging import Report, judged
from models.uplift.learners import Base, response
from models.uplift.learning import RESPONSE, RULE, Judged, learn_goal
from models.uplift.learning import Rows as Customers
from models.uplift.result import collected
from models.uplift.train import MODEL, Ready, prepare

OURS, ORACLE = "ours", "oracle"
KEYS = ("campaign_id", "customer_id")


@dataclass(frozen=True)
class Beside:
    """One goal beside the truth, on the later campaigns' customers that it knows: `by_rank` is the rank correlation of each order
    with the true effect, `report` has Qini, area and uplift of each; `refused`: why training wouldn't learn it, where it wouldn't.
    """

    goal: str
    train: int
    rows: int
    responses: int
    true: Floats
    by_rank: dict[str, Interval]
    report: Report
    judged: Judged
    refused: str | None


def main() -> None:
    """Print what was found, goal by goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--bank", default="demo")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2025, 12, 29))
    parser.add_argument("--anyway", action="store_true")
    given = parser.parse_args()
    spark, lake = session.start(load_settings()), Lake(storage.as_uri(given.lake))
    bank = open_bank(given.bank)
    found = list(measured(lambda table: lake.read(spark, table), bank, given.as_of, given.truth))
    if not found:
        print("no campaign can be learnt from")
    for one in found:
        if one.refused:
            print(f"training refuses {one.goal}: {one.refused}")
        if given.anyway or not one.refused:
            _tell(one)


def measured(read: Read, bank: Bank, as_of: date, truth: Path, draws: int = DRAWS) -> Iterator[Beside]:
    """Prepare, learn and judge as training does, and hold the later campaigns' effects against the truth; each goal that the
    learners can learn from, also where training would refuse for too few cases.
    """
    spec = bank.section("models", ModelsSpec).uplift
    frames = {n: as_known_at(read(t), as_of) for n, t in {**FRAMES, **MODEL.tables}.items()}
    customers = sampled_customers(frames["crosswalk"], spec.learn.max_customers).persist()
    frames = narrowed(frames, customers)
    refused = _refused(prepare(frames, spec, as_of))
    ready = prepare(frames, _lenient(spec), as_of)
    if isinstance(ready, Verdict):
        return
    config = bank.section("features", FeaturesConf)
    book = compute_features_at(frames, config, dates=ready.dates, customers=customers).persist()
    true = _truth(people_of(read("identity.crosswalk"), truth), truth)
    for window in ready.windows:
        train, later = (collected(ready, window.goal, part, book) for part in (window.train, window.later))
        found = learn_goal(train, later, None, spec, as_of.isoformat())
        why = refused.get(window.goal, refused.get("all"))
        yield _beside(window.goal, (train, later), found, true, why, (spec.learn.seed, draws))


def _refused(ready: Ready | Verdict) -> dict[str, str]:
    return {"all": ready.reason} if isinstance(ready, Verdict) else ready.refused


def _lenient(spec: UpliftSpec) -> UpliftSpec:
    """Asks for no number of cases beyond what the learners need."""
    few = spec.gate.model_copy(update={"min_cases": 1, "min_later_cases": 1})
    return spec.model_copy(update={"gate": few})


def _truth(persons: pd.DataFrame, truth: Path) -> pd.DataFrame:
    """(campaign_id as the campaign's system says it, customer_id, real): the true effect, one row each."""
    effects = pd.read_parquet(
        truth / "treatment_effect.parquet", columns=["campaign_id", "person_id", "effect"]
    )
    told = effects.rename(columns={"effect": "real"}).merge(persons, on="person_id")
    return told[[*KEYS, "real"]].drop_duplicates(list(KEYS))


def _beside(
    goal: str,
    tables: tuple[pa.Table, pa.Table],
    found: Judged,
    true: pd.DataFrame,
    why: str | None,
    how: tuple[int, int],
) -> Beside:
    """The orders of the later campaigns' customers, ranked against the true effect and judged beside it."""
    seed, draws = how
    past, now = (Customers.of(table, seed) for table in tables)
    rows = _orders(past, now, found, seed).merge(true, on=list(KEYS))
    real, who = rows["real"].to_numpy(float), rows["customer_id"].to_numpy(object)
    trial = Trial(rows["outcome"].to_numpy(float), rows["treated"].to_numpy(float))
    orders = {
        n: rows[n].to_numpy(float) for n in rows.columns.difference([*KEYS, "outcome", "treated", "real"])
    }

    def correlations(drawn: Rows, _: Rows) -> list[float]:
        return [metrics.spearman(real[drawn], order[drawn]) for order in orders.values()]

    ranks = intervals(correlations, len(rows), group=who, draws=draws, seed=seed)
    rivals = {n: o for n, o in orders.items() if n != OURS} | {ORACLE: real}
    report = judged(trial, {OURS: orders[OURS]}, OURS, rivals, draws=draws, seed=seed, group=who)
    by_rank = dict(zip(orders, ranks, strict=True))
    return Beside(goal, len(past.trial.y), len(rows), int(trial.y.sum()), real, by_rank, report, found, why)


def _orders(past: Customers, now: Customers, found: Judged, seed: int) -> pd.DataFrame:
    """One row per customer and later campaign: outcome, whether treated, and what each order ranks by."""
    features = found.goal.features
    x, base = now.x(features), Base(binary=True, categorical=(), seed=seed)
    each = found.goal.effects(x)
    comes = response(past.x(features), past.trial.t, past.trial.y, base)(x)
    said = {OURS: found.goal.effect(each), RESPONSE: comes, RULE: now.rule, **each}
    keys: pd.DataFrame = now.table.select(list(KEYS)).to_pandas()
    keys["campaign_id"] = keys["campaign_id"].str.split("|").str[-1]
    return keys.assign(outcome=now.trial.y, treated=now.trial.t, **said)


def _tell(one: Beside) -> None:
    real, report = one.true, one.report
    print(f"\n{one.goal}: {one.train:,} rows train, {one.rows:,} judge and are known to the truth")
    print(
        f"  responses {one.responses:,}; mean effect seen {report.effect}; true {real.mean():.4f} (sd {real.std():.4f})"
    )
    print(
        f"  features foretell treatment with AUC {one.judged.assigned:.3f}; slope {one.judged.report.slope}"
    )
    for order in report.orders:
        rank = one.by_rank.get(order.name)
        told = (rank, order.qini, order.area, order.uplift_30, order.lead)
        named = zip(("by rank", "qini", "area", "uplift at 30 %", "our lead"), told, strict=True)
        print(f"  {order.name:15} " + "  ".join(f"{name} {_short(found)}" for name, found in named))
    print(f"  gate: {one.judged.refusal or 'passed'}")


def _short(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:7.4f} [{found.low:7.4f}, {found.high:7.4f}]"


if __name__ == "__main__":
    main()

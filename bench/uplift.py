"""How well the book's uplift model tells whom contact moves: the demonstration bank's campaigns beside its truth.

    python bench/uplift.py --lake data/lake/demo --truth data/extracts/demo/truth [--as-of 2025-12-29] [--bank demo] [--anyway]

Per goal, on the later campaigns that judge: correlation of the estimated with the true effect, and the Qini coefficient
and uplift at 30 % of our order, the response model's, the rule's and the oracle's, which ranks by the true effect.
`--anyway` learns although training would refuse for too few cases, to see what there is. Nothing is registered. Only benchmarks and tests may read truth.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # run as a script, this folder's models.py would hide the package
    sys.path[:] = [str(HERE.parent), *(p for p in sys.path if Path(p).resolve() != HERE)]

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.models_oracle import Read, people_of
from conf.bank import open_bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec, UpliftSpec
from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake
from jobs.core.features import FRAMES, compute_features_at
from models.core import metrics
from models.core.bootstrap import Interval
from models.core.gate import Verdict
from models.core.prepared import as_known_at, narrowed, sampled_customers
from models.uplift.curves import Trial, qini, uplift_at
from models.uplift.learning import Judged, learn_goal
from models.uplift.result import collected
from models.uplift.train import MODEL, Ready, prepare


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
    measure(lambda table: lake.read(spark, table), given.bank, given.as_of, given.truth, anyway=given.anyway)


def measure(read: Read, name: str, as_of: date, truth: Path, *, anyway: bool) -> None:
    """Prepare, learn and judge as training does, and hold the later campaigns' effects against the truth."""
    bank = open_bank(name)
    spec = bank.section("models", ModelsSpec).uplift
    frames = {n: as_known_at(read(t), as_of) for n, t in {**FRAMES, **MODEL.tables}.items()}
    customers = sampled_customers(frames["crosswalk"], spec.learn.max_customers).persist()
    frames = narrowed(frames, customers)
    ready = prepare(frames, spec, as_of)
    if anyway:
        for goal, why in _refused(ready).items():
            print(f"training refuses {goal}: {why}")
        ready = prepare(frames, _lenient(spec), as_of)
    if isinstance(ready, Verdict):
        print(ready)
        return
    config = bank.section("features", FeaturesConf)
    book = compute_features_at(frames, config, dates=ready.dates, customers=customers).persist()
    true = _truth(people_of(read("identity.crosswalk"), truth), truth)
    for goal, why in ready.refused.items():
        print(f"{goal}: {why}")
    for window in ready.windows:
        train, later = (collected(ready, window.goal, part, book) for part in (window.train, window.later))
        judged = learn_goal(train, later, None, spec, as_of.isoformat())
        _tell(window.goal, train, later, judged, true)


def _refused(ready: Ready | Verdict) -> dict[str, str]:
    return {"all": ready.reason} if isinstance(ready, Verdict) else ready.refused


def _lenient(spec: UpliftSpec) -> UpliftSpec:
    """Asks for no number of cases beyond what the learners need."""
    few = spec.gate.model_copy(update={"min_cases": 1, "min_later_cases": 1})
    return spec.model_copy(update={"gate": few})


def _truth(persons: pd.DataFrame, truth: Path) -> pd.DataFrame:
    effects = pd.read_parquet(
        truth / "treatment_effect.parquet", columns=["campaign_id", "person_id", "effect"]
    )
    effects["campaign_id"] = "crm|" + effects["campaign_id"]
    return effects.merge(persons, on="person_id")[["campaign_id", "customer_id", "effect"]]


def _tell(goal: str, train: pa.Table, later: pa.Table, judged: Judged, true: pd.DataFrame) -> None:
    keys = later.select(["campaign_id", "customer_id", "treated", "label"]).to_pandas()
    x = np.column_stack([later[n].to_numpy() for n in judged.goal.features]).astype(float)
    each = judged.goal.effects(x)
    told = keys.assign(mean=judged.goal.effect(each), **each)
    both = told.merge(true.drop_duplicates(["campaign_id", "customer_id"]), on=["campaign_id", "customer_id"])
    y, t, real = (both[n].to_numpy(float) for n in ("label", "treated", "effect"))
    trial = Trial(y, t)
    print(
        f"\n{goal}: {len(train):,} rows train, {len(later):,} judge, {len(both):,} of them known to the truth"
    )
    print(
        f"  responses {int(y.sum()):,}; mean effect seen {judged.report.effect}; true {real.mean():.4f} (sd {real.std():.4f})"
    )
    print(f"  features foretell treatment with AUC {judged.assigned:.3f}; slope {judged.report.slope}")
    for name in (*each, "mean"):
        said = both[name].to_numpy(float)
        print(
            f"  {name:5} correlation with the true effect {np.corrcoef(said, real)[0, 1]:.3f}, by rank {metrics.spearman(real, said):.3f}"
        )
    for name, order in judged.orders.items():
        print(
            f"  {name:15} qini {_short(order.qini)}  uplift at 30 % {_short(order.uplift_30)}  our lead {_short(order.lead)}"
        )
    print(
        f"  {'oracle':15} qini {qini(trial, real):7.4f}{'':20}  uplift at 30 % {uplift_at(trial, real):7.4f}"
    )
    print(f"  gate: {judged.refusal or 'passed'}")


def _short(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:7.4f} [{found.low:7.4f}, {found.high:7.4f}]"


if __name__ == "__main__":
    main()

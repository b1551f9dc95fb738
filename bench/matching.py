"""How well the matcher does on labelled sets, beside Splink in the same run: prints one line a set and method.

    python bench/matching.py [--data FOLDER] [--sets NAME ...] [--lake LAKE --truth FOLDER]
    python bench/matching.py --harder [--sets NAME ...] [--headroom]
    python bench/matching.py --labelled 100 [--harder] [--sets NAME ...]
    python bench/matching.py --scale 100000 1000000 [--splink]

Pairwise precision, recall and F1 of the clusters (F1 counts every true pair, also those never compared), B-cubed F1,
and the share of entities found exactly. Onebook gets what the columns mean and its usual settings; Splink gets
comparisons as its own library offers them and the threshold that suits it best, chosen by the truth.
With --harder: the sets of bench/harder.py, unseen.py, strangers.py, newcomers.py and outsiders.py; with --headroom also what a model that knows the truth would reach.
With --labelled: what telling so many entities gains, on the others (bench/taught.py).
With --lake: the crosswalk of the demonstration bank against its truth. Only benchmarks and tests may read a truth.
With --scale: how the book's identity grows with the demonstration bank's records (bench/scale.py).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import pandas as pd

from bench import harder, labelled, newcomers, outsiders, scale, splink_alone, strangers, unseen
from bench.headroom import headroom
from bench.taught import taught
from conf.linkage import LinkageConf
from models.linkage.evaluation import Evaluation, evaluate
from models.linkage.match import match

MADE = harder.SETS | unseen.SETS | strangers.SETS | newcomers.SETS | outsiders.SETS
HEADER = f"{'set':12}{'method':20}{'records':>9}{'precision':>11}{'recall':>9}{'F1':>9}{'B-cubed':>9}{'exact':>8}{'seconds':>9}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, default=labelled.USUAL)
    options.add_argument("--sets", nargs="*", choices=[*labelled.SETS, *MADE])
    options.add_argument("--harder", action="store_true", help="sets made harder than the shared ones")
    options.add_argument("--headroom", action="store_true", help="beside it a model that knows the truth")
    options.add_argument("--labelled", type=int, metavar="ENTITIES", help="what telling so many gains")
    options.add_argument("--lake", type=Path, help="a lake of the demonstration bank")
    options.add_argument("--truth", type=Path, help="its truth/ folder")
    options.add_argument(
        "--scale", type=int, nargs="+", metavar="RECORDS", help="sizes of the demonstration bank"
    )
    options.add_argument(
        "--splink", action="store_true", help="with --scale: beside Splink, on the same records"
    )
    chosen = options.parse_args()
    if chosen.scale:
        scale.table(chosen.scale, splink=chosen.splink)
        return
    print(HEADER)
    if chosen.lake and chosen.truth:
        line("demo bank", "crosswalk", evaluate(*labelled.book(chosen.lake, chosen.truth)), 0.0)
        return
    sets = labelled.SETS | MADE
    for name in chosen.sets or (MADE if chosen.harder else labelled.SETS):
        table, columns = sets[name](chosen.data)
        conf = LinkageConf.model_validate({"columns": columns})
        if chosen.labelled:
            for method, figures in taught(table, conf, chosen.labelled).items():
                line(name, method, figures, 0.0)
        else:
            compare(name, table, conf, upper=chosen.headroom)


def compare(name: str, table: pd.DataFrame, conf: LinkageConf, *, upper: bool = False) -> None:
    """Both methods on one set, and with `upper` what could be reached."""
    truth = table[conf.truth_column]
    began = time.monotonic()
    found = match(table, conf)
    line(name, "onebook match", evaluate(pd.Series(found.labels), truth), time.monotonic() - began)
    if upper and found.judged:
        began = time.monotonic()
        reached, share = headroom(found, table, conf)
        line(name, f"headroom of {share:.4f}", reached, time.monotonic() - began)
    began = time.monotonic()
    best, at = splink_alone.best(table, conf)
    line(name, f"Splink, best at {at:g}", best, time.monotonic() - began)


def line(name: str, method: str, e: Evaluation, seconds: float) -> None:
    """One line of the table."""
    figures = f"{e.precision:>11.4f}{e.recall:>9.4f}{e.f1:>9.4f}{e.bcubed_f1:>9.4f}{e.exact_clusters:>8.4f}"
    print(f"{name:12}{method:20}{e.records:>9,}{figures}{seconds:>9.1f}", flush=True)


if __name__ == "__main__":
    main()

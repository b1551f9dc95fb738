"""What matching without names costs: the same engine on clear and on encoded values, one line a set and scheme.

    python -m bench.encoded [--data FOLDER] [--sets NAME ...] [--schemes clear folded ...]

Clusters' pairwise precision, recall and F1, B-cubed F1 and entities found exactly, as in bench/matching.py. `… +bits` also
encodes numbers and addresses that are usually hashed whole as bits, so that a slip in them costs less.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Final

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import pandas as pd

from bench import labelled
from bench.matching import HEADER, line
from conf.encoding import EncodingConf
from conf.linkage import LinkageConf
from models.linkage.encoding import encoded
from models.linkage.evaluation import evaluate
from models.linkage.match import match

KEY: Final = b"a key for benchmarks, known to all"
USUAL: Final = ("febrl4", "fake_1000")
SCHEMES: Final = ("clear", "none", "folded", "balanced", "folded +bits")
SLIPPING: Final = {"e-mail", "phone", "national id", "passport", "tax id", "registration id"}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, default=labelled.USUAL)
    options.add_argument("--sets", nargs="*", default=list(USUAL), choices=list(labelled.SETS))
    options.add_argument("--schemes", nargs="*", default=list(SCHEMES), choices=list(SCHEMES))
    chosen = options.parse_args()
    print(HEADER)
    for name in chosen.sets:
        table, columns = labelled.SETS[name](chosen.data)
        for scheme in chosen.schemes:
            measure(name, table, LinkageConf.model_validate({"columns": columns}), scheme)


def measure(name: str, table: pd.DataFrame, conf: LinkageConf, scheme: str) -> None:
    """One scheme on one set, encoding included."""
    began = time.monotonic()
    given, asked = (table, conf) if scheme == "clear" else hidden(table, conf, scheme)
    found = match(given, asked)
    line(name, scheme, evaluate(pd.Series(found.labels), table[conf.truth_column]), time.monotonic() - began)


def hidden(table: pd.DataFrame, conf: LinkageConf, scheme: str) -> tuple[pd.DataFrame, LinkageConf]:
    """The table encoded, and what its mark says of it."""
    hardening, _, further = scheme.partition(" +")
    if further:
        told = {
            name: column.model_copy(update={"encode": "bits"}) if column.meaning in SLIPPING else column
            for name, column in conf.columns.items()
        }
        conf = conf.model_copy(update={"columns": told})
    made, mark = encoded(table, conf, EncodingConf.model_validate({"hardening": hardening}), KEY)
    return made, LinkageConf.model_validate({"columns": mark.columns, "key": mark.key, "source": mark.source})


if __name__ == "__main__":
    main()

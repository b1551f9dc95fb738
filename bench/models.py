"""How well the models do on real sets and on the demonstration bank: ours, baselines, reference, with intervals.

    python bench/models.py [--only NAME ...] [--data DIR] [--lake DIR --truth DIR] [--json]

The table itself is made in bench/model_table.py: run as a script, this file's folder would hide the package `models`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    sys.path[:] = [str(HERE.parent), *(p for p in sys.path if Path(p).resolve() != HERE)]
    from bench.model_table import main

    typer.run(main)

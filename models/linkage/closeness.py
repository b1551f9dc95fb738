"""How close two values of one field are, by what the field means: a date, a number, a name, a mailbox.

Each takes two normalised values (models.linkage.normalising) and gives a number that is higher the closer they are.
"""

from __future__ import annotations

import numpy as np


def date_parts(left: str, right: str) -> float:
    """The share of year, month and day that agree; 0.6 where day and month are swapped."""
    if len(left) != 8 or len(right) != 8:
        return 0.0
    parts = [(left[:4], right[:4]), (left[4:6], right[4:6]), (left[6:], right[6:])]
    alike = sum(a == b for a, b in parts) / 3
    swapped = left[:4] == right[:4] and left[4:6] == right[6:] and left[6:] == right[4:6]
    return max(alike, 0.6 if swapped else 0.0)


def apart(left: str, right: str) -> float:
    """1 less how far two numbers are apart, as a share of the larger."""
    try:
        a, b = float(left), float(right)
    except ValueError:
        return np.nan
    return 1 - min(abs(a - b) / max(abs(a), abs(b), 1e-9), 1)


def shortened(left: str, right: str) -> float:
    """The share of the shorter name's words that begin a word of the longer one; 1 where it is its initials."""
    a, b = sorted((left.split(), right.split()), key=len)
    if len(a) == 1 and len(b) > 1 and a[0] == "".join(w[0] for w in b):
        return 1.0
    short = sum(any(v.startswith(w) or w.startswith(v) or _skips(w, v) for v in b) for w in a)
    return short / max(len(a), 1)


def _skips(short: str, long: str) -> bool:
    """Whether a word is another with letters left out: `intl`, `svcs`."""
    if len(short) < 3 or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def years_apart(left: str, right: str) -> float:
    """How many years two dates are apart, at most 20, negated."""
    if not (left[:4].isdigit() and right[:4].isdigit()):
        return 0.0
    return -float(min(abs(int(left[:4]) - int(right[:4])), 20))


def begins(left: str, right: str) -> float:
    """1 where one is the beginning of the other (an initial, a short form), else the share that begins alike."""
    left, right = left.split("@", maxsplit=1)[0], right.split("@", maxsplit=1)[0]
    shared = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    return shared / max(min(len(left), len(right)), 1)

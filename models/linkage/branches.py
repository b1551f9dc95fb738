"""Branches of organisations: 上海分公司, Munich branch. A branch bears the firm's whole name and says itself that it isn't the firm."""

from __future__ import annotations

import re
from typing import Final

from models.linkage.normalising import BRANCH, CJK, pinyin

FIRM: Final = "the firm itself"
DESIGNATED: Final = 2
"""Characters before the mark by which branches are told apart: towns have two, or end in them."""
MARKED: Final = re.compile(rf"^(.*?)(?:{BRANCH})$|\b(\w+) branch\b")


def branch(name: str) -> str:
    """Where the branch is that a normalised name names, by its sound; `-` where it says no more; empty for a firm."""
    found = MARKED.search(name)
    if not found:
        return ""
    place = found[2] or found[1].strip()[-DESIGNATED:]
    return (re.sub(r"\W", "", pinyin(place)) if CJK.search(place) else place.strip()) or "-"

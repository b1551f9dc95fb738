"""Uplift: whom a campaign moves, from past ones with hold-out; on any table, and on the book's own campaigns.

    from models.uplift import estimate

    told = estimate(frame, treatment="mailed", outcome="visited", rule="recency_rank")
    print(told.report.use, told.report.reason)

See docs/uplift.md. What learns is loaded only when asked for: the nightly score needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.uplift.estimating import Uplift, estimate
    from models.uplift.judging import Report

__all__ = ["Report", "Uplift", "estimate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    room = "judging" if name == "Report" else "estimating"
    return getattr(import_module(f"{__name__}.{room}"), name)

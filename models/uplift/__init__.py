"""Uplift: whom a campaign moves, from past ones with hold-out; on any table.

    from models.uplift import estimate

    told = estimate(frame, treatment="mailed", outcome="visited", rule="recency_rank")
    print(told.report.use, told.report.reason)

See docs/uplift.md.
"""

from models.uplift.estimate import Uplift, estimate
from models.uplift.judging import Report

__all__ = ["Report", "Uplift", "estimate"]

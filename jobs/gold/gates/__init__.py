"""The gates before every audience: each answers for each candidate, and only a yes of all lets one through."""

from __future__ import annotations

from typing import Final

from jobs.gold.gates.consent import CONSENT
from jobs.gold.gates.contact_cap import CONTACT_CAP, shared_out
from jobs.gold.gates.hold_out import HOLD_OUT
from jobs.gold.gates.interface import Gate, evaluate
from jobs.gold.gates.kyc import KYC
from jobs.gold.gates.product import PRODUCT
from jobs.gold.gates.suitability import SUITABILITY
from jobs.gold.gates.watch_list import WATCH_LIST

GATES: Final[tuple[Gate, ...]] = (CONSENT, KYC, SUITABILITY, PRODUCT, WATCH_LIST, CONTACT_CAP, HOLD_OUT)

__all__ = ["GATES", "Gate", "evaluate", "shared_out"]

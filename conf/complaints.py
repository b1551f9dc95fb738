"""Section `complaints`: how much of the complaints the book's small text models read, and how words sound."""

from __future__ import annotations

from pydantic import Field

from conf.contracts import Frozen
from conf.tone import ToneSpec


class ComplaintsConf(Frozen):
    """Caps of what the driver holds, and months that are told."""

    taught: int = Field(default=5_000, ge=50, le=50_000)
    """Labelled complaints from which a target is learnt at most, the same ones whenever the book is the same."""
    terms: int = Field(default=20_000, ge=100, le=200_000)
    """Terms that a model keeps at most, and as many runs of characters."""
    read: int = Field(default=5_000, ge=50, le=50_000)
    """Complaints in which phrases are looked for at most, by target."""
    phrase_months: int = Field(default=12, ge=1, le=120)
    """Months, up to the last complaint, in whose complaints phrases are looked for."""
    shown: int = Field(default=12, ge=1, le=100)
    """Phrases of a class at most."""
    trend_months: int = Field(default=36, ge=4, le=120)
    """Months, up to the last complaint, whose shares are told."""
    tone: ToneSpec = ToneSpec()
    """How the words of a complaint sound."""

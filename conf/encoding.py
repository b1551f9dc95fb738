"""How records are encoded so that two parties can match them without showing names."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen

Hardening = Literal["none", "balanced", "folded"]
VERSION: Final = 1

# Meaning of a clear column → of the encoded one. Not here: record date, source, key, truth, ignore.
BITS: Final = {
    **dict.fromkeys(("given name", "middle name", "family name", "full name"), "encoded name"),
    **dict.fromkeys(("organisation name", "employer", "street", "town", "birthplace", "full address", "text"), "encoded text"),
    **dict.fromkeys(("house number", "unit", "postcode", "number"), "encoded number"),
    "date of birth": "encoded date",
}  # fmt: skip
CODES: Final = {
    **dict.fromkeys(
        ("national id", "passport", "tax id", "registration id", "phone", "e-mail"), "encoded code"
    ),
    **dict.fromkeys(("sex", "region", "country", "category"), "encoded category"),
}


class EncodingConf(Frozen):
    """The scheme; both parties must use one and the same."""

    bits: int = Field(default=1024, ge=64, le=65536)
    """Length of a column's Bloom filter before hardening; a power of two."""
    hashes: int = Field(default=10, ge=1, le=16)
    """Bits that each piece of a value sets."""
    hardening: Hardening = "folded"
    salt: str | None = None
    """A column that never changes (a year of birth): its value enters every piece's hash."""

    @model_validator(mode="after")
    def _power_of_two(self) -> EncodingConf:
        if self.bits & (self.bits - 1):
            raise ValueError("bits is a power of two: 256, 512, 1024, …")
        return self


class Mark(Frozen):
    """What an encoded file says of itself. `check` tells one key from another and nothing else of it."""

    version: Literal[1] = VERSION
    check: str
    scheme: EncodingConf
    columns: dict[str, str]
    key: str | None = None
    source: str | None = None

"""manifest.json: what a source says it delivered – files, row counts, sizes, checksums, control totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

MANIFEST: Final = "manifest.json"


class ManifestFile(BaseModel):
    """One file as the source describes it; what it leaves out isn't checked."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    name: str = Field(validation_alias=AliasChoices("file", "name"))
    rows: int | None = Field(default=None, ge=0)
    size: int | None = Field(default=None, ge=0, validation_alias=AliasChoices("bytes", "size"))
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    control_totals: dict[str, Decimal] = Field(default_factory=dict)


class Manifest(BaseModel):
    """A dated folder's manifest. The source writes it last: where it stands, the transfer has ended."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bank: str | None = None
    business_date: date
    kind: Literal["history", "daily"] = "daily"
    files: tuple[ManifestFile, ...]

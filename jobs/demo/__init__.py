"""The demonstration bank: a bank's extracts with known truth, of any size, the same for the same seed."""

from __future__ import annotations

from jobs.demo.make import Summary, make

__all__ = ["Summary", "make"]

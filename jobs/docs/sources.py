"""docs/sources/<bank>.md: what each system of a bank delivers, column by column, and which tables it fills."""

from __future__ import annotations

from conf.bank import Bank
from conf.contracts import SourceContract
from jobs.bronze.table import bronze_schema
from jobs.docs.model import section, sentence


def page(bank: Bank) -> str:
    """All source contracts of one bank, by system and table."""
    head = (
        f"# Sources of the bank `{bank.name}`\n\n"
        "Generated from the source contracts by `python -m jobs.docs --write`. Don't edit.\n"
    )
    return "\n".join([head, *map(_source, bank.contracts)]).rstrip() + "\n"


def _source(c: SourceContract) -> str:
    d, f = c.delivery, c.format
    fills = ", ".join(dict.fromkeys(m.to for m in c.maps)) or "nothing in silver"
    told = (
        f"{sentence(c.description)} {d.frequency.capitalize()}, {d.kind}; `{d.files}`, {f.type}, {f.encoding}; "
        f"manifest {d.manifest}. Source's key: {', '.join(f'`{k}`' for k in c.keys)}. Fills {fills}."
    )
    return section(c.bronze, told, bronze_schema(c))

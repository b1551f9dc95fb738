"""docs/sources/<bank>.md: what each system of a bank delivers, column by column, and which tables it fills."""

from __future__ import annotations

from conf.bank import Bank
from conf.contracts import SourceContract
from jobs.core.schema import Column
from jobs.docs.model import columns_table


def page(bank: Bank) -> str:
    """All source contracts of one bank, by system and table."""
    head = (
        f"# Sources of the bank `{bank.name}`\n\n"
        "Generated from the source contracts by `python -m jobs.docs --write`. Don't edit.\n"
    )
    return "\n".join([head, *map(_source, bank.contracts)]).rstrip() + "\n"


def _source(contract: SourceContract) -> str:
    c, d, f = contract, contract.delivery, contract.format
    columns = [Column(s.name, s.type, s.level, s.category, s.meaning) for s in c.columns]
    subject = f"Subject: `{c.subject}`." if c.subject else "Impersonal."
    fills = ", ".join(dict.fromkeys(m.to for m in c.maps)) or "nothing in silver"
    return (
        f"## {c.bronze}\n\n{c.description[:1].upper()}{c.description[1:].rstrip('.')}. "
        f"{d.frequency.capitalize()}, {d.kind}; `{d.files}`, {f.type}, {f.encoding}; manifest {d.manifest}. "
        f"{subject} Fills {fills}.\n\n{columns_table(columns, c.keys)}"
    )

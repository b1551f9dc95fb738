"""What pydantic can't see in a contract: its SQL reads only what is there. Errors name file, line and key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import sqlglot
from sqlglot import exp

from conf.contracts import SourceContract
from conf.errors import ConfError
from conf.located import Located, Path_
from conf.sql import SqlProblem, check_expression, check_query, code_uses, with_codes
from conf.wording import near

ENGINE_COLUMNS: Final = frozenset({"_delivered", "_history", "_row", "_file"})
SEE: Final = "see `onebook list` or docs/data-model.md"
FILLED: Final = frozenset({"source", "batch_id", "valid_from", "known_from", "is_deleted"})


def check_contract(where: Located, contract: SourceContract, tables: Collection[str]) -> None:
    """Raises ConfError for the first SQL that doesn't parse or reads an unknown column, table or code map."""
    names = {*contract.column_names, *ENGINE_COLUMNS}
    for lookup_name, lookup in contract.lookups.items():
        names |= _checked_lookup(where, ("lookups", lookup_name, "sql"), lookup.sql, tables)
    for path, sql, extra in _expressions(contract):
        _check(where, path, sql, names | extra, contract)


def check_names(contracts: Sequence[tuple[SourceContract, Located]]) -> None:
    """Raises ConfError where two files speak of one source: its rows would be taken in twice."""
    seen: dict[str, str] = {}
    for contract, where in contracts:
        file, line = where.where(("table",))
        if other := seen.get(contract.name):
            remedy = "change `table`; to lay one file over another give it the same path in a further tree"
            raise ConfError(file, line, "table", f"{contract.name} is defined in {other} already", remedy)
        seen[contract.name] = file


def check_targets(contract: SourceContract, where: Located, canonical: Mapping[str, Collection[str]]) -> None:
    """Raises ConfError where a map names an unknown canonical table or column."""
    for i, mapping in enumerate(contract.maps):
        if mapping.to not in canonical:
            raise where.fault(
                ("maps", i, "to"), f"no canonical table {mapping.to}", near(mapping.to, canonical, SEE)
            )
        known = set(canonical[mapping.to])
        for name in mapping.columns:
            if name not in known or name in FILLED:
                remedy = f"columns are {', '.join(sorted(known - FILLED))}"
                raise where.fault(
                    ("maps", i, "columns", name), f"{mapping.to} has no such column to fill", remedy
                )


def _expressions(c: SourceContract) -> Iterator[tuple[Path_, str, frozenset[str]]]:
    none: frozenset[str] = frozenset()
    for i, col in enumerate(c.columns):
        if col.parse:
            yield ("columns", i, "parse"), col.parse, frozenset({"value"})
    for key, sql in (("subject", c.subject), ("known_from", c.known_from), ("valid_from", c.valid_from)):
        if sql:
            yield (key,), sql, none
    for name, sql in c.rules.items():
        yield ("rules", name), sql, none
    for i, m in enumerate(c.maps):
        for key, optional in (("where", m.where), ("known_from", m.known_from), ("valid_from", m.valid_from)):
            if optional:
                yield ("maps", i, key), optional, none
        for name, sql in m.columns.items():
            yield ("maps", i, "columns", name), sql, none


def _check(where: Located, path: Path_, sql: str, names: Collection[str], c: SourceContract) -> None:
    try:
        check_expression(sql, names)
        code_uses(sql)
        with_codes(sql, c.codes)
    except SqlProblem as problem:
        raise where.fault(path, str(problem), "correct the SQL") from None


def _checked_lookup(where: Located, path: Path_, sql: str, tables: Collection[str]) -> set[str]:
    try:
        check_query(sql, tables)
    except SqlProblem as problem:
        raise where.fault(path, str(problem), "correct the query") from None
    parsed = sqlglot.parse_one(sql.format_map({t: t for t in tables}), read="spark")
    return set(parsed.named_selects) if isinstance(parsed, exp.Query) else set()

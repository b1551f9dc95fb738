"""SQL in configuration, checked by sqlglot without starting Spark; named code maps become CASE expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

DIALECT: Final = "spark"
ALIKE: Final = 0.8
"""So alike (difflib) that a function is taken for a misspelt one."""
Path_ = tuple[str | int, ...]
Problem = tuple[Path_, str]
"""The key's path in its section, and what is wrong there."""


class SqlProblem(ValueError):  # noqa: N818 - a finding, turned into ConfError at the door
    """What is wrong with an expression, in words; the caller adds file, line and key."""


def parse_expression(sql: str) -> exp.Expression:
    """The parsed Spark SQL expression. Raises SqlProblem where it isn't one."""
    try:
        parsed = sqlglot.parse_one(f"SELECT {sql} AS it", read=DIALECT)
    except SqlglotError as error:
        raise SqlProblem(f"isn't valid Spark SQL: {sql!r} ({_reason(error)})") from None
    projections = parsed.args.get("expressions") or []
    if not isinstance(parsed, exp.Select) or len(projections) != 1 or parsed.find(exp.Subquery, exp.From):
        raise SqlProblem(f"must be a single expression, not a query: {sql!r}")
    inner: exp.Expression = projections[0].this
    return inner


def _reason(error: SqlglotError) -> str:
    """What the parser says, without its classes and without places in a query that nobody wrote."""
    said = re.sub(r"<class '[\w.]*?(\w+)'>", r"\1", str(error).splitlines()[0])
    return re.sub(r"\. Line \d+, Col: \d+\.?$", "", said)


def columns_in(sql: str) -> set[str]:
    """Names of the columns that an expression reads; lambda variables are not columns."""
    parsed = parse_expression(sql)
    bound = {v.name for lam in parsed.find_all(exp.Lambda) for v in lam.expressions}
    return {c.parts[0].name for c in parsed.find_all(exp.Column)} - bound


def check_expression(sql: str, columns: Iterable[str]) -> None:
    """Raises SqlProblem unless `sql` parses and reads only `columns` (case-insensitively)."""
    known = {c.lower() for c in columns}
    if unknown := sorted(c for c in columns_in(sql) if c.lower() not in known):
        close = get_close_matches(unknown[0].lower(), sorted(known), n=1)
        told = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"
        raise SqlProblem(f"reads unknown column {', '.join(unknown)}; {told}")
    for name in _functions_in(sql):
        if close := get_close_matches(name, spark_functions(), n=1, cutoff=ALIKE):
            raise SqlProblem(f"calls {name}, which Spark doesn't have; did you mean {close[0]}?")


@cache
def spark_functions() -> frozenset[str]:
    """Names of Spark's own functions, as far as Python's list of them goes."""
    from pyspark.sql import functions  # noqa: PLC0415 - a second, and most commands check no SQL

    return frozenset(name.lower() for name in dir(functions) if not name.startswith("_"))


def _functions_in(sql: str) -> list[str]:
    """Functions that neither sqlglot nor Spark's list knows: the bank's own, or misspelt."""
    called = {node.name.lower() for node in parse_expression(sql).find_all(exp.Anonymous)} - {"code"}
    return sorted(called - spark_functions()) if called else []


def unread(path: Path_, sql: str, columns: Iterable[str]) -> Iterator[Problem]:
    """What `check_expression` says of the expression at `path`, if anything."""
    try:
        check_expression(sql, columns)
    except SqlProblem as problem:
        yield path, str(problem)


def raise_first(problems: Iterable[Problem]) -> None:
    """Raises ValueError for the first problem, naming its key."""
    for path, message in problems:
        raise ValueError(f"{'.'.join(map(str, path))}: {message}")


def check_query(sql: str, tables: Iterable[str]) -> None:
    """Raises SqlProblem unless a lookup query parses and its `{table}` names are among `tables`."""
    known = set(tables)
    try:
        sqlglot.parse_one(sql.format_map(_Names(known)), read=DIALECT)
    except SqlglotError as error:
        raise SqlProblem(f"isn't a valid query ({_reason(error)})") from None
    except KeyError as error:
        raise SqlProblem(
            f"reads unknown table {error.args[0]}; known are {', '.join(sorted(known))}"
        ) from None


class _Names(dict[str, str]):
    def __init__(self, known: set[str]) -> None:
        super().__init__({name: name for name in known})

    def __missing__(self, key: str) -> str:
        raise KeyError(key)


def with_codes(sql: str, codes: Mapping[str, Mapping[str, str | None]]) -> str:
    """Replace each code('map', expr) by a CASE over the named map; `"*"` gives its default, else null."""
    parsed = parse_expression(sql)
    return parsed.transform(lambda node: _as_case(node, codes) if _is_code(node) else node).sql(
        dialect=DIALECT
    )


def code_uses(sql: str) -> list[tuple[str, str]]:
    """(map, inner expression) of each code('map', expr) in `sql`."""
    return [
        (node.expressions[0].name, node.expressions[1].sql(dialect=DIALECT))
        for node in parse_expression(sql).find_all(exp.Anonymous)
        if _is_code(node)
    ]


def _is_code(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "code" and len(node.expressions) == 2


def _as_case(node: exp.Expression, codes: Mapping[str, Mapping[str, str | None]]) -> exp.Expression:
    name, inner = node.expressions[0].name, node.expressions[1]
    if name not in codes:
        raise SqlProblem(f"names an unknown code map {name!r}; known are {', '.join(sorted(codes))}")
    case = exp.Case(this=exp.cast(inner.copy(), "string"))
    for raw, meaning in codes[name].items():
        if raw != "*":
            case = case.when(exp.Literal.string(raw), _literal(meaning))
    return case.else_(_literal(codes[name]["*"])) if "*" in codes[name] else case


def _literal(meaning: str | None) -> exp.Expression:
    return exp.Null() if meaning is None else exp.Literal.string(meaning)

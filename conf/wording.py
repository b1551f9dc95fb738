"""What pydantic finds wrong, in the words of people who write YAML: unknown keys with the nearest known one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

Path_ = tuple[str | int, ...]
MOST_KEYS: Final = 15
"""More known keys than these are no help in a message."""
CHOICES: Final = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}
"""Where pydantic tells which words may stand, by the kind of its error."""
CHOICE: Final = re.compile(r"'([^']*)'")


def worded(error: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    """(problem, remedy) of one of pydantic's errors about data of `model`."""
    kind, path, told = error["type"], tuple(error["loc"]), str(error["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return "unknown key", near(str(path[-1]), _keys(model, path[:-1]))
    if kind == "missing":
        return "is missing", "add it"
    if kind in CHOICES and isinstance(written := _written(error), str):
        known = CHOICE.findall(error["ctx"][CHOICES[kind]])
        return f"{written!r} is none of what may stand here", near(
            written, known, f"known are {', '.join(known)}"
        )
    if kind == "string_pattern_mismatch":
        return f"{error['input']!r} doesn't fit the pattern {error['ctx']['pattern']}", ""
    return told, ""


def _written(error: Mapping[str, Any]) -> object:
    """The word that is none of those that may stand where it does."""
    return error["ctx"].get("tag", error["input"])


def near(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """The remedy for a misspelt word; `otherwise` where none is like it, by default those that are known."""
    names = sorted(known)
    if close := get_close_matches(word, names, n=1, cutoff=0.6):
        return f"did you mean {close[0]}?"
    if otherwise is not None:
        return otherwise
    return (
        f"known are {', '.join(names)}"
        if 0 < len(names) <= MOST_KEYS
        else "remove it or correct its spelling"
    )


def without_echoes(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The errors, without the missing key that a misspelt one beside it stands for; what is misspelt first."""
    extra = [e for e in errors if e["type"] == "extra_forbidden"]
    written: dict[Path_, list[str]] = {}
    for error in extra:
        written.setdefault(tuple(error["loc"][:-1]), []).append(str(error["loc"][-1]))
    rest = [e for e in errors if e["type"] != "extra_forbidden" and not _is_echo(e, written)]
    return [*extra, *rest]


def _is_echo(error: Mapping[str, Any], written: Mapping[Path_, list[str]]) -> bool:
    beside = written.get(tuple(error["loc"][:-1]), [])
    return error["type"] == "missing" and bool(get_close_matches(str(error["loc"][-1]), beside, n=1))


def _keys(model: type[BaseModel], path: Path_) -> set[str]:
    """The keys that may stand at a path of the model's data; empty where that can't be told."""
    kinds: list[Any] = [model]
    for part in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    models = [m for kind in kinds for m in _models(kind)]
    return {field.alias or name for m in models for name, field in m.model_fields.items()}


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    """The types of what lies under one part of a path."""
    for model in _models(kind):
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
    for arm in _arms(kind):
        arguments = get_args(arm)
        if arguments and get_origin(arm) in (dict, Mapping):
            yield arguments[1]
        elif arguments and get_origin(arm) in (tuple, list):
            yield arguments[0]


def _models(kind: Any) -> list[type[BaseModel]]:
    return [arm for arm in _arms(kind) if isinstance(arm, type) and issubclass(arm, BaseModel)]


def _arms(kind: Any) -> list[Any]:
    """A union's members; anything else alone."""
    if get_origin(kind) in (None, dict, Mapping, tuple, list):
        return [kind]
    return [arm for argument in get_args(kind) for arm in _arms(argument)]

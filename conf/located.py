"""YAML that remembers where each key stood, and layers of it laid one over another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from conf.errors import ConfError, together
from conf.wording import without_echoes, worded

Path_ = tuple[str | int, ...]
Origin = tuple[str, int]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data with, for each key's path, the file and line it came from."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: Mapping[Path_, Origin] = field(default_factory=dict)

    def where(self, path: Path_) -> Origin:
        """File and line of `path`, or of the nearest parent that has one."""
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins.get(path, ("configuration", 0))

    def fault(self, path: Path_, problem: str, remedy: str = "") -> ConfError:
        """What is wrong at `path`, with its file, line and key."""
        return ConfError(*self.where(path), ".".join(map(str, path)), problem, remedy)

    def over(self, upper: Located) -> Located:
        """This with `upper` laid over it: mappings merge, everything else is replaced."""
        return Located(_merge(self.data, upper.data), {**self.origins, **upper.origins})

    def read(self, model: type[Model]) -> Model:
        """The frozen `model`; its errors become a ConfError that names file, line and key."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise self._explain(error, model) from None

    def _explain(self, error: ValidationError, model: type[BaseModel]) -> ConfError:
        told = [(tuple(one["loc"]), *worded(one, model)) for one in without_echoes(error.errors())]
        return together([self.fault(*one) for one in dict.fromkeys(told)])


def load(file: Path) -> Located:
    """One YAML file. Raises ConfError for a missing file, bad syntax, or anything but a mapping."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfError(str(file), None, "", "no such file", "check the path") from None
    except UnicodeDecodeError as error:
        raise ConfError(str(file), None, "", f"isn't UTF-8 ({error.reason})", "save it as UTF-8") from None
    try:
        raw = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        raise ConfError(
            str(file), line, "", str(error.problem or "bad YAML"), "mend the YAML syntax"
        ) from None
    if raw is None:
        return Located({}, {(): (str(file), 1)})
    if not isinstance(raw, CommentedMap):
        raise ConfError(str(file), 1, "", "must hold a mapping of keys", "write `key: value` lines")
    origins: dict[Path_, Origin] = {(): (str(file), 1)}
    return Located(_plain(raw, (), str(file), origins), origins)


def load_all(files: Iterable[Path]) -> Located:
    """Files laid one over another in the given order."""
    merged = Located()
    for file in files:
        merged = merged.over(load(file))
    return merged


def _plain(node: Any, path: Path_, file: str, origins: dict[Path_, Origin]) -> Any:
    if isinstance(node, CommentedMap):
        for key in node:
            origins[(*path, str(key))] = (
                file,
                node.lc.key(key)[0] + 1 if key in node.lc.data else node.lc.line + 1,
            )
        return {str(k): _plain(v, (*path, str(k)), file, origins) for k, v in node.items()}
    if isinstance(node, CommentedSeq):
        for i in range(len(node)):
            origins[(*path, i)] = (file, node.lc.item(i)[0] + 1)
        return [_plain(v, (*path, i), file, origins) for i, v in enumerate(node)]
    return node


def _merge(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged

"""`python -m jobs.docs --write` makes the generated pages; `--check` fails where one of them is stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from conf.bank import known_banks, open_bank
from jobs.docs import model, picture, sources
from jobs.registry import registry

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
USAGE: Final = "usage: python -m jobs.docs --check | --write"


def pages() -> dict[Path, bytes]:
    """Every generated file and its content."""
    every = registry().jobs
    made = {DOCS / "data-model.md": model.page(every).encode(), DOCS / "graph.svg": picture.svg(every)}
    for name in known_banks():
        made[DOCS / "sources" / f"{name}.md"] = sources.page(open_bank(name)).encode()
    return made


def stale() -> list[Path]:
    """The generated files that differ from what the schemas and contracts say now."""
    return [path for path, content in pages().items() if not path.is_file() or path.read_bytes() != content]


def write() -> None:
    """Make every generated file."""
    for path, content in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(arguments: list[str]) -> int:
    """Exit code: 0 fresh or written, 1 stale, 2 wrong usage."""
    if arguments == ["--write"]:
        write()
        return 0
    if arguments != ["--check"]:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    found = [path.relative_to(DOCS.parent).as_posix() for path in stale()]
    if found:
        sys.stderr.write(f"stale: {', '.join(found)}; run `python -m jobs.docs --write`\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

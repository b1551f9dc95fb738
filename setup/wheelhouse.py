"""`make wheelhouse`: all that an installation without a network takes, for this kind of machine.

Packages (for the Python and platform this runs on), the installer, what builds source packages, a Java
runtime and, in wheelhouse/jars, the Delta jars. docs/guides/install.md says how it's carried over and used.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setup.console import SetupError, say, start
from setup.installer import pip
from setup.jars import locked

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("uv", "build", "java", "onebook")


def main() -> int:
    """Fill wheelhouse/; packages that are there already aren't fetched again."""
    house = ROOT / "wheelhouse"
    (house / "jars").mkdir(parents=True, exist_ok=True)
    try:
        for name in LOCKS:
            gather(ROOT / "requirements" / f"{name}.txt", house)
    except SetupError as error:
        print(f"wheelhouse: {error}", file=sys.stderr)
        return 1
    for jar in locked(ROOT / "requirements" / "jars.txt"):
        shutil.copyfile(ROOT / ".jars" / jar.file, house / "jars" / jar.file)
    files = [file for file in house.rglob("*") if file.is_file()]
    say("wheelhouse", f"{len(files)} files, {sum(file.stat().st_size for file in files) / 2**20:,.0f} MiB")
    return 0


def gather(lock: Path, house: Path) -> None:
    """Download what one lock file names, held to its hashes."""
    say("wheelhouse", f"what {lock.name} names")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    start(
        [*pip(ROOT), "download", *options, "--dest", house, "--find-links", house, "--requirement", lock],
        cwd=ROOT,
        failure=f"not all of {lock.name} could be had; pip's message is above.",
    )


if __name__ == "__main__":
    sys.exit(main())

"""uv, the installer: the machine's own where it has one, else put into .uv/ by pip."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setup.console import SetupError, answer, base_python, say, start
from setup.sources import install_options

OLDEST = (0, 8, 0)  # of the options that we use, the youngest came with it

NO_PIP = """this Python ({python}) has neither pip nor venv, and there is no uv on PATH. Any one of them will do:
  Debian, Ubuntu:     sudo apt-get install python3-pip     (or python3-venv)
  RHEL and its kin:   sudo dnf install python3.11-pip
  or put uv on PATH."""


def find_or_install(root: Path) -> Path:
    """The uv to use.

    Raises:
        SetupError: there is none, and nothing to install it with.
    """
    ours = root / ".uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), ours):
        if candidate and (version := version_of(Path(candidate))) and version >= OLDEST:
            return Path(candidate)
    say("uv", "installing into .uv/")
    start(
        [*pip(root), "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target", root / ".uv",
         "--require-hashes", *install_options(), "--requirement", root / "requirements" / "uv.txt"],
        cwd=root,
        failure="pip could not install uv; its message is above.",
    )  # fmt: skip
    return ours


def version_of(uv: Path) -> tuple[int, ...] | None:
    """A uv's version; None where it doesn't run."""
    found = re.search(r"^uv (\d+)\.(\d+)\.(\d+)", answer([uv, "--version"]) or "")
    return tuple(int(part) for part in found.groups()) if found else None


def pip(root: Path) -> list[str]:
    """The command that runs pip: this Python's, or one in an environment made for the purpose."""
    if answer([base_python(), "-m", "pip", "--version"]):
        return [base_python(), "-m", "pip"]
    folder = root / ".uv" / "pip"
    if answer([base_python(), "-m", "venv", "--clear", folder]) is None:
        shutil.rmtree(folder, ignore_errors=True)
        raise SetupError(NO_PIP.format(python=base_python()))
    return [str(folder / "bin" / "python"), "-m", "pip"]

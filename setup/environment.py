"""The environment in .venv/: exactly what requirements/onebook.txt locks, and the `onebook` command."""

from __future__ import annotations

import sys
from pathlib import Path

from setup import installer, sources, stamp
from setup.console import answer, base_python, say, start

STAMP = Path(".venv") / ".onebook-environment"
COMMAND_STAMP = Path(".venv") / ".onebook-command"


def ensure(root: Path) -> None:
    """Bring the environment up to the lock; touches nothing, and no network, where it's there already."""
    inputs = stamp.fingerprint(
        root / "requirements" / "onebook.txt", root / "requirements" / "build.txt", str(root), base_python()
    )
    command_inputs = stamp.fingerprint(root / "pyproject.toml", inputs)
    current = runs(root) and stamp.is_current(root / STAMP, inputs)
    if current and stamp.is_current(root / COMMAND_STAMP, command_inputs):
        say("environment", "up to date")
        return
    uv, variables = installer.find_or_install(root), sources.uv_environment(root)
    if not current:
        (root / COMMAND_STAMP).unlink(missing_ok=True)
        install_packages(root, uv, variables)
        stamp.leave(root / STAMP, inputs)
    install_command(root, uv, variables)
    stamp.leave(root / COMMAND_STAMP, command_inputs)


def runs(root: Path) -> bool:
    """Whether .venv/ holds a working Python of the version that runs us, made for this very folder."""
    python = root / ".venv" / "bin" / "python"
    said = answer([python, "-c", "import sys; print(sys.prefix, *sys.version_info[:2])"])
    return (
        said is not None and said.strip() == f"{root / '.venv'} {sys.version_info[0]} {sys.version_info[1]}"
    )


def install_packages(root: Path, uv: Path, variables: dict[str, str]) -> None:
    """Make .venv/ hold what is locked and nothing else."""
    say("environment", "installing the locked packages into .venv/ (minutes the first time)")
    if not runs(root):
        start(
            [
                uv,
                "venv",
                "--quiet",
                "--clear",
                "--no-python-downloads",
                "--python",
                base_python(),
                root / ".venv",
            ],
            cwd=root,
            environment=variables,
            failure="uv could not make .venv/; its message is above.",
        )
    start(
        [uv, "pip", "sync", "--quiet", "--python", root / ".venv" / "bin" / "python", "--require-hashes",
         "--build-constraints", root / "requirements" / "build.txt", *sources.install_options(),
         root / "requirements" / "onebook.txt"],
        cwd=root,
        environment=variables,
        failure="uv could not install requirements/onebook.txt; its message is above. Behind a mirror, see "
        "docs/guides/install.md.",
    )  # fmt: skip


def install_command(root: Path, uv: Path, variables: dict[str, str]) -> None:
    """Put the clone itself on the environment's path, with the `onebook` command; no network."""
    say("onebook", "installing the command .venv/bin/onebook")
    start(
        [uv, "pip", "install", "--quiet", "--offline", "--python", root / ".venv" / "bin" / "python",
         "--no-build-isolation", "--no-deps", "--editable", root],
        cwd=root,
        environment=variables,
        failure="uv could not install the onebook command; its message is above.",
    )  # fmt: skip

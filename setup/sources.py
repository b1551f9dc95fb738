"""Where packages come from: the machine's own index, or a wheelhouse folder where there is no network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from setup.console import SetupError, answer, base_python

# uv doesn't read pip's configuration, which is what a bank's machines are given: hand it over.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def wheelhouse() -> Path | None:
    """The folder of WHEELHOUSE, from which everything is installed without a network; None where unset."""
    return folder_from("WHEELHOUSE")


def folder_from(variable: str) -> Path | None:
    """The folder that an environment variable names; None where it's unset or empty."""
    named = os.environ.get(variable)
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    if not folder.is_dir():
        message = f"{variable}={named} is no folder."
        raise SetupError(message)
    return folder


def install_options() -> list[str]:
    """Options that both pip and uv understand: none, or those that keep them within the wheelhouse."""
    house = wheelhouse()
    return ["--no-index", "--find-links", str(house)] if house else []


def uv_environment(root: Path) -> dict[str, str]:
    """Variables for uv: pip's settings where uv has none of its own, and a cache that can be written."""
    settings = {} if wheelhouse() else from_pip(pip_settings(), os.environ)
    if "UV_CACHE_DIR" not in os.environ and not is_writable(user_cache() / "uv"):
        settings["UV_CACHE_DIR"] = str(root / ".cache" / "uv")
    return settings


def pip_settings() -> dict[str, str]:
    """Pip's settings by option name, whether from its files or from PIP_ variables; empty without pip."""
    listing = answer([base_python(), "-m", "pip", "config", "list"]) or ""
    settings = {}
    for line in listing.splitlines():
        key, separator, value = line.partition("=")
        section, _, option = key.partition(".")
        if separator and section in {"global", "install", ":env:"}:
            settings[option.strip(".")] = value.strip("'\"")
    return settings


def from_pip(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The uv variables that say what pip's settings say; what the environment sets already stands."""
    return {
        variable: " ".join(pip[option].split())
        for option, variable in PIP_TO_UV.items()
        if pip.get(option) and variable not in environment
    }


def user_cache() -> Path:
    """The user's cache folder, as the XDG convention has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is created where it's missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False

"""The Delta jars in .jars/: fetched once, held to the checksums of requirements/jars.txt.

They are fetched by the Ivy that comes with Spark, from where Ivy's settings say (IVY_SETTINGS names a
bank's own), or copied from the folder JARS_FROM.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from setup import stamp, trust
from setup.console import SetupError, say, start
from setup.sources import folder_from


@dataclass(frozen=True)
class Jar:
    """One line of requirements/jars.txt."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The archive's file name."""
        return f"{self.name}-{self.version}.jar"


def locked(lock: Path) -> list[Jar]:
    """The jars that a lock file names."""
    jars = []
    for line in lock.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, name, version = coordinates.split(":")
            jars.append(Jar(group, name, version, sha256))
    return jars


def ensure(root: Path, java_home: Path) -> None:
    """Make .jars/ hold the locked jars and no other, each with the right checksum.

    Raises:
        SetupError: a jar can't be had, or isn't the one that was locked.
    """
    folder, jars = root / ".jars", locked(root / "requirements" / "jars.txt")
    folder.mkdir(exist_ok=True)
    for stale in set(folder.glob("*.jar")) - {folder / jar.file for jar in jars}:
        stale.unlink()  # two versions of Delta on one class path fail in ways that nobody understands
    missing = [jar for jar in jars if stamp.file_sha256(folder / jar.file) != jar.sha256]
    for jar in missing:
        say("jars", jar.file)
        arrived = bring(jar, root, java_home)
        if stamp.file_sha256(arrived) != jar.sha256:
            raise SetupError(
                f"{jar.file} isn't the file that requirements/jars.txt locks: its sha256 differs."
            )
        arrived.replace(folder / jar.file)
    if not missing:
        say("jars", "up to date")


def bring(jar: Jar, root: Path, java_home: Path) -> Path:
    """Put one jar into a waiting folder, unchecked, and say where."""
    waiting = root / ".cache" / "jars"
    waiting.mkdir(parents=True, exist_ok=True)
    source = folder_from("JARS_FROM")
    if source is None:
        fetch(jar, waiting, root, java_home)
    elif (source / jar.file).is_file():
        shutil.copyfile(source / jar.file, waiting / jar.file)
    else:
        raise SetupError(f"{source} (JARS_FROM) has no {jar.file}.")
    return waiting / jar.file


def fetch(jar: Jar, waiting: Path, root: Path, java_home: Path) -> None:
    """Have Spark's Ivy fetch one jar from where its settings, or those of IVY_SETTINGS, say."""
    cache, settings = root / ".cache" / "ivy", os.environ.get("IVY_SETTINGS")
    java: list[str | Path] = [java_home / "bin" / "java", f"-Divy.default.ivy.user.dir={cache}"]
    java += [*trust_options(root, java_home), *proxy_options(), "-jar", ivy(root), "-warn", "-cache", cache]
    wanted: list[str | Path] = ["-settings", settings] if settings else []
    wanted += ["-notransitive", "-types", "jar", "-dependency", jar.group, jar.name, jar.version]
    start(
        [*java, *wanted, "-retrieve", waiting / "[artifact]-[revision].[ext]"],
        cwd=root,
        failure=f"{jar.file} could not be fetched; Ivy's message is above. Behind a mirror set IVY_SETTINGS, "
        "without a network JARS_FROM: see docs/guides/install.md.",
    )


def ivy(root: Path) -> Path:
    """The Ivy archive that pyspark brings along."""
    found = sorted((root / ".venv" / "lib").glob("python3.*/site-packages/pyspark/jars/ivy-2*.jar"))
    if not found:
        raise SetupError("pyspark in .venv/ has no Ivy; set JARS_FROM to a folder that holds the Delta jars.")
    return found[-1]


def trust_options(root: Path, java_home: Path) -> list[str]:
    """Java's options to trust what the machine trusts; none for the machine's own Java, which knows."""
    bundle = trust.bundle_of_the_machine()
    if bundle is None or java_home != root / ".java":
        return []
    store = root / ".cache" / "trust.p12"
    start(
        [root / ".venv" / "bin" / "python", "-m", "setup.trust", bundle, store],
        cwd=root,
        failure=f"the certificates of {bundle} could not be read.",
    )
    return trust.java_options(store)


def proxy_options() -> list[str]:
    """Java's options for the proxy that https_proxy names; none where it names none."""
    parts = urlsplit(os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY") or "")
    if not parts.hostname:
        return []
    return [f"-Dhttps.proxyHost={parts.hostname}", f"-Dhttps.proxyPort={parts.port or 3128}"]

"""Makes a Great Expectations site readable without a network: GX's templates load their styles from elsewhere.

Bootstrap and jQuery come out of Spark's own jar, whose web pages use them; the index table, for which GX loads
bootstrap-table, is drawn by the few lines of offline.js, and the marks by offline.css. What would be fetched
from outside is taken out.
"""

from __future__ import annotations

import re
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Final

STATIC: Final = "org/apache/spark/ui/static/"
# Order matters: jQuery before what uses it.
BUNDLED: Final = ("bootstrap.min.css", "jquery-3.5.1.min.js", "bootstrap.bundle.min.js")
OWN: Final = ("offline.css", "offline.js")
FOLDER: Final = "static/offline"
_EXTERNAL: Final = re.compile(
    r"<link\b[^>]*href=\"https?://[^>]*>|<script\b[^>]*src=\"https?://[^>]*>\s*</script>"
    r"|url\('https?://[^)]*\)"
    r"|<img\b[^>]*src=\"https?://[^>]*>|<footer\b.*?</footer>",
    re.DOTALL,
)


def make_self_contained(site: Path) -> None:
    """Rewrite the HTML pages below `site` so that a browser opens them from disk and asks no server."""
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    names = [*_unpack(folder), *OWN]
    for name in OWN:
        (folder / name).write_text(files("expectations").joinpath(name).read_text("utf-8"), "utf-8")
    for page in site.rglob("*.html"):
        up = "../" * (len(page.relative_to(site).parts) - 1)
        ours = "".join(_tag(f"{up}{FOLDER}/{name}") for name in names)
        text = _EXTERNAL.sub("", page.read_text("utf-8"))
        page.write_text(text.replace("<head>", f"<head>{ours}", 1), "utf-8")


def _unpack(folder: Path) -> list[str]:
    """Names of the files taken from Spark's jar; another Spark may lack one, then the page is merely plain."""
    found: list[str] = []
    for jar in Path(str(files("pyspark"))).joinpath("jars").glob("spark-core_*.jar"):
        with zipfile.ZipFile(jar) as archive:
            held = set(archive.namelist())
            for name in BUNDLED:
                if STATIC + name in held:
                    (folder / name).write_bytes(archive.read(STATIC + name))
                    found.append(name)
    return found


def _tag(href: str) -> str:
    if href.endswith(".css"):
        return f'<link rel="stylesheet" href="{href}">'
    return f'<script src="{href}"></script>'

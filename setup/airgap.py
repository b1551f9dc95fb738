"""`make airgap`: a small bank is made and run with the network cut off, so the jars folder alone must do.

The run starts in a network namespace that holds nothing but the loopback interface (Linux, where the
kernel lets users make one). Elsewhere every proxy is set to a closed port, and the report says so.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from setup.console import SetupError, answer, say

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "--cut-off"
OUTSIDE_WORLD = ("192.0.2.1", 443)  # RFC 5737: an address that belongs to nobody
DEAD_PROXY = "http://127.0.0.1:9"  # RFC 863's discard port, closed on any machine of today
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1  # ioctls of Linux' netdevice(7)


def main() -> int:
    """Cut the network off, run, and tell what was shown."""
    try:
        if INSIDE not in sys.argv:
            return enter()
        prove_cut()
        run()
    except SetupError as error:
        print(f"airgap: {error}", file=sys.stderr)
        return 1
    return 0


def enter() -> int:
    """Start this module again where there is no network."""
    again = [sys.executable, "-m", "setup.airgap", INSIDE]
    variables = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), DEAD_PROXY)
    if shutil.which("unshare") and answer(["unshare", "--map-root-user", "--net", "true"]) is not None:
        again = ["unshare", "--map-root-user", "--net", *again]
    else:
        variables["ONEBOOK_AIRGAP"] = "proxies"
        say("network", "this system allows no network namespace: proxies point at a closed port instead")
    return subprocess.run(again, cwd=ROOT, env=os.environ | variables, check=False).returncode


def prove_cut() -> None:
    """Bring the loopback interface up, which Spark talks to itself by, and see that nothing else is there."""
    if os.environ.get("ONEBOOK_AIRGAP") == "proxies":
        return
    raise_loopback()
    with socket.socket() as probe:
        probe.settimeout(5)
        if probe.connect_ex(OUTSIDE_WORLD) == 0 or len(socket.if_nameindex()) != 1:
            raise SetupError("the network isn't cut off; nothing would be shown")
    say("network", "cut off: the loopback interface is the only one")


def raise_loopback() -> None:
    """Set the interface `lo` up; a new network namespace has it down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = fcntl.ioctl(control, GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1]
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))


def run() -> None:
    """Make a bank of a thousand customers and run a day of it, with an empty Ivy folder that stays empty."""
    with tempfile.TemporaryDirectory(prefix="onebook-airgap-") as folder:
        extracts, lake, ivy = (Path(folder) / name for name in ("extracts", "lake", "ivy"))
        variables = os.environ | {"JAVA_TOOL_OPTIONS": f"-Dspark.jars.ivy={ivy}"}
        made = [
            "demo",
            "--customers",
            "1000",
            "--from",
            "2025-11-01",
            "--to",
            "2025-12-31",
            "--out",
            extracts,
        ]
        book: list[str | Path] = [
            "run",
            "--bank",
            "demo",
            "--extracts",
            extracts,
            "--lake",
            lake,
            "--as-of",
            "2025-12-31",
        ]
        for arguments in (made, book):
            subprocess.run(
                [ROOT / ".venv" / "bin" / "onebook", *arguments], cwd=ROOT, env=variables, check=True
            )
        if ivy.exists():
            raise SetupError("Spark went to Ivy for packages, although .jars/ holds what it needs")
    say("run", "the whole graph ran without a network and without Ivy")


if __name__ == "__main__":
    sys.exit(main())

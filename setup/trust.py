"""`python -m setup.trust BUNDLE STORE`: a Java trust store of the certificates that this machine trusts.

The Java from the wheel knows only the public authorities; where a bank's proxy signs with its own, the
machine's bundle has that one too. Started in .venv/, for its cryptography.
"""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

PASSWORD = "changeit"  # noqa: S105 - what every Java calls its store of public certificates

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # RHEL and its kin
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS
)


def bundle_of_the_machine() -> Path | None:
    """The file of certificates that the machine trusts; SSL_CERT_FILE goes first."""
    candidates = [os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *BUNDLES]
    return next((Path(name) for name in candidates if name and Path(name).is_file()), None)


def java_options(store: Path) -> list[str]:
    """What tells a Java to trust the certificates of a store that `write_store` wrote."""
    return [
        f"-Djavax.net.ssl.trustStore={store}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
    ]


def write_store(bundle: Path, store: Path) -> None:
    """Write the certificates of a PEM bundle as a trust store."""
    from cryptography import x509  # noqa: PLC0415 - installed by the set-up that imports this module
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12  # noqa: PLC0415

    found = x509.load_pem_x509_certificates(bundle.read_bytes())
    named = [pkcs12.PKCS12Certificate(one, f"ca-{number}".encode()) for number, one in enumerate(found)]
    store.write_bytes(pkcs12.serialize_java_truststore(named, BestAvailableEncryption(PASSWORD.encode())))


if __name__ == "__main__":
    write_store(Path(sys.argv[1]), Path(sys.argv[2]))

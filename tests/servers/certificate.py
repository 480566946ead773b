"""A certificate that a test's own server proves its name with, made by `openssl`."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

__all__ = ["certified"]


def certified(directory: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """What a server encrypts with, and its certificate, for clients to trust.

    Args:
        directory: Where the files are made.
        name: What is certified, as `DNS:bucket.example` or `IP:127.0.0.1`.
    """
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test's server, and is not installed")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={name}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate

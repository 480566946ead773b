"""T7: a cassette refers to files of its own folder, and to nothing else on the machine."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from projects import Project
from threats.threat_cassettes import document, header, question

NEEDLE = b"needle-of-a-private-file\n" * 4
SIZE = len(NEEDLE)
DIGEST = hashlib.sha256(NEEDLE).hexdigest()
NAME = f"{DIGEST[:16]}.bin"

NAMES = [
    *("../secret.bin", "../../secret.bin", "./../secret.bin", "sub/../../secret.bin"),
    *("..", ".", "", "/", "//", "~", "~/secret.bin", "$HOME/secret.bin", "secret.bin"),
    *("/etc/passwd", "//etc/passwd", "/proc/self/environ", "/dev/stdin", "/dev/zero"),
    *("file:///etc/passwd", "https://evil.example/x.bin", "\\\\evil\\share\\x.bin", "C:\\x.bin"),
    *(f"../{NAME}", f"./{NAME}", f"/{NAME}", f"{NAME}/", f"{NAME}\n", f" {NAME}", f"{NAME}.gz"),
    *(NAME.upper(), NAME.replace(".", "\u2024"), f"{NAME[:16]}", f"{NAME}\0", "%2e%2e/secret.bin"),
]


def hostile(project: Project, name: str) -> Path:
    """A cassette whose request refers to this name, with the needle one folder above."""
    reference: dict[str, Any] = {"$file": name, "as": "base64", "size": SIZE, "sha256": DIGEST}
    path = project.cassette()
    body = question() | {"extra": reference}
    project.write(str(path.relative_to(project.path)), header() + document(body=body))
    for place in (path.parent, path.parent.parent, project.path):
        (place / "secret.bin").write_bytes(NEEDLE)
        (place / NAME).write_bytes(NEEDLE)
    folder = path.with_suffix(".files")
    folder.mkdir(exist_ok=True)
    return folder


def refused(project: Project) -> None:
    """Replayed and played, the cassette is damaged: no request, no needle, no traceback."""
    sent = project.replay("--llm-model", "same")
    assert 0 != sent.ret
    project.tests("@pytest.mark.llm_cassette\ndef test_it():\n    chat('Say hello')\n")
    printed = sent.stdout.str() + project.run("tests").stdout.str()
    assert [] == project.server.seen
    assert "needle" not in printed
    assert base64.b64encode(NEEDLE).decode()[:20] not in printed
    assert "test_it.yaml:" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("name", NAMES)
def test_no_other_name_is_read(project: Project, name: str) -> None:
    """Absolute, relative, with dots, with links of other systems: refused as no name at all."""
    hostile(project, name)
    refused(project)


@pytest.mark.parametrize("kind", ["link", "hard to open", "device", "folder", "folder link"])
def test_no_other_kind_of_file_is_read(project: Project, kind: str) -> None:
    """A link, a pipe, a device and a folder under the right name are no files of a cassette."""
    folder = hostile(project, NAME)
    if kind == "link":
        (folder / NAME).symlink_to(project.path / "secret.bin")
    elif kind == "hard to open":
        os.mkfifo(folder / NAME)
    elif kind == "device":
        (folder / NAME).symlink_to("/dev/zero")
    elif kind == "folder":
        (folder / NAME).mkdir()
    else:
        folder.rmdir()
        folder.symlink_to(project.path)
    refused(project)

"""Ways out of a project that the name of a file may try, and files at their ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

__all__ = ["NEEDLE", "OUTSIDE", "lead_out"]

NEEDLE = "hunter2-needle"
"""Stands in a file beside the project."""

OUTSIDE = [
    "../secret.json",
    "files/../../secret.json",
    "./../secret.json",
    "files/./.././../secret.json",
    "{tmp}/secret.json",
    "link.json",
    "linked/secret.json",
    "files/up/secret.json",
    "round.json",
    "/proc/self/environ",
    "/proc/self/root{tmp}/secret.json",
    "/etc/passwd",
    "//etc/passwd",
    "/dev/zero",
    "/dev/stdin",
    "fifo",
    "files",
    ".",
    "..",
    "/",
    "~/secret.json",
    "$HOME/secret.json",
    "file://{tmp}/secret.json",
    "\\\\server\\share\\secret.json",
    "C:\\secret.json",
    "..\\secret.json",
    "%2e%2e/secret.json",
    "files/x\x00../../secret.json",
    "large.json",
    " ",
]
"""Names of files; `{tmp}` is the folder beside which the project is."""


def lead_out(project: Path) -> Path:
    """Lay links, odd files and a secret into a project and beside it; the folder around it."""
    outside = project.parent
    (project / "files").mkdir(exist_ok=True)
    (outside / "secret.json").write_text(json.dumps({"title": NEEDLE}), encoding="utf-8")
    (project / "link.json").symlink_to(outside / "secret.json")
    (project / "round.json").symlink_to(project / "round.json")
    (project / "linked").symlink_to(outside)
    (project / "files" / "up").symlink_to("../..")
    (project / "large.json").write_bytes(b"[" + b" " * 1024 * 1024 + b"]")
    os.mkfifo(project / "fifo")
    return outside

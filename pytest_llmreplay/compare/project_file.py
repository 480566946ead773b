"""A small text file of the project, named in a data file; nothing from outside is ever read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["FileRefused", "project_text"]

_LARGEST = 1024 * 1024
"""Bytes."""


class FileRefused(ValueError):
    """The file is not taken; says why, without a word of what is in it."""


def project_text(name: str, project: Path) -> str:
    """The file's words; links are followed first, and never out of the project.

    Args:
        name: Path relative to the project.
        project: Directory of the project.

    Raises:
        FileRefused: It leaves the project, is no regular file, is too large, or no UTF-8.
    """
    try:
        return _text(name, project)
    except FileRefused:
        raise
    except FileNotFoundError:
        raise FileRefused("does not exist") from None
    except UnicodeDecodeError:
        raise FileRefused("is no UTF-8 text") from None
    except (OSError, ValueError, RuntimeError):
        raise FileRefused("cannot be read") from None


def _text(name: str, project: Path) -> str:
    root = project.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise FileRefused("is outside the project")
    # What waits for a writer, as a FIFO does, is opened without waiting and then refused.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise FileRefused("is no regular file")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise FileRefused("is larger than 1 MB")
    return content.decode("utf-8-sig")

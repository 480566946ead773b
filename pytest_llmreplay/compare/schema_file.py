"""A JSON Schema in a file of the project."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from pytest_llmreplay.event import Json

from .syntax import BadSpec

__all__ = ["read_schema"]

_LARGEST = 1024 * 1024
"""Bytes."""


def read_schema(name: str, project: Path) -> Json:
    """Read a schema; a cassette names it, so it never comes from outside the project.

    Args:
        name: Path relative to the project.
        project: Directory of the project.

    Raises:
        BadSpec: It leaves the project, is no regular file, is too large, or no schema.
    """
    try:
        text = _text(name, project)
        schema = json.loads(text)
    except (OSError, ValueError, RuntimeError) as error:
        raise BadSpec(f"the schema file {_why(error)}") from None
    if not isinstance(schema, dict | bool):
        raise BadSpec("the schema file holds no JSON object")
    return schema


def _text(name: str, project: Path) -> str:
    """The file's words; links are followed first, and never out of the project.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is not what it has to be.
    """
    root = project.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise _Refused("is outside the project")
    # What waits for a writer, as a FIFO does, is opened without waiting and then refused.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise _Refused("is no regular file")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise _Refused("is larger than 1 MB")
    return content.decode("utf-8")


class _Refused(ValueError):
    """The file is not taken."""


def _why(error: OSError | ValueError | RuntimeError) -> str:
    """Why it is not taken, without a word of what is in it."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg} in line {error.lineno}"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return "cannot be read"

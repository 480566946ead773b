"""A JSON Schema in a file of the project."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_llmreplay.compare.project_file import FileRefused, project_text
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Json

__all__ = ["read_schema"]


def read_schema(name: str, project: Path) -> Json:
    """Read a schema; a cassette names it, so it never comes from outside the project.

    Args:
        name: Path relative to the project.
        project: Directory of the project.

    Raises:
        BadSpec: It leaves the project, is no regular file, is too large, or no schema.
    """
    try:
        schema = json.loads(project_text(name, project))
    except (ValueError, RecursionError) as error:
        raise BadSpec(f"the schema file {_why(error)}") from None
    if not isinstance(schema, dict | bool):
        raise BadSpec("the schema file holds no JSON object")
    return schema


def _why(error: ValueError | RecursionError) -> str:
    """Why a file is not taken, without a word of what is in it."""
    if isinstance(error, FileRefused):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg} in line {error.lineno}"
    return "cannot be read"

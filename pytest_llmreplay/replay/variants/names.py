"""What variants may be called: their names stand in node ids."""

from __future__ import annotations

import re

from pytest_llmreplay.cassette.yaml_text.fields import Path, WrongField

__all__ = ["PLAIN", "check_name"]

PLAIN = "none"
"""The requests as they were recorded, among the variants of a run."""

_NAME = re.compile(r"\w[\w.+-]*")


def check_name(name: str, path: Path) -> str:
    """The name, if it is one.

    Raises:
        WrongField: Node ids could not hold it, or it means something else.
    """
    if _NAME.fullmatch(name) is None:
        raise WrongField(path, f"{name!r} is no name; it is letters, digits and any of . + - _")
    if name == PLAIN:
        raise WrongField(path, f"{PLAIN!r} stands for the requests as recorded")
    return name

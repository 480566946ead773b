"""What an answer is graded by: files beside the config file, or a rubric of our own."""

from __future__ import annotations

from pathlib import Path

from pytest_llmreplay.compare.project_file import FileRefused, project_text
from pytest_llmreplay.errors import ConfigError

__all__ = ["DEFAULT_RUBRIC", "read_rubric"]

DEFAULT_RUBRIC = """\
Does the answer serve the request as well as a good answer would?
* 1.0: correct, complete, does what was asked in the form that was asked for.
* 0.7: serves the purpose, with small flaws.
* 0.4: partly wrong or incomplete; its reader would have to ask again.
* 0.0: wrong, empty, off the point, or it refuses what it could do.
Length, style and politeness count only where the request asks for them."""


def read_rubric(root: Path, name: str) -> str:
    """The text of a rubric.

    Args:
        root: Folder of the config file that names it.
        name: Path from there.

    Raises:
        ConfigError: It is no readable file of words in that folder.
    """
    try:
        text = project_text(name, root).strip()
    except FileRefused as refused:
        raise ConfigError(f"rubric {name!r}: {refused}, looked for in {root}") from None
    if not text:
        raise ConfigError(
            f"rubric {name!r}: is empty; write into it what a good answer is, or leave it out, "
            "and answers are graded by a rubric of our own"
        )
    return text

"""Prints lines as wide as the terminal is, in the characters that it knows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import IO

from pytest_llmreplay.report.text.sanitise import for_encoding

__all__ = ["print_lines"]


def print_lines(lines: Callable[[int], Sequence[str]], file: IO[str] | None) -> None:
    """Print lines in the width of the terminal and the encoding of the file.

    Args:
        lines: Makes them for a width in columns.
        file: Where to; by default the screen.
    """
    out = file or sys.stdout
    text = "\n".join(lines(shutil.get_terminal_size().columns))
    print(for_encoding(text, getattr(out, "encoding", None) or "utf-8"), file=out)

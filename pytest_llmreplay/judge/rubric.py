"""What an answer is graded by: files beside the config file, or a rubric of our own."""

from __future__ import annotations

from pathlib import Path

from pytest_llmreplay.errors import ConfigError

__all__ = ["DEFAULT_RUBRIC", "read_rubric"]

DEFAULT_RUBRIC = """\
Does the answer serve the request as well as a good answer would?
* 1.0: correct, complete, does what was asked in the form that was asked for.
* 0.7: serves the purpose, with small flaws.
* 0.4: partly wrong or incomplete; its reader would have to ask again.
* 0.0: wrong, empty, off the point, or it refuses what it could do.
Length, style and politeness count only where the request asks for them."""

_MOST = 1 << 20
"""Bytes of a rubric."""


def read_rubric(root: Path, name: str) -> str:
    """The text of a rubric.

    Args:
        root: Folder of the config file that names it.
        name: Path from there.

    Raises:
        ConfigError: It is no readable file of at most 1 MB inside that folder.
    """
    path = root / name
    try:
        real = path.resolve()
        if not real.is_relative_to(root.resolve()):
            raise ConfigError(f"rubric {name!r} leads out of {root}")
        if not real.is_file():
            raise ConfigError(f"rubric {name!r}: there is no such file in {root}")
        data = real.read_bytes() if real.stat().st_size <= _MOST else None
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"rubric {name!r}: cannot be read: {error}") from None
    if data is None:
        raise ConfigError(f"rubric {name!r}: more than 1 MB")
    return _text(data, name)


def _text(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigError(f"rubric {name!r}: is no UTF-8 text") from None
    if not text:
        raise ConfigError(f"rubric {name!r}: is empty")
    return text

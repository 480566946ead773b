"""Headers of httpx and httpx2 as plain texts with lower-case names."""

from __future__ import annotations

import functools
from typing import Final

__all__ = ["decoded"]

_LINES: Final = b"\n"
"""Between headers, of which none holds a line feed."""


def decoded(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """All headers, decoded at one go, as no call of an SDK is without twenty of them."""
    if raw:
        names, values = zip(*raw, strict=True)
        texts = _LINES.join(values).decode("latin-1").split("\n")
        headers = dict(zip(_lower(names), texts, strict=False))
        if len(headers) == len(texts) == len(raw):
            return headers
    return _joined(raw)


@functools.lru_cache(maxsize=256)  # every call of an SDK has the same ones
def _lower(names: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(name.decode("latin-1").lower() for name in names)


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers of which some were sent more than once."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers

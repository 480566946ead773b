"""Headers of httpx and httpx2 as plain texts with lower-case names."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["ReadHeaders", "decoded"]

_LINES: Final = b"\n"
"""Between headers, of which none holds a line feed."""


class ReadHeaders(Mapping[str, str]):
    """Headers of a request, decoded when somebody looks: playback mostly does not."""

    __slots__ = ("_decoded", "_headers")

    def __init__(self, headers: Any) -> None:
        self._headers = headers
        self._decoded: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._decoded is None:
            self._decoded = decoded(self._headers.raw)
        return self._decoded

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def decoded(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """All headers, decoded at one go, as no call of an SDK is without twenty of them."""
    names = _names(_LINES.join([name for name, _ in raw]))
    values = _LINES.join([value for _, value in raw]).decode("latin-1").split("\n")
    if len(names) == len(values) == len(raw):
        headers = dict(zip(names, values, strict=True))
        if len(headers) == len(raw):
            return headers
    return _joined(raw)


@functools.lru_cache(maxsize=256)  # every call of an SDK has the same ones
def _names(lines: bytes) -> tuple[str, ...]:
    return tuple(lines.decode("latin-1").lower().split("\n"))


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers of which some were sent more than once."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers

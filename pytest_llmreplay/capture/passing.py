"""The tape that has no say: every call goes where it always went."""

from __future__ import annotations

from typing import ClassVar

from .tape import RawRequest

__all__ = ["LetPass"]


class LetPass:
    """Open while what runs has no cassette, where another tape would be asked otherwise."""

    offline: ClassVar = False
    lets_pass: ClassVar = True

    def route(self, request: RawRequest) -> None:  # noqa: ARG002 - every call is let through
        """Leave the call alone."""
        return

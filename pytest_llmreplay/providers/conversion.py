"""From the format of a recording to the format of its target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, cast, get_args

from pytest_llmreplay.event import Exchange, Request

from .answers import request_body
from .api import ApiFormat, Dialect, EncodedRequest, RequestEncoder
from .losses import gravity_of

__all__ = ["LossPolicy", "OnLoss", "can_be_written", "convert", "encode"]

OnLoss: TypeAlias = Literal["fail", "warn", "ignore"]
"""What a lost code does to its event: it is not sent, it is sent and told, it is sent."""


def convert(
    exchange: Exchange, source: ApiFormat, target: ApiFormat, dialect: Dialect
) -> EncodedRequest | None:
    """The body that asks in one format what was asked in another.

    Within one format it is the recorded body, untouched. `None` where requests cannot be
    written in the target's format.
    """
    if source.name == target.name:
        return EncodedRequest(body=request_body(exchange))
    return encode(source.request(exchange), target, dialect)


def encode(request: Request, target: ApiFormat, dialect: Dialect) -> EncodedRequest | None:
    """The body that asks for this; `None` where requests cannot be written in the format."""
    writer = _writer(target)
    return None if writer is None else writer.encode_request(request, dialect)


def can_be_written(spoken: ApiFormat) -> bool:
    """Whether requests of other formats can be converted into this one."""
    return _writer(spoken) is not None


class LossPolicy:
    """Which losses stop an event, and which are told.

    Args:
        lines: `fail`, `warn` or `ignore` for all codes, and `CODE=WORD` for one code or family;
            the longest code that fits counts.

    Raises:
        ValueError: A line is neither; the message says which.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._all: OnLoss | None = None
        self._codes: dict[str, OnLoss] = {}
        for line in filter(None, (text.strip() for text in lines)):
            code, equals, word = (text.strip() for text in line.rpartition("="))
            if word not in get_args(OnLoss) or (equals and not code):
                raise ValueError(
                    f"{line!r} is none of {', '.join(get_args(OnLoss))} or CODE=WORD, as in "
                    "seed=ignore"
                )
            if equals:
                self._codes[code] = cast("OnLoss", word)
            else:
                self._all = cast("OnLoss", word)

    def of(self, code: str) -> OnLoss | Literal["error"] | None:
        """What a code does; none for what is added or only changed."""
        gravity = gravity_of(code)
        if gravity is None or gravity == "error":
            return gravity
        families = (code[:end] for end in _ends(code))
        named = next((self._codes[name] for name in families if name in self._codes), None)
        return named or self._all or gravity

    def refused(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that stop an event."""
        return tuple(code for code in codes if self.of(code) in {"fail", "error"})

    def reported(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that are told, though the event is sent."""
        return tuple(code for code in codes if self.of(code) == "warn")


def _writer(spoken: ApiFormat) -> RequestEncoder | None:
    found = getattr(spoken, "encode_request", None)
    return cast("RequestEncoder", spoken) if callable(found) else None


def _ends(code: str) -> list[int]:
    """Where a code and the families above it end, the longest first."""
    return [len(code), *(place for place in reversed(range(len(code))) if code[place] == ".")]

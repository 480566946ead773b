"""How a call ended, told by the error that ended it, whichever library raised that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from pytest_llmreplay.event import Ended

from .tape import FailureKind

__all__ = ["closing", "ended_by", "failure_kind", "words_of"]

_CONNECT: Final = frozenset(
    {
        "ClientConnectorError",
        "ConnectError",
        "ConnectionRefusedError",
        "NewConnectionError",
        "ProxyError",
        "SSLError",
        "ServerNotFoundError",
        "UnsupportedProtocol",
        "gaierror",
    }
)
_CUT: Final = frozenset(
    {
        "ClientOSError",
        "ClientPayloadError",
        "ConnectionAbortedError",
        "ConnectionResetError",
        "BrokenPipeError",
        "HTTPException",
        "IncompleteRead",
        "ProtocolError",
        "ReadError",
        "ServerDisconnectedError",
        "StreamClosedError",
        "WriteError",
    }
)
_TIMEOUT: Final = frozenset(
    {"HTTPTimeoutError", "ReadTimeout", "Timeout", "TimeoutError", "TimeoutException"}
)
_CANCELLED: Final = frozenset({"CancelledError", "Cancelled", "KeyboardInterrupt", "SystemExit"})


def failure_kind(error: BaseException) -> FailureKind:
    """Why a call that raised `error` got no answer, told by the names libraries use."""
    if _names(error) & _CANCELLED:
        return "cancelled"
    if any(_names(one) & _CONNECT for one in _chain(error)):
        return "connect"
    names = frozenset(map(_nearest, _chain(error)))
    return "timeout" if names & _TIMEOUT and not names & _CUT else "cut"


def words_of(error: BaseException) -> str:
    """What an error says, else its name.

    Where a head broke off, aiohttp has all headers that came in the place of words.
    """
    has_message = isinstance(getattr(error, "message", ""), str)
    return (has_message and str(error)) or type(error).__name__


def ended_by(error: BaseException) -> Ended:
    """How a stream ended whose reading raised `error`."""
    if isinstance(error, GeneratorExit):
        return closing()
    kind = failure_kind(error)
    return "cut" if kind == "connect" else kind


def closing() -> Ended:
    """How a stream ended that is being closed now: cancelled, or left by its reader."""
    error = sys.exception()
    while isinstance(error, GeneratorExit):
        error = error.__context__
    return "cancelled" if error is not None and _names(error) & _CANCELLED else "left"


def _names(error: BaseException) -> frozenset[str]:
    return frozenset(cls.__name__ for cls in type(error).__mro__)


def _nearest(error: BaseException) -> str:
    """The first name that tells: of lm15, a `ReadTimeout` is a `ReadError`, too."""
    names = (cls.__name__ for cls in type(error).__mro__)
    return next((name for name in names if name in _TIMEOUT | _CUT), "")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those it says it came from; urllib3 and urllib keep them in attributes."""
    seen: set[int] = set()
    found: object = error
    while isinstance(found, BaseException) and id(found) not in seen:
        seen.add(id(found))
        yield found
        inner = getattr(found, "reason", None)
        found = inner if isinstance(inner, BaseException) else _first_cause(found)


def _first_cause(error: BaseException) -> BaseException | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, BaseException) else error.__cause__

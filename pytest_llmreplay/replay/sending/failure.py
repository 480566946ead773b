"""What to tell about a call that gave no whole answer."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from pytest_llmreplay.replay.calls.result import CallFailed, FailureKind

from .bounds import AnswerRefused

__all__ = ["REDIRECTS", "failed"]

REDIRECTS = range(300, 400)
"""HTTP status of an answer that points elsewhere, or is none at all."""

_HUNG_UP = frozenset(["ServerDisconnectedError", "RemoteProtocolError", "ReadError"])


def failed(
    problem: Exception | None,
    *,
    target: str,
    host: str,
    timeout: float,
    status: int | None,
    location: str | None,
    received: int,
    kept: bool = False,
) -> CallFailed:
    """Why one attempt of a call gave no whole answer, in words for people.

    Args:
        problem: What the HTTP library raised, if anything.
        target: Name of the target.
        host: Where the call went.
        timeout: Seconds that the attempt was given.
        status: HTTP status, where the answer's head came.
        location: Where a redirect points to.
        received: Bytes of the answer that came.
        kept: Whether the connection may be one that was kept since an earlier call, and the
            attempt ended too soon for any work on it.
    """
    kind, words = _classify(problem, timeout, status, location, received)
    if kept and kind == "unanswered" and any(map(_hung_up, _chain(problem))):
        kind = "stale"
    return CallFailed(words, kind=kind, target=target, host=host, status=status)


def _classify(
    problem: Exception | None,
    timeout: float,
    status: int | None,
    location: str | None,
    received: int,
) -> tuple[FailureKind, str]:
    if status in REDIRECTS:
        return "redirect", _redirect(status, location)
    chain = list(_chain(problem))
    for error in chain:
        if isinstance(error, AnswerRefused):
            return "too large", str(error)
    if isinstance(problem, TimeoutError) and "Connect" not in type(problem).__name__:
        return "timeout", f"no whole answer within {timeout:g} s ({received} bytes came)"
    if status is not None:
        return "cut", f"the connection broke after status {status} and {received} bytes"
    return _unreached(chain)


def _unreached(chain: list[BaseException]) -> tuple[FailureKind, str]:
    for error in chain:
        if isinstance(error, ssl.SSLError | ssl.CertificateError):
            return "tls", f"TLS failed: {_words(error)}"
        if isinstance(error, socket.gaierror):
            return "dns", f"the host name cannot be resolved: {_words(error)}"
    if any(map(_is_stale, chain)):
        return "stale", "the connection was closed before the request left"
    if any(isinstance(error, ConnectionRefusedError) for error in chain):
        return "connect", "connection refused; is the server running?"
    names = [type(error).__name__ for error in chain]
    if "Timeout" in (kinds := " ".join(names)) and "Disconnect" not in kinds:
        return "connect", "no connection in time"
    words = next((text for error in reversed(chain) if (text := _words(error))), "")
    return "unanswered", f"no answer: {words or names[0]}" if names else "no answer"


def _is_stale(error: BaseException) -> bool:
    """Whether aiohttp found, before it wrote, that the server had closed the connection."""
    return isinstance(error, ConnectionResetError) and "closing transport" in str(error)


def _hung_up(error: BaseException) -> bool:
    """Whether the server closed the connection instead of an answer, as any library says it."""
    return isinstance(error, ConnectionResetError) or type(error).__name__ in _HUNG_UP


def _redirect(status: int | None, location: str | None) -> str:
    if not location:
        return f"the server answered {status}, which is no answer to such a call"
    try:
        named = urlsplit(location).hostname
    except ValueError:
        named = None
    place = f" to {named!r}" if named else ""
    return f"the server answered {status} and points elsewhere{place}; redirects are never followed"


def _words(error: BaseException) -> str:
    if not isinstance(getattr(error, "message", ""), str):
        return "the server hung up amid the head of its answer"  # which aiohttp has in its place
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if any(kind.__name__ == "HttpProcessingError" for kind in type(error).__mro__):
        # The text of aiohttp begins with a status 400 of its own, and ends with the bytes.
        breach = str(getattr(error, "message", text)).partition(":\n")[0]
        text = f"what came is not HTTP: {breach}"
    return " ".join(text.split())[:200]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that led to it, nearest first.

    What the caller is handling, as an SDK that tries again handles the failure before, is the
    context of whatever is raised meanwhile, and led to nothing.
    """
    seen = {id(sys.exc_info()[1])}
    queue = [error]
    while queue:
        current = queue.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            queue += current.exceptions

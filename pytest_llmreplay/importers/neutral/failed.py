"""Answers that were errors, of which most logs keep only what an SDK said of them."""

from __future__ import annotations

import re

from pytest_llmreplay.event import Response, ResponseError

__all__ = ["failed_with"]

_TRACEBACK = "Traceback (most recent call last)"
_STATUS = re.compile(
    r"\b(?:error code: |status_code: |(?=\d+ [a-z_]+\. {))([45]\d\d)\b", re.IGNORECASE
)
"""How the SDKs of OpenAI, Anthropic and Google, and Pydantic AI, say it."""
_UNTOLD = 500


def failed_with(message: str, *, status: int | None = None, type: str | None = None) -> Response:  # noqa: A002  # the wire's own word
    """The answer that was an error.

    Args:
        message: What a log tells; the stack of calls below it is left out.
        status: The HTTP status, where the log tells it apart from the message.
        type: The kind of error.
    """
    words = message.partition(_TRACEBACK)[0].strip() or message
    found = _STATUS.search(words)
    known = status or (int(found[1]) if found else _UNTOLD)
    return Response(error=ResponseError(status=known, type=type, message=words))

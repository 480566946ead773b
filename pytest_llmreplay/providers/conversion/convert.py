"""From the format of a recording to the format of its target."""

from __future__ import annotations

from typing import cast

from pytest_llmreplay.event import Exchange, Request
from pytest_llmreplay.providers.answers.reading import request_body
from pytest_llmreplay.providers.api import ApiFormat, Dialect, EncodedRequest, RequestEncoder

__all__ = ["can_be_written", "convert", "encode"]


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


def _writer(spoken: ApiFormat) -> RequestEncoder | None:
    found = getattr(spoken, "encode_request", None)
    return cast("RequestEncoder", spoken) if callable(found) else None

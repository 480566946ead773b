"""Exchanges made of a few words, for tests of wire formats."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)

Make = Callable[..., Exchange]

URL = "https://api.example.com/v1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What becomes of the tables of conversion."""
    parser.addoption(
        "--conversion-table",
        choices=("write",),
        help="Write what a conversion loses into docs/conversion.md.",
    )


@pytest.fixture
def answered() -> Make:
    """An exchange whose answer is this plain body."""

    def make(body: Json, status: int = 200) -> Exchange:
        answer = HttpResponse(status=status, body=JsonBody(value=body))
        return Exchange(request=HttpRequest(method="POST", url=URL), response=answer)

    return make


@pytest.fixture
def streamed() -> Make:
    """An exchange whose answer is a stream of these events: bytes, or JSON for one `data:` line."""

    def make(*events: bytes | Json) -> Exchange:
        chunks = tuple(Chunk(at=0.0, data=_event(event)) for event in events)
        answer = HttpResponse(status=200, body=StreamBody(chunks=chunks))
        return Exchange(request=HttpRequest(method="POST", url=URL), response=answer)

    return make


@pytest.fixture
def asked() -> Make:
    """An exchange whose request is this body."""

    def make(body: Json, url: str = URL) -> Exchange:
        request = HttpRequest(method="POST", url=url, body=JsonBody(value=body))
        return Exchange(request=request, response=HttpResponse(status=200))

    return make


def _event(event: bytes | Json) -> bytes:
    return event if isinstance(event, bytes) else f"data: {json.dumps(event)}\n\n".encode()

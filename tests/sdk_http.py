"""The HTTP library beneath an SDK, and clients of an SDK that are answered without a server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import pytest

__all__ = ["client_fixture", "http_of"]


def http_of(sdk: ModuleType) -> ModuleType:
    """The library whose client the SDK's own is made of: httpx2, and httpx before 2026."""
    base: type = sdk.DefaultHttpxClient.__mro__[1]
    return sys.modules[base.__module__.partition(".")[0]]


def client_fixture(sdk: ModuleType, client: Callable[..., Any]) -> Any:
    """A fixture that makes clients of an SDK which get one answer to every call.

    Args:
        sdk: The SDK.
        client: Its class of clients.
    """
    library = http_of(sdk)

    @pytest.fixture
    def client_of() -> Iterator[Callable[..., Any]]:
        with ExitStack() as opened:

            def make(content: bytes, *, status: int = 200, stream: bool = False) -> Any:
                kind = "text/event-stream" if stream else "application/json"
                headers = {"content-type": kind}
                transport = library.MockTransport(
                    lambda _: library.Response(status, content=content, headers=headers)
                )
                http = library.Client(transport=transport)
                made = client(api_key="k", base_url="http://t/v1", http_client=http, max_retries=0)
                return opened.enter_context(made)

            yield make

    return client_of

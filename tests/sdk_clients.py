"""The installed SDKs: versions, the HTTP library beneath, clients answered without a server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from types import ModuleType
from typing import Any

import pytest
from packaging.version import Version

__all__ = ["client_fixture", "http_of", "needs", "too_old"]


def too_old(**versions: str) -> str:
    """Which of the SDKs are older than a version, as `too_old(openai="1.92")`; empty if none is."""
    return ", ".join(
        f"{sdk} is older than {wanted}"
        for sdk, wanted in versions.items()
        if Version(version(sdk)) < Version(wanted)
    )


def needs(**versions: str) -> pytest.MarkDecorator:
    """The mark of tests of what the oldest supported SDKs do not have yet."""
    return pytest.mark.skipif(bool(too_old(**versions)), reason=too_old(**versions))


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

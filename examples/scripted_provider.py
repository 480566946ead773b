"""Lets the examples be recorded without a key: a script answers in the providers' place.

The applications speak to https://api.openai.com and https://api.anthropic.com as always. Only when
a call is really sent does a transport below the SDK carry it to a scripted server on this machine;
a test that plays its cassette back never gets that far.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import anthropic
import openai
from answers import SCRIPT

from pytest_llmreplay.replay.simulated import SimulatedServer

__all__ = ["ScriptedProvider"]


class ScriptedProvider:
    """A server that starts when it is first needed, and clients that reach it."""

    def __init__(self) -> None:
        self._server = SimulatedServer("steady", script=SCRIPT)
        self._running = False

    def openai(self) -> openai.OpenAI:
        """OpenAI's SDK."""
        http_client: Any = openai.DefaultHttpxClient(transport=self._transport(openai))
        return openai.OpenAI(api_key="not needed", http_client=http_client)

    def anthropic(self) -> anthropic.Anthropic:
        """Anthropic's SDK."""
        http_client: Any = anthropic.DefaultHttpxClient(transport=self._transport(anthropic))
        return anthropic.Anthropic(api_key="not needed", http_client=http_client)

    def address(self) -> str:
        """Where the server listens."""
        if not self._running:
            self._server.start()
            self._running = True
        return self._server.url

    def stop(self) -> None:
        """Stop the server, if it ever ran."""
        self._server.stop()

    def _transport(self, sdk: ModuleType) -> Any:
        # The SDKs moved from httpx to httpx2 with openai 3 and anthropic 2.
        modules = (base.__module__.partition(".")[0] for base in sdk.DefaultHttpxClient.__mro__)
        httpx = sys.modules[next(name for name in modules if name.startswith("httpx"))]
        address = self.address

        class Transport(httpx.HTTPTransport):  # type: ignore[misc, name-defined]  # found at run time
            def handle_request(self, request: Any) -> Any:
                path = request.url.raw_path.decode()
                headers = [h for h in request.headers.multi_items() if h[0] != "host"]
                moved = httpx.Request(
                    request.method, address() + path, headers=headers, stream=request.stream
                )
                moved.extensions = request.extensions
                moved.headers["host"] = urlsplit(address()).netloc
                return super().handle_request(moved)

        return Transport()

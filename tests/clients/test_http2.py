"""HTTP/2: what goes over it is recorded and played as all else, and says so."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from clients.client_project import NO_KEY, PIECES, TEXT, Call, ClientProject, refused
from sdk_clients import http_of
from servers.provider_server import ProviderServer, echo, says

pytest.importorskip("h2")
pytest.importorskip("trustme")

ECHO = "".join(PIECES)
ASKED: Any = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": TEXT}]}
GZIP = says(ECHO, compressed=True)
LIBRARIES = [name for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]


@pytest.fixture
def provider_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    """A provider that speaks HTTP/2 alone."""
    from servers.http2_server import Http2Server  # noqa: PLC0415  # needs h2 and trustme

    with Http2Server(tmp_path) as server:
        monkeypatch.setenv("AUTHORITY", str(server.authority))
        yield server


def options() -> dict[str, Any]:
    """What makes a client speak HTTP/2 with the server."""
    return {"http2": True, "verify": ssl.create_default_context(cafile=os.environ["AUTHORITY"])}


def address() -> str:
    """Where a request goes."""
    return os.environ["CHAT_URL"] + "/chat/completions"


def pieces(lines: list[str]) -> list[str]:
    """The words of a stream's events."""
    events = [json.loads(line.removeprefix("data: ")) for line in lines if '"choices"' in line]
    found = [choice["delta"].get("content") for event in events for choice in event["choices"]]
    return [piece for piece in found if piece]


def plain(library: str) -> Any:
    """The version of HTTP, and an ordinary answer."""
    with importlib.import_module(library).Client(**options()) as client:
        response = client.post(address(), json=ASKED)
    words = response.json()["choices"][0]["message"]["content"]
    return [response.http_version, words]


def stream(library: str) -> Any:
    """The version of HTTP, and the pieces of a stream."""
    body = {**ASKED, "stream": True}
    with (
        importlib.import_module(library).Client(**options()) as client,
        client.stream("POST", address(), json=body) as response,
    ):
        return [response.http_version, pieces(list(response.iter_lines()))]


async def aplain(library: str) -> Any:
    """The version of HTTP, and an ordinary answer, asynchronously."""
    async with importlib.import_module(library).AsyncClient(**options()) as client:
        response = await client.post(address(), json=ASKED)
    words = response.json()["choices"][0]["message"]["content"]
    return [response.http_version, words]


async def astream(library: str) -> Any:
    """The version of HTTP, and the pieces of a stream, asynchronously."""
    body = {**ASKED, "stream": True}
    async with (
        importlib.import_module(library).AsyncClient(**options()) as client,
        client.stream("POST", address(), json=body) as response,
    ):
        return [response.http_version, pieces([line async for line in response.aiter_lines()])]


def calls_of(library: str) -> dict[str, Call]:
    """Every way of asking by a library."""
    made = {"plain": plain, "stream": stream, "async": aplain, "async-stream": astream}
    said = {name: ["HTTP/2", PIECES if "stream" in name else ECHO] for name in made}
    return {
        f"{library}-{name}{kind}": Call(
            make=functools.partial(ask, library),
            says=said[name],
            answers=(answer,),
            client=f"{library} over HTTP/2",
        )
        for name, ask in made.items()
        for kind, answer in (("", echo), ("-gzip", GZIP))
    }


def sdk() -> Any:
    """OpenAI's client with HTTP/2 switched on."""
    return openai.OpenAI(
        api_key="sk-test-0123456789abcdef0123",
        base_url=os.environ["CHAT_URL"],
        max_retries=0,
        http_client=openai.DefaultHttpxClient(**options()),
    )


def sdk_plain() -> Any:
    """The version of HTTP, and an ordinary answer."""
    with sdk() as client:
        response = client.chat.completions.with_raw_response.create(**ASKED)
    words = response.parse().choices[0].message.content
    return [response.http_response.http_version, words]


def sdk_stream() -> Any:
    """The pieces of a stream."""
    with sdk() as client:
        chunks = list(client.chat.completions.create(**ASKED, stream=True))
    return [piece for chunk in chunks for piece in [chunk.choices[0].delta.content] if piece]


LIBRARY_CALLS = {name: call for library in LIBRARIES for name, call in calls_of(library).items()}
DENIED = ["AuthenticationError", 401]
SDK_CALLS = {
    "plain": Call(make=sdk_plain, says=["HTTP/2", ECHO]),
    "stream": Call(make=sdk_stream, says=PIECES),
    "stream-gzip": Call(make=sdk_stream, says=PIECES, answers=(GZIP,)),
    "401": Call(make=lambda: refused(sdk_plain), says=DENIED, answers=(NO_KEY,)),
}


def test_httpx_and_httpx2(client_project: ClientProject) -> None:
    """Whole answers and streams, plain and compressed; a played answer says HTTP/2 too."""
    client_project.prove(__name__, "LIBRARY_CALLS", LIBRARY_CALLS)


def test_the_sdk(client_project: ClientProject) -> None:
    """OpenAI's client on an HTTP client that speaks HTTP/2."""
    assert http_of(openai).__name__ in LIBRARIES
    client_project.prove(__name__, "SDK_CALLS", SDK_CALLS, client="openai over HTTP/2")

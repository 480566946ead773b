"""HTTP libraries used without an SDK: whole answers and streams, in every content-encoding."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from clients.client_project import BUSY, NO_KEY, PIECES, TEXT, Call, ClientProject
from servers.provider_server import echo, says

from pytest_llmreplay.event import HttpResponse, JsonBody, StreamBody

ECHO = "".join(PIECES)
NEEDED = {
    "br": ("brotli",),
    "zstd": ("zstandard", "backports.zstd"),
    "gzip": (),
    "deflate": (),
    "": (),
}
"""What the server and the clients need for an encoding."""


def body(*, stream: bool) -> dict[str, Any]:
    """A request."""
    return {
        "model": "imitated-1",
        "messages": [{"role": "user", "content": TEXT}],
        **({"stream": True} if stream else {}),
    }


def address() -> str:
    """Where it goes."""
    return os.environ["CHAT_URL"] + "/chat/completions"


def said(status: int, text: str) -> Any:
    """The status, and what an answer says or its pieces."""
    if not text.startswith("data:"):
        answer = json.loads(text)
        return [status, answer["choices"][0]["message"]["content"] if status < 300 else "refused"]
    lines = [line for line in text.splitlines() if line.startswith("data: {")]
    return [status, [piece for line in lines for piece in pieces(json.loads(line[6:]))]]


def pieces(event: Any) -> Iterable[str]:
    """The words of one event of a stream."""
    return [c["delta"]["content"] for c in event["choices"] if c["delta"].get("content")]


def with_httpx(library: str, *, stream: bool) -> Any:
    """Ask by httpx or httpx2."""
    module = importlib.import_module(library)
    with (
        module.Client() as client,
        client.stream("POST", address(), json=body(stream=stream)) as response,
    ):
        return said(response.status_code, "".join(response.iter_text()))


async def with_async_httpx(library: str, *, stream: bool) -> Any:
    """Ask by the asynchronous client of httpx or httpx2."""
    module = importlib.import_module(library)
    async with (
        module.AsyncClient() as client,
        client.stream("POST", address(), json=body(stream=stream)) as response,
    ):
        return said(response.status_code, "".join([text async for text in response.aiter_text()]))


def with_requests(*, stream: bool) -> Any:
    """Ask by requests."""
    import requests  # noqa: PLC0415  # may be missing

    with requests.post(address(), json=body(stream=stream), stream=stream, timeout=30) as response:
        lines = [line.decode() for line in response.iter_lines()]
    return said(response.status_code, "\n".join(lines))


def with_urllib3(*, stream: bool) -> Any:
    """Ask by urllib3."""
    import urllib3  # noqa: PLC0415  # may be missing

    with urllib3.PoolManager() as pool:
        response = pool.request(
            "POST",
            address(),
            json=body(stream=stream),
            headers={"accept-encoding": "gzip, deflate, br, zstd"},
            preload_content=not stream,
        )
        text = b"".join(response.stream(64, decode_content=True)) if stream else response.data
        return said(response.status, text.decode())


async def with_aiohttp(*, stream: bool) -> Any:
    """Ask by aiohttp."""
    import aiohttp  # noqa: PLC0415  # may be missing

    async with (
        aiohttp.ClientSession() as session,
        session.post(address(), json=body(stream=stream)) as response,
    ):
        parts = [part async for part in response.content.iter_any()]
        return said(response.status, b"".join(parts).decode())


def with_urllib(*, stream: bool) -> Any:
    """Ask by the standard library, which decompresses nothing."""
    request = urllib.request.Request(
        address(),
        data=json.dumps(body(stream=stream)).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return said(response.status, response.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return said(error.code, error.read().decode())


WAYS: dict[str, Callable[..., Any]] = {
    "httpx2": functools.partial(with_httpx, "httpx2"),
    "httpx2-async": functools.partial(with_async_httpx, "httpx2"),
    "httpx": functools.partial(with_httpx, "httpx"),
    "httpx-async": functools.partial(with_async_httpx, "httpx"),
    "requests": with_requests,
    "urllib3": with_urllib3,
    "aiohttp": with_aiohttp,
    "urllib": with_urllib,
}


def installed(name: str) -> bool:
    """Whether a module can be imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def calls_in(encoding: str) -> dict[str, Call]:
    """Whole answers and streams of every library that is installed, in one encoding."""
    calls: dict[str, Call] = {}
    for name, ask in WAYS.items():
        library = name.partition("-")[0]
        if installed(library) and not (encoding and name == "urllib"):
            answer = says(ECHO, compressed=encoding) if encoding else echo
            whole = Call(
                make=functools.partial(ask, stream=False),
                says=[200, ECHO],
                answers=(answer,),
                client=library,
            )
            pieces = Call(
                make=functools.partial(ask, stream=True),
                says=[200, PIECES],
                answers=(answer,),
                client=library,
            )
            calls |= {f"{name}-whole": whole, f"{name}-stream": pieces}
    return calls


def errors() -> dict[str, Call]:
    """Error answers, to every library that is installed."""
    return {
        f"{name}-{status}": Call(
            make=functools.partial(ask, stream=False), says=[status, "refused"], answers=(answer,)
        )
        for name, ask in WAYS.items()
        for status, answer in ((401, NO_KEY), (429, BUSY))
        if installed(name.partition("-")[0])
    }


PLAIN, GZIP, DEFLATE, BR, ZSTD = map(calls_in, ("", "gzip", "deflate", "br", "zstd"))
ERRORS = errors()


@pytest.mark.parametrize("table", ["PLAIN", "GZIP", "DEFLATE", "BR", "ZSTD"])
def test_every_answer_is_recorded_readably_and_plays(
    client_project: ClientProject, table: str
) -> None:
    """Whichever encoding an answer came in, its event holds JSON or a stream, never bytes."""
    for needed in NEEDED["" if table == "PLAIN" else table.lower()]:
        if not installed(needed):
            pytest.skip(f"{needed} is not installed")
    events = client_project.prove(__name__, table, globals()[table])
    for event in events:
        assert isinstance(event.exchange.response, HttpResponse)
        assert isinstance(event.exchange.response.body, (JsonBody, StreamBody))
        assert "content-encoding" not in event.exchange.response.headers


def test_error_answers_play_as_they_came(client_project: ClientProject) -> None:
    """A 401 and a 429 are recorded, and played to the library that got them."""
    client_project.prove(__name__, "ERRORS", ERRORS)

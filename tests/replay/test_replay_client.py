"""One attempt over real HTTP: what leaves, what may come back, and how failures read."""

from __future__ import annotations

import gzip
import itertools
import json
import logging
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from replay.replay_server import (
    CHAT,
    Answer,
    Loopback,
    Seen,
    answering_in_clear,
    as_json,
    jobs_to,
    outgoing,
)

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.sending.blocking import BlockingClient
from pytest_llmreplay.replay.sending.bounds import Limits
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job
from pytest_llmreplay.replay.sending.own_request import OwnRequests

Serve = Callable[[Callable[[Seen], Any]], Loopback]

APIS = ("chat_completions", "messages")
STYLES = ("bearer", "x-api-key", "api-key", "x-goog-api-key")
KEY = "sk-test-1234567890"


def ask(
    url: str, api: str = "chat_completions", *, limits: Limits | None = None, **more: Any
) -> Reply | ReplayError:
    """The outcome of one call without retries."""
    timeout = more.pop("timeout", 5.0)
    job = jobs_to(url, 1, api, **more)[0]
    rules = RetryRules(retries=0)
    with Engine(concurrency=1, timeout=timeout, rules=rules, limits=limits) as engine:
        engine.start([job])
        return engine.result(job)


def failure(*arguments: Any, **more: Any) -> CallFailed:
    """The failure of one call."""
    outcome = ask(*arguments, **more)
    assert isinstance(outcome, CallFailed), outcome
    return outcome


@pytest.mark.parametrize(("api", "style"), list(itertools.product(APIS, STYLES)))
def test_the_key_travels_in_the_header_of_its_style_alone(
    serve: Serve, api: str, style: Any
) -> None:
    """Exactly one header carries the key."""
    server = serve(lambda _: as_json(CHAT))
    ask(server.url, api, auth=style)
    carrying = [name for name, value in server.seen[0].headers.items() if KEY in value]
    assert ["authorization" if style == "bearer" else style] == carrying
    auths = {"authorization", "x-api-key", "api-key", "x-goog-api-key"}
    assert carrying == [name for name in server.seen[0].headers if name in auths]


@pytest.mark.parametrize("api", APIS)
def test_the_environment_of_the_sdk_does_not_leave(
    serve: Serve, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, organisations and custom headers that the SDKs read by themselves stay here."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY", "OPENAI_ORG_ID"):
        monkeypatch.setenv(name, "needle")
    for name in ("OPENAI_PROJECT_ID", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "needle")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Api-Key: needle\nX-Custom: needle")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Api-Key: needle\nX-Custom: needle")
    server = serve(lambda _: as_json(CHAT))
    ask(server.url, api, key=None)
    assert "needle" not in str(server.seen[0].headers)
    assert server.seen[0].headers["authorization"] == "Bearer no-key-needed"


def test_the_body_goes_out_byte_for_byte(serve: Serve) -> None:
    """Nulls, unknown keys and their order reach the server as they were."""
    server = serve(lambda _: as_json(CHAT))
    request = outgoing(server.url)
    odd: Json = {"zeta": None, "model": "m", "messages": [], "n": 1.0, "unknown": {"b": 1, "a": 2}}
    changed = type(request)(
        **{
            **{name: getattr(request, name) for name in request.__slots__},
            "body": odd,
            "content": json.dumps(odd).encode(),
        }
    )
    job = Job(target="t", prepare=lambda: changed)
    with Engine() as engine:
        engine.start([job])
        engine.result(job)
    assert json.dumps(odd) == json.dumps(server.seen[0].json)


@pytest.mark.parametrize(
    ("status", "style", "api"),
    list(itertools.product((301, 302, 303, 307, 308), STYLES, APIS)),
)
def test_redirects_are_never_followed(serve: Serve, status: int, style: Any, api: str) -> None:
    """The host that a redirect points to sees nothing, and the error names it."""
    evil = serve(lambda _: as_json(CHAT))
    place = f"http://localhost:{evil.port}/v1/chat/completions"
    server = serve(lambda _: Answer(status=status, headers={"location": place}))
    failed = failure(server.url, api, auth=style)
    assert evil.seen == []
    assert len(server.seen) == 1
    assert ("redirect", status) == (failed.kind, failed.status)
    assert (
        f"local at 127.0.0.1:{server.port}: the server answered {status} and points elsewhere "
        "to 'localhost'; redirects are never followed"
    ) == str(failed)


@pytest.mark.parametrize("status", [300, 302, 304])
def test_a_redirect_to_nowhere_is_told_as_no_answer(serve: Serve, status: int) -> None:
    """It points nowhere, so there is no other host to look for."""
    server = serve(lambda _: Answer(status=status))
    failed = failure(server.url)
    assert ("redirect", status) == (failed.kind, failed.status)
    assert f"the server answered {status}, which is no answer to such a call" == failed.problem


@pytest.mark.parametrize("location", ["http://[broken", "//", "", "https://user:secret@x.example/"])
def test_a_redirect_with_an_odd_location_is_still_one(serve: Serve, location: str) -> None:
    """Nothing but the host of a location is repeated, and a broken one does no harm."""
    server = serve(lambda _: Answer(status=302, headers={"location": location}))
    failed = failure(server.url)
    assert failed.kind == "redirect"
    assert "secret" not in str(failed)


def test_proxies_of_the_environment_are_not_asked_for_loopback(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call to this machine does not go through a proxy, wherever that is named."""
    proxy = serve(lambda _: as_json(CHAT))
    server = serve(lambda _: as_json(CHAT))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert isinstance(ask(server.url), Reply)
    assert proxy.seen == []


def test_a_proxy_of_the_environment_is_asked_for_other_hosts(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the application's own calls would; and not where `NO_PROXY` names the host."""
    proxy = serve(lambda _: as_json(CHAT))
    monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(ask("http://models.invalid/v1"), Reply)
    assert ["http://models.invalid/v1/chat/completions"] == [seen.path for seen in proxy.seen]
    monkeypatch.setenv("NO_PROXY", "models.invalid")
    assert failure("http://models.invalid/v1").kind == "dns"


def test_a_proxy_that_is_not_spoken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variables that help, and without the credentials in its address."""
    monkeypatch.setenv("ALL_PROXY", "socks5://me:secret@127.0.0.1:9")
    outcome = ask("http://models.invalid/v1")
    assert "a proxy of the kind socks5 for models.invalid" in str(outcome)
    assert "NO_PROXY" in str(outcome)
    assert "secret" not in str(outcome)


@pytest.mark.parametrize("address", ["proxy:::", "http://[proxy", "http://proxy:port"])
def test_a_proxy_without_an_address_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """In one line, as everything that a call cannot do."""
    monkeypatch.setenv("ALL_PROXY", address)
    problem = "a proxy for models.invalid whose address is no URL; write http://HOST:PORT"
    assert problem in str(ask("http://models.invalid/v1"))


@pytest.mark.parametrize("held", [None, "no certificate\n"])
def test_certificates_that_cannot_be_read_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: str | None
) -> None:
    """With the variable that names them, by the engine and by a client of threads."""
    path = tmp_path / "ca.pem"
    if held is not None:
        path.write_text(held)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    sent = outgoing("https://127.0.0.1:9/v1")
    with pytest.raises(ReplayError, match="SSL_CERT_FILE") as told:
        BlockingClient(sent.endpoint, concurrency=1, timeout=1.0, limits=Limits())
    assert f"SSL_CERT_FILE is {str(path)!r}" in str(told.value)
    assert str(told.value) == str(ask("https://127.0.0.1:9/v1"))


def test_accounts_of_the_environment_leave_for_openai_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Organisation and project, as its own SDK sends them."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    sent = outgoing("https://api.openai.com/v1")
    own = OwnRequests(replace(sent.endpoint, own_headers=True)).headers(sent)
    assert ("org-1", "proj-1") == (own["openai-organization"], own["openai-project"])
    others = OwnRequests(sent.endpoint).headers(sent)
    assert {"openai-organization", "openai-project"}.isdisjoint(others)


def test_an_unreachable_server_is_named() -> None:
    """Nobody listens: the error says where."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = failure(f"http://127.0.0.1:{port}")
    assert failed.kind == "connect"
    assert f"local at 127.0.0.1:{port}: connection refused; is the server running?" == str(failed)


def test_a_host_that_does_not_resolve_is_named() -> None:
    """A wrong host name reads as such."""
    failed = failure("http://no-such-host.invalid/v1")
    assert failed.kind == "dns"
    assert str(failed).startswith("local at no-such-host.invalid: the host name cannot be resolved")


def test_plain_http_on_a_tls_port_is_told() -> None:
    """TLS against a server that speaks none fails as TLS."""
    with answering_in_clear() as port:
        failed = failure(f"https://127.0.0.1:{port}")
    assert failed.kind == "tls"
    assert "TLS failed" in str(failed)


def test_a_server_that_hangs_up_without_an_answer(serve: Serve) -> None:
    """A connection closed before any byte is a failed connection."""
    server = serve(lambda _: Answer(raw=b""))
    failed = failure(server.url)
    assert failed.kind == "unanswered"
    assert "no answer" in str(failed)


@pytest.mark.parametrize(("hangs_up", "asked"), [({1}, 4), ({1, 2, 3, 4}, 5)])
def test_a_kept_connection_on_which_the_server_hangs_up(
    serve: Serve, hangs_up: set[int], asked: int
) -> None:
    """After an answer, a call whose connection is closed at once is sent again, once, unasked."""
    server = serve(lambda seen: Answer(raw=b"") if seen.number in hangs_up else as_json(CHAT))
    jobs = jobs_to(server.url, 3)
    with Engine(concurrency=1, timeout=5.0, rules=RetryRules(retries=0)) as engine:
        engine.start(jobs)
        outcomes = [engine.result(job) for job in jobs]
    failures = [one.kind for one in outcomes if isinstance(one, CallFailed)]
    assert ([] if asked == 4 else ["unanswered", "unanswered"]) == failures
    assert asked == len(server.seen)


def test_a_server_that_speaks_no_http(serve: Serve) -> None:
    """Garbage instead of a status line is told as that, and as no HTTP status."""
    server = serve(lambda _: Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"))
    failed = failure(server.url)
    assert failed.kind == "unanswered"
    assert failed.problem.startswith("no answer: what came is not HTTP: ")
    assert "400" not in failed.problem


def test_a_head_that_breaks_off_is_told_without_it(serve: Serve) -> None:
    """In the place of words, aiohttp has all headers that came, which may be private."""
    server = serve(lambda _: Answer(raw=b"HTTP/1.1 200 OK\r\nset-cookie: sid=private"))
    problem = "no answer: the server hung up amid the head of its answer"
    assert problem == failure(server.url).problem


@pytest.mark.parametrize("api", APIS)
def test_a_body_that_breaks_off_is_cut(serve: Serve, api: str) -> None:
    """Fewer bytes than promised are no answer; the error says how many came."""
    server = serve(lambda _: Answer(body=b'{"id": ', cut=True))
    failed = failure(server.url, api)
    assert failed.kind == "cut"
    assert "the connection broke after status 200 and 7 bytes" in str(failed)


@pytest.mark.parametrize("api", APIS)
def test_the_timeout_covers_the_whole_answer(serve: Serve, api: str) -> None:
    """A server that goes on for ever, a little at a time, is ended on time."""
    drops = [b": ping\n\n"] * 200
    head = {"content-type": "text/event-stream"}
    server = serve(lambda _: Answer(body=drops, between=0.05, headers=head))
    failed = failure(server.url, api, timeout=0.5, stream=True)
    assert failed.kind == "timeout"
    assert "no whole answer within 0.5 s" in str(failed)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_larger_than_the_limit_is_refused(serve: Serve, api: str, status: int) -> None:
    """The limit counts for answers and for error pages."""
    server = serve(lambda _: Answer(status=status, body=[b"x" * 65536] * 64))
    failed = failure(server.url, api, limits=Limits(answer=1048576))
    assert failed.kind == "too large"
    assert "the answer is larger than 1 MB" in str(failed)


@pytest.mark.parametrize("ending", [b"", b"\r", b"\n"])
def test_a_line_longer_than_the_limit_is_refused(serve: Serve, ending: bytes) -> None:
    """A stream that never ends its line is ended by us, whatever its line ends are."""
    pieces = [b"data: x" + ending, *[b"y" * 65536] * 129]
    head = {"content-type": "text/event-stream"}
    server = serve(lambda _: Answer(body=pieces, headers=head))
    failed = failure(server.url, stream=True)
    assert failed.problem == "a line of the stream is longer than 8 MB"


def test_a_line_may_hold_a_picture(serve: Serve) -> None:
    """Or all that a search has found: half a megabyte in one piece of a real stream."""
    words = "x" * 1_500_000
    piece = {"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": "stop"}]}
    body = b"data: %b\n\ndata: [DONE]\n\n" % json.dumps({"id": "c", **piece}).encode()
    server = serve(lambda _: Answer(body=body, headers={"content-type": "text/event-stream"}))
    reply = ask(server.url, stream=True)
    assert isinstance(reply, Reply), reply
    assert words.encode() in b"".join(chunk.data for chunk in reply.chunks)


def test_a_bomb_is_refused_before_it_is_unpacked(serve: Serve) -> None:
    """A few kB that unpack to gigabytes are refused by the ratio."""
    bomb = gzip.compress(b"\0" * 30_000_000)
    server = serve(lambda _: Answer(body=bomb, headers={"content-encoding": "gzip"}))
    failed = failure(server.url)
    assert failed.problem == "the answer unpacks to more than 100 times its size"


def raw_deflate(data: bytes) -> bytes:
    """Deflate without its header, which servers send and HTTP clients read under the same name."""
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_packed_answer_nobody_asked_for_is_read(
    serve: Serve, pack: Callable[[bytes], bytes]
) -> None:
    """Identity is asked for; gzip and deflate are understood all the same, however they arrive."""
    name = "gzip" if pack is gzip.compress else "deflate"
    packed = pack(json.dumps(CHAT).encode())
    pieces = [packed[:1], packed[1:]]
    packing = {"content-encoding": name}
    server = serve(lambda _: Answer(body=pieces, between=0.05, headers=packing))
    reply = ask(server.url)
    assert isinstance(reply, Reply)
    assert json.loads(reply.body) == CHAT
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("name", "body"), [("br", b"x"), ("gzip", b"not gzip"), ("deflate", b"no deflate")]
)
def test_a_packing_that_is_not_understood_is_told(serve: Serve, name: str, body: bytes) -> None:
    """An encoding that nobody asked for, or that is a lie, is a refused answer."""
    server = serve(lambda _: Answer(body=body, headers={"content-encoding": name}))
    assert name in failure(server.url).problem


@pytest.mark.parametrize("flood", [b"x: " + b"y" * 200_000, b"x: y\r\n" * 50_000])
def test_a_flood_of_headers_is_survived(serve: Serve, flood: bytes) -> None:
    """A head without end gives an error, or at most an empty answer."""
    server = serve(lambda _: Answer(raw=b"HTTP/1.1 200 OK\r\n" + flood + b"\r\n\r\n"))
    outcome = ask(server.url)
    assert isinstance(outcome, CallFailed) or not outcome.body.strip()


def test_a_million_lines_are_survived(serve: Serve) -> None:
    """A stream of nothing but comments is read in little time."""
    head = {"content-type": "text/event-stream"}
    server = serve(lambda _: Answer(body=[b":\n" * 100_000] * 10, headers=head))
    reply = ask(server.url, stream=True)
    assert isinstance(reply, Reply)
    assert len(reply.body) == 2_000_000


@pytest.mark.parametrize("api", APIS)
def test_no_log_and_no_exception_holds_the_key(
    serve: Serve, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the debug logs of the SDKs nor anything chained to a failure shows the key."""
    caplog.set_level(logging.DEBUG)
    server = serve(lambda _: Answer(status=500, body=b"{}", cut=True))
    failed = failure(server.url, api, auth="x-api-key")
    assert KEY not in caplog.text
    assert failed.__cause__ is None
    assert failed.__context__ is None


def test_nothing_is_left_open(tmp_path: Path) -> None:
    """A whole run in a process of its own, with warnings as errors, leaves no socket behind.

    Nor has it imported an SDK.
    """
    program = tmp_path / "program.py"
    program.write_text(
        "import gc, sys\n"
        "from replay_server import CHAT, Loopback, as_json, jobs_to\n"
        "from pytest_llmreplay.replay.sending.engine import Engine\n"
        "server = Loopback(lambda _: as_json(CHAT))\n"
        "for api in ('chat_completions', 'messages'):\n"
        "    jobs = jobs_to(server.url, 6, api)\n"
        "    with Engine(concurrency=3) as engine:\n"
        "        engine.start(jobs)\n"
        "        print([engine.result(job).status for job in jobs])\n"
        "del engine\n"
        "gc.collect()\n"
        "server.stop()\n"
        "print({'openai', 'anthropic'} & set(sys.modules))\n"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env={"PYTHONPATH": ":".join([str(here), *sys.path]), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.count("[200, 200, 200, 200, 200, 200]") == 2
    assert done.stdout.endswith("set()\n"), "importing an SDK takes a second or two"


def test_a_path_that_names_another_host_does_not_leave(serve: Serve) -> None:
    """The key goes to the host of its endpoint, whatever stands after it."""
    server, other = serve(lambda _: as_json(CHAT)), serve(lambda _: as_json(CHAT))
    astray = replace(outgoing(server.url), path=f"@{urlsplit(other.url).netloc}/chat/completions")
    job = Job(target="x", prepare=lambda: astray)
    with Engine(concurrency=1) as engine:
        engine.start([job])
        with pytest.raises(RuntimeError, match="about to leave for"):
            engine.result(job)
    assert [] == server.seen + other.seen

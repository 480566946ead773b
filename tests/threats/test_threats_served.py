"""T17, T18: a served cassette answers only who was told its address, and is no open proxy."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from raw_http import request, status_of, talk
from served_cassettes import served
from servers.provider_server import ProviderServer

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.serve import CassetteServer, Places
from pytest_llmreplay.serve.addresses import AddressRefused, connect
from pytest_llmreplay.serve.answers import Shown
from pytest_llmreplay.serve.forward import Forward
from pytest_llmreplay.serve.upstream import Upstream

HOSTS = ["{own}", "evil.example", "localhost:{port}", "127.0.0.1", "{own}.evil.example", None]
ORIGINS = [None, "http://evil.example", "null", "http://{own}"]
TYPES = [
    "application/json",
    "multipart/form-data; boundary=b",
    "text/plain",
    "application/x-www-form-urlencoded",
    None,
]
SECRETS = ["{secret}", "wrong", ""]
METHODS = ["POST", "PUT", "OPTIONS", "DELETE", "HEAD"]
MATRIX = list(itertools.product(HOSTS, ORIGINS, TYPES, SECRETS, METHODS))


@pytest.fixture
def recording(tmp_path: Path, provider_server: ProviderServer) -> Iterator[CassetteServer]:
    """A server that records."""
    environ = {"OPENAI_BASE_URL": provider_server.openai}
    with served(tmp_path / "c.yaml", "new", environ) as server:
        yield server


def test_one_cell_of_the_matrix_reaches_the_provider(
    recording: CassetteServer, provider_server: ProviderServer
) -> None:
    """Of host, origin, secret and method one combination is passed on, with the header of a key."""
    at = urlsplit(recording.base_url)
    known = {"own": at.netloc, "port": at.port, "secret": at.path[1:]}
    answered = []
    for cell in MATRIX:
        host, origin, kind, secret, method = cell
        given = {"host": host, "origin": origin, "content-type": kind, "authorization": "Bearer k"}
        headers = {name: text.format(**known) for name, text in given.items() if text is not None}
        target = f"/{secret.format(**known)}/v1/chat/completions"
        answer = talk(recording.base_url, request(target, headers, method=method))
        assert b"access-control" not in answer.lower()
        answered += [cell] if status_of(answer) == 200 else []
    kinds = (*TYPES[:2], None)
    assert [("{own}", None, kind, "{secret}", "POST") for kind in kinds] == answered
    assert 3 == len(provider_server.seen)


@pytest.mark.parametrize("kind", TYPES[1:])
def test_what_a_web_page_can_send_unasked(tmp_path: Path, kind: str | None) -> None:
    """A form of a page that knew the path, in a browser that left out `Origin`, plays nothing."""
    with served(tmp_path / "c.yaml", "none", {}) as server:
        at = urlsplit(server.base_url)
        headers = {"host": at.netloc} | ({} if kind is None else {"content-type": kind})
        sent = request(f"{at.path}/openai/v1/files", headers)
        assert 415 == status_of(talk(server.base_url, sent))


def ask(server: CassetteServer, path: str, *, method: str = "POST", **headers: str) -> bytes:
    """A call of a client that knows the address."""
    at = urlsplit(server.base_url)
    known = {"host": at.netloc, "content-type": "application/json"}
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if method == "GET" else None
    return talk(
        server.base_url,
        request(f"{at.path}{path}", known, method=method)
        if body is None
        else request(f"{at.path}{path}", known, method=method, body=body),
    )


def test_without_a_key_nothing_leaves(
    recording: CassetteServer, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of this machine is not the caller's: 401 of ours, and the provider sees nothing."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-machine-0123456789")
    answer = ask(recording, "/v1/chat/completions")
    assert 401 == status_of(answer)
    assert b"this server adds none" in answer
    assert [] == provider_server.seen


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/v1/embeddings", "https://api.openai.com"),
        ("/v1/messages", "https://api.anthropic.com"),
        ("/api/chat", "http://127.0.0.1:11434"),
        ("/api/embed", "http://127.0.0.1:11434"),
        ("/v2/embed", "https://api.cohere.com"),
        ("/v1beta/models/m:embedContent", "https://generativelanguage.googleapis.com"),
        ("/v1/projects/p/locations/l/publishers/a/models/m:rawPredict", None),
        ("/model/m/converse", None),
        ("/model/m/invoke", None),
    ],
)
def test_a_path_alone_tells_whose_key_it_is(path: str, where: str | None) -> None:
    """What one provider alone has goes to no other, nor to a cloud whose address nobody names."""
    upstream, there = Places({}).of(path) or pytest.fail("no LLM API")
    assert (path, where) == (there, upstream.origin if upstream.known else None)


GEMINI = "/v1beta/models/m:generateContent"


@pytest.mark.parametrize(
    ("environ", "path", "where"),
    [
        ({"OLLAMA_HOST": "gpu.corp:9999"}, "/ollama/api/chat", "http://gpu.corp:9999/api/chat"),
        ({"OLLAMA_HOST": "gpu.corp:9999"}, "/api/chat", "http://gpu.corp:9999/api/chat"),
        ({"OLLAMA_BASE_URL": "http://gpu/v1"}, "/api/chat", "http://gpu/api/chat"),
        ({"OPENAI_API_BASE": "https://gw/x"}, "/v1/responses", "https://gw/x/responses"),
        ({"ANTHROPIC_API_URL": "https://gw/x"}, "/v1/messages", "https://gw/x/v1/messages"),
        ({"ANTHROPIC_API_BASE": "https://gw/x"}, "/v1/messages", "https://gw/x/v1/messages"),
        ({"AZURE_API_BASE": "https://gw"}, "/azure/openai/v1/x", "https://gw/openai/v1/x"),
        ({"OLLAMA_API_BASE": "http://gpu:99"}, "/api/chat", "http://gpu:99/api/chat"),
        ({"OPENROUTER_API_BASE": "https://gw/v1"}, "/openrouter/v1/x", "https://gw/v1/x"),
        ({"GEMINI_API_BASE": "https://gw/v1beta"}, GEMINI, f"https://gw{GEMINI}"),
        ({"GEMINI_API_BASE": "https://gw/g"}, GEMINI, f"https://gw/g{GEMINI[7:]}"),
        ({"COHERE_API_BASE": "https://gw/x/v2/chat"}, "/v2/chat", "https://gw/x/v2/chat"),
        ({"COHERE_API_BASE": "https://gw/x/v2/chat"}, "/v2/embed", "https://gw/x/v2/embed"),
        (
            {"AWS_BEDROCK_RUNTIME_ENDPOINT": "https://gw"},
            "/bedrock/model/m/converse",
            "https://gw/model/m/converse",
        ),
    ],
)
def test_any_variable_of_a_provider_says_where_it_is(
    environ: dict[str, str], path: str, where: str
) -> None:
    """Also the second, and an older one that some clients look at first, which leads here too."""
    places = Places(environ)
    upstream, there = places.of(path) or pytest.fail("no LLM API")
    assert where == upstream.origin + there
    told = places.variables("http://server", keyless=False)
    assert all(told[name].startswith("http://server/") for name in environ)


def test_a_key_of_azure_goes_to_azure(tmp_path: Path, provider_server: ProviderServer) -> None:
    """JavaScript's client asks under `OPENAI_BASE_URL`, where that is set; OpenAI sees nothing."""
    call = "/openai/v1/deployments/d/chat/completions?api-version=2024-10-21"
    with served(tmp_path / "c.yaml", "new", {}) as server:
        answer = ask(server, call, api_key="k")
    assert 502 == status_of(answer)
    assert b"set AZURE_OPENAI_ENDPOINT" in answer
    environ = {"AZURE_OPENAI_ENDPOINT": provider_server.url}
    with served(tmp_path / "c.yaml", "new", environ) as server:
        assert 200 == status_of(ask(server, call, api_key="k"))
    assert [call.replace("/v1", "")] == [one.path for one in provider_server.seen]


def test_a_signed_call_goes_nowhere() -> None:
    """Its signature is for this server's address: 401 of ours, with the key that would do."""
    endpoint = "https://bedrock-runtime.eu-west-1.amazonaws.com"
    found = Places({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": endpoint}).of("/bedrock/model/m/converse")
    assert found is not None
    status, said = found[0].problem({"authorization": "AWS4-HMAC-SHA256 Credential=A"}, "") or (
        0,
        "",
    )
    assert (401, True) == (status, "give the process AWS_BEARER_TOKEN_BEDROCK" in said)
    assert found[0].problem({"authorization": "Bearer k"}, "") is None


@pytest.mark.parametrize("provider", ["ollama", "vllm", "llamacpp", "lmstudio"])
def test_model_servers_of_this_machine_want_no_key(provider: str) -> None:
    """Their SDKs send none, and the call goes out all the same."""
    found = Places({}).of(f"/{provider}/v1/chat/completions")
    assert found is not None
    assert found[0].problem({}, "") is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/files",
        "/v1/models/../files",
        "/http://evil.example/v1/chat",
        "/openai/v1/fine_tuning/jobs",
        "/anthropic/v1/traces",
        "/evil.example/x",
    ],
)
def test_only_llm_calls_pass(
    recording: CassetteServer, provider_server: ProviderServer, path: str
) -> None:
    """What is no LLM call goes nowhere."""
    for method in ("GET", "POST"):
        assert 404 == status_of(ask(recording, path, method=method, authorization="Bearer k"))
    assert [] == provider_server.seen


def test_a_named_host_serves_models_and_what_else_the_ini_file_says(tmp_path: Path) -> None:
    """What would pass unrecorded is refused with the key that has it recorded."""
    environ = {"OPENAI_BASE_URL": "https://llm.corp.invalid/v1"}
    with served(tmp_path / "c.yaml", "new", environ) as server:
        chat = ask(server, "/openai/v1/chat/completions", authorization="Bearer k")
        other = ask(server, "/openai/v1/moderations", authorization="Bearer k")
    assert b"" == chat  # it passed, and there is no such host
    assert 404 == status_of(other)
    assert b"write llm_hosts = llm.corp.invalid in the ini file" in other


def test_absolute_addresses_and_tunnels_are_refused(
    recording: CassetteServer, provider_server: ProviderServer
) -> None:
    """It is no proxy."""
    host = urlsplit(recording.base_url).netloc
    for line in (
        f"GET {provider_server.url}/v1/models",
        f"CONNECT 127.0.0.1:{provider_server.port}",
    ):
        answer = talk(recording.base_url, f"{line} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
        assert status_of(answer) in {403, 405}
    assert [] == provider_server.seen


REFUSED = [
    "169.254.169.254",
    "169.254.170.2",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "127.0.0.1",
    "::1",
    "224.0.0.1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Refused after the look-up, whatever the name; no socket is opened."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "socket", None)
    with pytest.raises(AddressRefused, match=r"api\.example is at"):
        connect("api.example", 443, loopback=False, private=False, timeout=1)


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200"])
def test_metadata_is_refused_also_where_trusted(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Trust in a private host is none in the services that hand out a machine's credentials."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefused, match="nothing is ever sent"):
        connect("trusted.example", 80, loopback=True, private=True, timeout=1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://169.254.169.254/v1", b"nothing is ever sent"),
        ("https://10.1.2.3/v1", b"private network"),
        ("http://llm.example/v1", b"over http"),
    ],
)
def test_an_upstream_inside_is_refused(tmp_path: Path, url: str, said: bytes) -> None:
    """Though the environment names it, a call there is answered with 403 and not recorded."""
    with served(tmp_path / "c.yaml", "new", {"OPENAI_BASE_URL": url}) as server:
        answer = ask(server, "/v1/chat/completions", authorization="Bearer k")
    assert 403 == status_of(answer)
    assert said in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    assert not (tmp_path / "c.yaml").exists()


@pytest.mark.parametrize("trust", ["llm.corp.example", "llm.corp.example=CORP_KEY"])
def test_a_key_never_travels_in_clear(trust: str) -> None:
    """A trusted host over http gets prompts, as its owner said, but no key."""
    environ = {"OPENAI_BASE_URL": "http://llm.corp.example/v1", "LLMREPLAY_TRUST": trust}
    found = Places(environ).of("/openai/v1/chat/completions")
    assert found is not None
    upstream, _ = found
    assert (True, True) == (upstream.trusted, upstream.in_clear)
    assert upstream.problem({"authorization": "k"}, "") is None
    assert 403 == (upstream.problem({"authorization": "k"}, "key=k") or (0,))[0]
    request = RawRequest(
        method="POST",
        url=f"{upstream.origin}/v1/chat/completions",
        headers={"authorization": "k", "x-api-key": "k", "x-goog-api-key": "k", "api-key": "k"},
        content=b"{}",
        library="llm_server",
    )
    sent = Forward(upstream, request, None, Shown(upstream.origin, ""))._headers()
    assert {"accept-encoding", "connection", "content-length"} == set(sent)


@pytest.mark.parametrize(
    "url",
    ["http://u:p@127.0.0.1/v1", "ftp://x/v1", "https://a b/", "https://x/?q=1", "https://x:99999"],
)
def test_an_address_that_parsers_could_read_differently(url: str) -> None:
    """Is refused before anything listens, with its place and without its value."""
    with pytest.raises(ConfigError, match="cannot be used as a base URL") as caught:
        Upstream(provider="openai", base_url=url, place="OPENAI_BASE_URL")
    assert url not in str(caught.value)

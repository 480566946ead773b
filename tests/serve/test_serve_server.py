"""A served cassette: what is played, passed on, kept; and how soon."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from served_cassettes import opened, served
from servers.certificate import certified
from servers.provider_server import (
    ProviderServer,
    cuts,
    fails,
    hangs,
    huge,
    raw,
    redirects,
    resets,
    says,
)

from pytest_llmreplay.cassette import Cassette
from pytest_llmreplay.cassette.record_mode import RecordMode

KEY = "sk-test-0123456789abcdef0123"
HI: Any = [{"role": "user", "content": "hi"}]


@pytest.fixture
def environ(provider_server: ProviderServer) -> dict[str, str]:
    """Both providers are the loopback one."""
    return {
        "OPENAI_BASE_URL": provider_server.openai,
        "ANTHROPIC_BASE_URL": provider_server.anthropic,
    }


def modes(environ: dict[str, str]) -> list[tuple[RecordMode, dict[str, str]]]:
    """Recording with the providers at hand, then playback without."""
    return [("new", environ), ("none", {})]


def openai_client(env: dict[str, str]) -> openai.OpenAI:
    """OpenAI's SDK, sent to the server."""
    return openai.OpenAI(api_key=KEY, base_url=env["OPENAI_BASE_URL"])


def post(url: str, **body: object) -> httpx2.Response:
    """A call without an SDK, made once."""
    asked = {"model": "m", "messages": HI, **body}
    return httpx2.post(url, json=asked, headers={"authorization": f"Bearer {KEY}"}, timeout=60)


def test_both_sdks_are_recorded_and_played(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """Plain and streamed calls of both SDKs are answered the same from the cassette."""
    path, answers = tmp_path / "c.yaml", []
    for mode, env in modes(environ):
        with served(path, mode, env) as server, openai_client(server.env) as client:
            chat = client.chat.completions.create(model="m", messages=HI)
            chunks = client.chat.completions.create(model="m", messages=HI, stream=True)
            words = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
            base = server.env["ANTHROPIC_BASE_URL"]
            with (
                anthropic.Anthropic(api_key=KEY, base_url=base) as other,
                other.messages.stream(model="m", max_tokens=9, messages=HI) as stream,
            ):
                text = stream.get_final_text()
            answers.append((chat.choices[0].message.content, words, text))
    assert answers[0] == answers[1]
    assert 3 == len(provider_server.seen)
    assert ["openai", "openai", "anthropic"] == [
        {"chat_completions": "openai"}.get(event.api, "anthropic")
        for event in Cassette.load(path).events
    ]


def test_a_stream_passes_chunk_by_chunk(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """The first chunk reaches the caller long before the last one is sent."""
    provider_server.next(says("one two three four five six", delay=0.1))
    with served(tmp_path / "c.yaml", "new", environ) as server:
        began = time.perf_counter()
        with httpx2.stream(
            "POST",
            f"{server.env['OPENAI_BASE_URL']}/chat/completions",
            json={"model": "m", "messages": HI, "stream": True},
            headers={"authorization": f"Bearer {KEY}"},
        ) as answer:
            times = [time.perf_counter() - began for _ in answer.iter_raw()]
    assert 5 < len(times)
    assert times[0] < times[-1] / 2
    event = Cassette.load(tmp_path / "c.yaml").events[0]
    assert 5 < len(event.exchange.response.body.chunks)
    duration, first = event.measured.duration, event.measured.time_to_first_chunk
    assert 0 < (first or 0) < (duration or 0) / 2


def test_a_played_stream_comes_in_its_recorded_chunks(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    """As many chunks as were recorded, with the same bytes."""
    path = tmp_path / "c.yaml"
    with served(path, "new", environ) as server:
        live = post(f"{server.base_url}/v1/chat/completions", stream=True).content
    recorded = [chunk.data for chunk in Cassette.load(path).events[0].exchange.response.body.chunks]
    with served(path, "none", {}) as server:
        played = post(f"{server.base_url}/v1/chat/completions", stream=True)
    assert b"".join(recorded) == live == played.content
    assert "chunked" == played.headers["transfer-encoding"]


def test_a_colon_is_played_however_a_client_spells_it(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """Recorded by a client that escapes it, as boto3 does, and played to one that does not."""
    provider_server.next(raw(b'{"output": {"message": {"role": "assistant", "content": []}}}'))
    path, answers = tmp_path / "c.yaml", []
    environ = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": provider_server.url}
    for (mode, env), colon in zip(modes(environ), ("%3A", ":"), strict=True):
        with served(path, mode, env) as server:
            url = f"{server.env['AWS_ENDPOINT_URL_BEDROCK_RUNTIME']}/model/nova{colon}0/converse"
            answers.append(post(url))
    assert [200, 200] == [answer.status_code for answer in answers]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/v1/chat/completions", {"message", "type", "param", "code"}),
        ("/v1/messages", {"message", "type"}),
        ("/v1beta/models/g:generateContent", {"code", "message", "status"}),
        ("/api/chat", None),
        ("/api/embed", None),
        ("/bedrock/model/m/converse", None),
        ("/bedrock/model/m/invoke", None),
    ],
)
def test_a_miss_is_an_error_in_the_callers_format(
    tmp_path: Path, environ: dict[str, str], path: str, keys: set[str] | None
) -> None:
    """It says which call is not recorded, and that nobody shall try again."""
    with served(tmp_path / "c.yaml", "new", environ) as server:
        post(f"{server.base_url}/v1/chat/completions")
    with served(tmp_path / "c.yaml", "none", {}) as server:
        answer = post(f"{server.base_url}{path}", model="another", contents=HI, input="hi")
    assert 400 == answer.status_code
    assert "false" == answer.headers["x-should-retry"]
    error = answer.json().get("error") or answer.json()["message"]
    told = error if isinstance(error, str) else error["message"]
    assert told.startswith("pytest-llmreplay: call 1 to http")
    assert keys == (None if isinstance(error, str) else set(error))


def test_sdks_do_not_try_a_miss_again(tmp_path: Path, environ: dict[str, str]) -> None:
    """Both SDKs raise at once, with the words of the miss."""
    cassette = tmp_path / "c.yaml"
    with served(cassette, "new", environ) as server:
        post(f"{server.base_url}/v1/chat/completions")
    tape = opened(cassette, "none")
    with served(cassette, "none", {}) as server, openai_client(server.env) as client:
        with pytest.raises(openai.BadRequestError, match=r"call 1 to .* is not recorded"):
            client.chat.completions.create(model="other", messages=HI)
        with (
            anthropic.Anthropic(api_key=KEY, base_url=server.env["ANTHROPIC_BASE_URL"]) as other,
            pytest.raises(anthropic.BadRequestError, match=r"call 2 to .* is not recorded"),
        ):
            other.messages.create(model="other", max_tokens=9, messages=HI)
    tape.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer, status: int
) -> None:
    """Neither the server nor its client goes where an upstream points."""
    with ProviderServer() as evil:
        provider_server.next(redirects(f"{evil.url}/v1/chat/completions", status=status))
        with (
            served(tmp_path / "c.yaml", "new", environ) as server,
            openai_client(server.env) as client,
            pytest.raises(openai.InternalServerError, match="redirects"),
        ):
            client.chat.completions.create(model="m", messages=HI)
        assert [] == evil.seen


def test_a_cut_stream_is_cut_for_the_caller_live_and_played(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """The caller never takes half of an answer for the whole."""
    provider_server.next(cuts())
    path = tmp_path / "c.yaml"
    for mode, env in modes(environ):
        with (
            served(path, mode, env) as server,
            pytest.raises(httpx2.RemoteProtocolError),
        ):
            post(f"{server.base_url}/v1/chat/completions", stream=True)
    assert "cut" == Cassette.load(path).events[0].exchange.response.ended


def test_no_answer_is_a_closed_connection_live_and_played(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """As without the server: some SDKs try HTTP 502 again, and no broken connection."""
    provider_server.next(resets)
    path = tmp_path / "c.yaml"
    for mode, env in modes(environ):
        with (
            served(path, mode, env) as server,
            pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"),
        ):
            post(f"{server.base_url}/v1/chat/completions")


def test_an_upstream_behind_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is that of the host that was named, or nothing is sent."""
    context, certificate = certified(tmp_path, "IP:127.0.0.1")
    with ProviderServer(tls=context) as secure:
        environ = {"OPENAI_BASE_URL": secure.openai}
        with served(tmp_path / "c.yaml", "new", environ) as server:
            with pytest.raises(httpx2.RemoteProtocolError):
                post(f"{server.base_url}/v1/chat/completions")
            assert [] == secure.seen
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert 200 == post(f"{server.base_url}/v1/chat/completions").status_code
        assert ["/v1/chat/completions"] == [one.path for one in secure.seen]


def test_a_huge_answer_is_refused(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """T21: no more than 32 MB of an answer pass."""
    provider_server.next(huge(40 * 1024 * 1024))
    with (
        served(tmp_path / "c.yaml", "new", environ) as server,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        post(f"{server.base_url}/v1/chat/completions")


def test_a_packed_answer_is_passed_on_as_it_came(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """An upstream that compresses unasked is understood by the caller and by the recording."""
    provider_server.next(says("Packed words.", compressed=True))
    path = tmp_path / "c.yaml"
    with served(path, "new", environ) as server:
        live = post(f"{server.base_url}/v1/chat/completions").json()
    assert "Packed words." == live["choices"][0]["message"]["content"]
    assert "Packed words." == Cassette.load(path).events[0].response.text


def test_a_caller_that_leaves_ends_the_upstream_call(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """A call that nobody waits for is given up, and stopping does not wait for it either."""
    provider_server.next(hangs)
    before = threading.active_count()
    with served(tmp_path / "c.yaml", "new", environ) as server:
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(
                f"{server.base_url}/v1/chat/completions",
                json={"model": "m", "messages": HI},
                headers={"authorization": f"Bearer {KEY}"},
                timeout=0.5,
            )
        began = time.perf_counter()
    assert 3 > time.perf_counter() - began
    assert before == threading.active_count()


def test_an_upstream_that_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The caller's connection is lost, recorded and played; the log says whose server it is."""
    for mode, env in modes({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}):
        with (
            served(tmp_path / "c.yaml", mode, env) as server,
            openai_client(server.env) as client,
            pytest.raises(openai.APIConnectionError),
        ):
            client.with_options(max_retries=0).chat.completions.create(model="m", messages=HI)
    (said,) = caplog.messages
    assert "openai gave no answer: ConnectError('[Errno 111] Connection refused')" == said


def test_an_error_of_the_provider_passes(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """Status, body and waiting time are the provider's."""
    provider_server.next(fails(429, "slow down", retry_after=2))
    with served(tmp_path / "c.yaml", "new", environ) as server:
        answer = post(f"{server.base_url}/v1/chat/completions")
    assert (429, "2") == (answer.status_code, answer.headers["retry-after"])
    assert "slow down" in answer.text


def test_one_upstream_for_everything(tmp_path: Path, provider_server: ProviderServer) -> None:
    """`--upstream` takes the place of every provider."""
    with served(tmp_path / "c.yaml", "new", {}, provider_server.openai) as server:
        assert 200 == post(f"{server.env['OPENAI_BASE_URL']}/chat/completions").status_code
        assert 200 == post(f"{server.env['ANTHROPIC_BASE_URL']}/v1/messages").status_code
        assert 200 == post(f"{server.env['GROQ_BASE_URL']}/openai/v1/responses").status_code
        assert 200 == post(f"{server.base_url}/mistral/v1/chat/completions").status_code
        assert 404 == post(f"{server.base_url}/groq/v1/other").status_code
    assert [
        "/v1/chat/completions",
        "/v1/messages",
        "/openai/v1/responses",
        "/v1/chat/completions",
    ] == [one.path for one in provider_server.seen]


LITELLM = {
    "COHERE_API_BASE": ("", "/v2/chat"),
    "DEEPSEEK_API_BASE": ("/chat/completions", "/beta/chat/completions"),
    "GEMINI_API_BASE": ("/models/m:generateContent", "/v1beta/models/m:generateContent"),
    "GROQ_API_BASE": ("/chat/completions", "/openai/v1/chat/completions"),
    "HOSTED_VLLM_API_BASE": ("/chat/completions", "/v1/chat/completions"),
    "MISTRAL_AZURE_API_BASE": ("/chat/completions", "/v1/chat/completions"),
    "OLLAMA_API_BASE": ("/api/chat", "/api/chat"),
    "OPENROUTER_API_BASE": ("/chat/completions", "/api/v1/chat/completions"),
    "TOGETHER_AI_API_BASE": ("/chat/completions", "/v1/chat/completions"),
    "XAI_API_BASE": ("/chat/completions", "/v1/chat/completions"),
}
"""What LiteLLM appends to each of its own variables, and what the provider sees."""


def test_litellm_has_variables_of_its_own(tmp_path: Path, provider_server: ProviderServer) -> None:
    """Each with the path that it appends its own to."""
    with served(tmp_path / "c.yaml", "new", {}, provider_server.openai) as server:
        for variable, (appended, _) in LITELLM.items():
            assert 200 == post(f"{server.env[variable]}{appended}").status_code
    assert [path for _, path in LITELLM.values()] == [one.path for one in provider_server.seen]


def test_a_variable_of_litellm_that_is_set(tmp_path: Path, provider_server: ProviderServer) -> None:
    """Its calls go where it says."""
    named = {"MISTRAL_AZURE_API_BASE": f"{provider_server.url}/team-a/v1"}
    with served(tmp_path / "c.yaml", "new", named) as server:
        assert 200 == post(f"{server.env['MISTRAL_AZURE_API_BASE']}/chat/completions").status_code
    assert ["/team-a/v1/chat/completions"] == [one.path for one in provider_server.seen]


def test_keys_that_sdks_insist_on(tmp_path: Path, environ: dict[str, str]) -> None:
    """Where nothing is sent they are placeholders, unless set; else they are the process's own.

    With a placeholder, OpenAI's agents upload no traces.
    """
    names = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "COHERE_API_KEY"}
    with served(tmp_path / "c.yaml", "none", {"COHERE_API_KEY": "k"}) as server:
        told = {name: server.env.get(name) for name in names}
        assert {**dict.fromkeys(names, "no-key-needed"), "COHERE_API_KEY": None} == told
        assert "1" == server.env["OPENAI_AGENTS_DISABLE_TRACING"]
    with served(tmp_path / "c.yaml", "none", {"OPENAI_API_KEY": "k"}) as server:
        assert {"OPENAI_API_KEY", "OPENAI_AGENTS_DISABLE_TRACING"}.isdisjoint(server.env)
    with served(tmp_path / "c.yaml", "new", environ) as server:
        assert names.isdisjoint(server.env)


def test_a_call_in_chunks_is_the_same_call(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """Clients that write JSON while they make it, as those of Java and .NET, are recorded."""
    path, body = tmp_path / "c.yaml", json.dumps({"model": "m", "messages": HI}).encode()
    with served(path, "new", environ) as server:
        answer = httpx2.post(
            f"{server.env['OPENAI_BASE_URL']}/chat/completions",
            content=iter([body[:9], body[9:]]),
            headers={"content-type": "application/json", "authorization": f"Bearer {KEY}"},
        )
    assert "chunked" == answer.request.headers["transfer-encoding"]
    seen = provider_server.seen[0]
    assert (f"{len(body)}", body) == (seen.headers["content-length"], seen.body)
    with served(path, "none", {}) as server:
        assert answer.json() == post(f"{server.base_url}/v1/chat/completions").json()


def test_an_anthropic_client_without_a_version(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """Vercel's SDK appends `/messages` alone to the variable; its call is the same as any other's.

    Where the environment names an address, that is one for whoever appends his path to it.
    """
    path = tmp_path / "c.yaml"
    with served(path, "new", {}, provider_server.openai) as server:
        assert 200 == post(f"{server.env['ANTHROPIC_BASE_URL']}/messages").status_code
    with served(path, "none", {}) as server:
        assert 200 == post(f"{server.env['ANTHROPIC_BASE_URL']}/v1/messages").status_code
    environ = {"ANTHROPIC_BASE_URL": provider_server.anthropic + "/v1"}
    with served(path, "all", environ) as server:
        assert 200 == post(f"{server.env['ANTHROPIC_BASE_URL']}/messages").status_code
    assert ["/v1/messages"] * 2 == [one.path for one in provider_server.seen]


def test_headers_that_travel(
    tmp_path: Path, environ: dict[str, str], provider_server: ProviderServer
) -> None:
    """The caller's own headers, without cookies and what concerns this connection alone."""
    away = "http://evil.example"
    provider_server.next(raw(b"{}", set_cookie="a=b", location=away, x_goog_upload_url=away))
    with served(tmp_path / "c.yaml", "new", environ) as server:
        answer = httpx2.post(
            f"{server.base_url}/v1/chat/completions",
            json={"model": "m", "messages": HI},
            headers={"authorization": f"Bearer {KEY}", "cookie": "c=d", "openai-beta": "x"},
        )
    seen = provider_server.seen[0].headers
    assert (f"Bearer {KEY}", "x") == (seen["authorization"], seen["openai-beta"])
    assert f"127.0.0.1:{provider_server.port}" == seen["host"]
    assert "cookie" not in seen
    assert not {"set-cookie", "location", "x-goog-upload-url"} & set(answer.headers)


def test_files_batches_and_deleting(tmp_path: Path, provider_server: ProviderServer) -> None:
    """What an SDK does beside asking models, it does through the server too, recorded and played.

    A batch is cancelled by a POST without a body; JavaScript's SDK gives that no content-type.
    """
    path, hosts = tmp_path / "c.yaml", frozenset({"127.0.0.1"})
    spoken, stored = raw(b'{"text": "Hello."}'), raw(b'{"id": "file-1"}')
    gone, again = raw(b'{"id": "file-1", "deleted": true}'), raw(b'{"id": "batch_1"}')
    provider_server.next(spoken, stored, gone, again, again)
    for mode, environ in modes({"OPENAI_BASE_URL": provider_server.openai}):
        with served(path, mode, environ, hosts=hosts) as server:
            with openai_client(server.env) as client:
                sound = ("a.wav", bytes(range(256)), "audio/wav")
                said = client.audio.transcriptions.create(model="whisper-1", file=sound)
                assert "Hello." == said.text
                assert "file-1" == client.files.create(file=sound, purpose="batch").id
                assert client.files.delete("file-1").deleted
            at, key = server.env["OPENAI_BASE_URL"], {"authorization": f"Bearer {KEY}"}
            assert httpx2.post(f"{at}/batches/batch_1/cancel", headers=key).is_success
            assert httpx2.put(f"{at}/x", content=b"\xff", headers=key).is_success
    methods = ["POST", "POST", "DELETE", "POST", "PUT"]
    assert methods == [one.method for one in provider_server.seen]
    assert bytes(range(256)) in provider_server.seen[0].body
    assert 5 == len(Cassette.load(path).events)


def test_a_file_in_pieces_comes_to_the_server(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """Google's answer names the place of the pieces; the caller is told the server's own.

    https://ai.google.dev/gemini-api/docs/files#rest
    """
    path, hosts = tmp_path / "c.yaml", frozenset({"127.0.0.1"})
    place = f"{provider_server.url}/upload/v1beta/files?upload_id=abc&upload_protocol=resumable"
    provider_server.next(
        raw(b"{}", x_goog_upload_url=place, x_goog_upload_status="active"),
        raw(b'{"file": {"name": "files/abc"}}', x_goog_upload_status="final"),
    )
    for mode, environ in modes({"GOOGLE_GEMINI_BASE_URL": provider_server.url}):
        with served(path, mode, environ, hosts=hosts) as server:
            begun = httpx2.post(
                f"{server.env['GOOGLE_GEMINI_BASE_URL']}/upload/v1beta/files",
                json={"file": {}},
                headers={"x-goog-api-key": KEY, "x-goog-upload-command": "start"},
            )
            there = begun.headers["x-goog-upload-url"]
            assert there.startswith(f"{server.base_url}/gemini/upload/v1beta/files?upload_id=")
            last = {"x-goog-upload-command": "upload, finalize"}
            sent = httpx2.post(there, content=bytes(range(256)), headers=last)
        assert "final" == sent.headers["x-goog-upload-status"]
        assert {"file": {"name": "files/abc"}} == sent.json()
    assert 2 == len(provider_server.seen)

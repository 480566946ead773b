"""`import vcrpy`: everything that vcrpy has written, read by our own loader."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from importing import ANSWER, QUESTION, Importing
from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.places.naming import safe_name
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import Event, HttpResponse, Json, JsonBody, StreamBody
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.providers.endpoints.calls import is_llm_call

URL = "https://api.openai.com/v1/chat/completions"
STREAM = 'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n'


def recording(request: object, response: object) -> str:
    """A cassette as vcrpy writes it."""
    return yaml.dump({"interactions": [{"request": request, "response": response}], "version": 1})


def asked(**more: object) -> dict[str, object]:
    """A request."""
    return {"method": "POST", "uri": URL, "headers": {"Accept": ["*/*"]}, **more}


def told(body: object, **headers: list[str] | str) -> dict[str, object]:
    """An answer."""
    return {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": body}


TEXT = json.dumps(QUESTION)
REPLY = json.dumps(ANSWER)
ZIPPED = gzip.compress(REPLY.encode())


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (asked(body=TEXT), told({"string": REPLY})),
        (asked(body=QUESTION), told({"string": REPLY})),
        (asked(body=TEXT.encode()), told({"string": REPLY.encode()})),
        (asked(body=TEXT), told({"string": ZIPPED}, **{"Content-Encoding": ["gzip"]})),
        (asked(body=TEXT), told({"string": REPLY}, **{"Content-Encoding": ["gzip"]})),
        (
            asked(body={"string": TEXT}),
            told({"base64_string": base64.b64encode(REPLY.encode()).decode()}),
        ),
        (
            asked(body=TEXT),
            {"content": REPLY, "headers": {}, "http_version": "HTTP/1.1", "status_code": 200},
        ),
        (
            asked(parsed_body=QUESTION),
            {"status": {"code": 200}, "headers": {}, "parsed_body": ANSWER},
        ),
    ],
    ids=["text", "object", "bytes", "gzip", "gzip in name only", "base64", "httpx", "parsed"],
)
def test_every_form_of_a_body_is_the_same_call(
    project: Importing, request_: object, response: object
) -> None:
    """As the versions and plugins of vcrpy have written it."""
    project.file("test_a.yaml", recording(request_, response))
    project.good("vcrpy", "test_a.yaml")
    [event] = project.events("out/test_a.yaml")
    assert isinstance(event.exchange.request.body, JsonBody)
    assert QUESTION == event.exchange.request.body.value
    assert isinstance(event.exchange.response, HttpResponse)
    assert JsonBody(value=ANSWER) == event.exchange.response.body
    assert ("wire", "chat_completions") == (event.origin, event.api)


def test_a_request_that_vcrpy_did_not_keep_is_told(project: Importing) -> None:
    """Versions before its ninth lost what aiohttp sends as `json`: it could never be played."""
    project.file("c.yaml", recording(asked(body=None), told({"string": REPLY})))
    done = project.run("vcrpy", "c.yaml")
    assert 1 == done.returncode
    assert "c.yaml:2: no body of the request: this version of vcrpy kept none" in done.stderr


def test_a_stream_stays_a_stream(project: Importing) -> None:
    """Byte for byte, one chunk for each event."""
    headers = {"content-type": ["text/event-stream; charset=utf-8"]}
    project.file("test_a.yaml", recording(asked(body=TEXT), told({"string": STREAM}, **headers)))
    project.good("vcrpy", "test_a.yaml")
    [event] = project.events("out/test_a.yaml")
    assert isinstance(event.exchange.response, HttpResponse)
    assert isinstance(event.exchange.response.body, StreamBody)
    assert STREAM.encode() == event.exchange.response.body.data
    assert 2 == len(event.exchange.response.body.chunks)


def test_cassettes_of_the_json_serializer_are_read(project: Importing) -> None:
    """They end in .json."""
    calls = {"interactions": [{"request": asked(body=TEXT), "response": told({"string": REPLY})}]}
    project.file("test_a.json", json.dumps(calls))
    project.good("vcrpy", "test_a.json")
    assert "Hi." == project.events("out/test_a.yaml")[0].response.text


def test_what_is_no_call_of_a_model_is_counted_and_left_out(project: Importing) -> None:
    """A cassette of vcrpy holds all HTTP of a test."""
    call = {"request": asked(body=TEXT), "response": told({"string": REPLY})}
    page = {"request": {**asked(), "method": "GET", "uri": "https://example.org/"}}
    page["response"] = told({"string": "<html>"})
    project.file("test_a.yaml", yaml.dump({"interactions": [page, call]}))
    expected = (
        "imported 1 call into 1 cassette in out; "
        "passed over 1, each a request that is no call of a model\n"
    )
    assert expected == project.good("vcrpy", "test_a.yaml")


def test_what_is_no_http_is_counted_and_left_out(project: Importing) -> None:
    """A long talk by websocket, or gRPC beside HTTP, buries nothing that is worth a line."""
    messages = [{"kind": "message", "direction": "sent", "data": {}}] * 300
    rpc: Json = {"request_sample": {"json": {}}, "response_sample": {"json": {}}}
    call = {"request": asked(body=TEXT), "response": told({"string": REPLY})}
    socket = {"request": {**asked(), "method": "GET"}, "response": told({"string": ""})}
    socket["response"]["status"] = {"code": 101, "message": "Switching Protocols"}
    project.file("test_a.yaml", yaml.dump({"interactions": [*messages, rpc, socket, call]}))
    expected = (
        "imported 1 call into 1 cassette in out; "
        "passed over 302, each an interaction that is no HTTP, as of a websocket or gRPC\n"
    )
    assert expected == project.good("vcrpy", "test_a.yaml")


def test_a_cassette_of_ours_is_passed_over(project: Importing) -> None:
    """Both may lie in one directory."""
    project.file("all/old.yaml", recording(asked(body=TEXT), told({"string": REPLY})))
    project.good("vcrpy", "all")
    (project.path / "out/old.yaml").rename(project.path / "all/new.yaml")
    assert "passed over 1, each a cassette of pytest-llmreplay" in project.good("vcrpy", "all")


RUBY = f"""---
http_interactions:
- request:
    method: post
    uri: {URL}
    body: {{encoding: UTF-8, string: '{TEXT}'}}
    headers: {{Content-Type: [application/json]}}
  response:
    status: {{code: 200, message: OK}}
    headers: {{Content-Type: [application/json]}}
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {base64.b64encode(REPLY.encode()).decode()}
  recorded_at: Wed, 19 Aug 2026 14:34:12 GMT
recorded_with: VCR 6.3.1
"""
R = f"""http_interactions:
- request:
    method: POST
    uri: {URL}
    body: {{string: '{TEXT}'}}
  response:
    status: 200
    headers: {{content-type: application/json}}
    body: {{string: '{REPLY}'}}
  recorded_at: 2026-08-19 14:34:12
recorded_with: vcr/2.1.0
"""
GO = f"""---
version: 2
interactions:
    - id: 0
      request:
        content_length: 30
        host: api.openai.com
        body: '{TEXT}'
        headers: {{Content-Type: [application/json]}}
        url: {URL}
        method: POST
      response:
        uncompressed: true
        body: '{REPLY}'
        headers: {{Content-Type: [application/json]}}
        status: 200 OK
        code: 200
        duration: 1m2.5s
"""


@pytest.mark.parametrize(
    ("content", "at", "duration"),
    [
        (RUBY, "2026-08-19T14:34:12.000Z", None),
        (R, "2026-08-19T14:34:12.000Z", None),
        (GO, None, 62.5),
        (GO.replace("1m2.5s", "114ms"), None, 0.114),
        (GO.replace("1m2.5s", "0s"), None, None),
        (GO.replace("1m2.5s", "soon"), None, None),
        (RUBY.replace("Wed, 19 Aug 2026 14:34:12 GMT", "soon"), None, None),
    ],
    ids=["ruby", "r", "go", "milliseconds", "no seconds", "no duration", "no moment"],
)
def test_cassettes_of_other_languages_are_read(
    project: Importing, content: str, at: str | None, duration: float | None
) -> None:
    """Ruby and R keep the moment, Go the seconds; streams and bytes are theirs as ours."""
    project.file("test_a.yaml", content)
    project.good("vcrpy", "test_a.yaml")
    [event] = project.events("out/test_a.yaml")
    assert (JsonBody(value=QUESTION), "Hi.") == (event.exchange.request.body, event.response.text)
    assert (at, duration) == (event.measured.at, event.measured.duration)


def test_an_address_under_a_placeholder_is_a_call(project: Importing) -> None:
    """What a filter of VCR left of a base URL; no name of it can be owned."""
    project.file("a.yaml", RUBY.replace(URL, "<OLLAMA_API_BASE>/chat/completions"))
    project.good("vcrpy", "a.yaml")
    [event] = project.events("out/a.yaml")
    assert "https://ollama-api-base.invalid/chat/completions" == event.exchange.request.url
    assert ("chat_completions", "Hi.") == (event.api, event.response.text)


def test_what_goes_to_hosts_of_the_project_is_a_call(project: Importing) -> None:
    """`llm_hosts` says so, whatever the path."""
    project.file("a.yaml", RUBY.replace(URL, "https://llm.example.org/ask"))
    assert "passed over 1, each a request that is no call" in project.run("vcrpy", "a.yaml").stdout
    project.file("pytest.ini", "[pytest]\nllm_hosts = *.example.org\n")
    project.good("vcrpy", "a.yaml")
    assert "other" == project.events("out/a.yaml")[0].api


def test_vcr_writes_json_too(project: Importing) -> None:
    """Where its serializer is that of JSON."""
    call = {
        "request": {"method": "post", "uri": URL, "body": {"encoding": "UTF-8", "string": TEXT}},
        "response": told({"encoding": "UTF-8", "string": REPLY}),
        "recorded_at": "Wed, 19 Aug 2026 14:34:12 GMT",
    }
    project.file("a.json", json.dumps({"http_interactions": [call], "recorded_with": "VCR 6.3.1"}))
    project.good("vcrpy", "a.json")
    assert "Hi." == project.events("out/a.yaml")[0].response.text


def test_plain_scalars_mean_what_their_writers_meant(project: Importing) -> None:
    """R writes `~` and `yes`, and PyYAML puts no quotes about a text that is `1e5` or `12e3456`."""
    values = {"text": "1e5", "id": "12e3456", "low": "-1E-5", "float": 1e20, "small": -1.5e-7}
    body = yaml.dump({**values, "none": None, "more": "1.5e5"}) + "r: ~\nright: yes\nwrong: Off\n"
    content = recording({"parsed_body": 1, **asked()}, told({"string": REPLY}))
    block = body.replace("\n", "\n      ").rstrip()
    project.file("test_a.yaml", content.replace("parsed_body: 1", f"parsed_body:\n      {block}"))
    project.good("vcrpy", "test_a.yaml")
    [event] = project.events("out/test_a.yaml")
    words = {"none": None, "more": "1.5e5", "r": None, "right": True, "wrong": False}
    assert isinstance(event.exchange.request.body, JsonBody)
    assert {**values, **words} == event.exchange.request.body.value


def test_a_text_may_be_told_by_an_alias(project: Importing) -> None:
    """PyYAML writes none for texts; people do."""
    content = recording(asked(body=TEXT), told({"string": REPLY}))
    address = f"uri: &one {URL}\n    again: *one"
    project.file("test_a.yaml", content.replace(f"uri: {URL}", address))
    project.good("vcrpy", "test_a.yaml")
    assert URL == project.events("out/test_a.yaml")[0].exchange.request.url


def test_what_is_no_text_and_no_base64_is_told(project: Importing) -> None:
    """A file in another encoding as a whole, a body by its line."""
    project.file("a.yaml", "interactions: caf\xe9\n".encode("latin-1"))
    project.file("b.yaml", recording(asked(body=TEXT), told({"base64_string": "%"})))
    assert (
        "a.yaml: is not UTF-8: byte 18 is no text\nb.yaml:2: a body is no base64\n"
    ) == project.run("vcrpy", "a.yaml", "b.yaml").stderr


BLOT = "**REDACTED**"


def test_cassettes_of_langchain_are_read(project: Importing) -> None:
    """Two lists in a compressed file, with all headers blotted out: a stream is one by its look."""
    blotted: dict[str, list[str] | str] = {"Content-Type": BLOT, "Content-Encoding": BLOT}
    requests = [asked(body=TEXT.encode(), headers=blotted)] * 2
    answers = [told({"string": ZIPPED}, **blotted), told({"string": STREAM.encode()}, **blotted)]
    halves = yaml.dump({"requests": requests, "responses": answers})
    project.file("test_a.yaml.gz", gzip.compress(halves.encode()))
    project.good("vcrpy", "test_a.yaml.gz")
    plain, streamed = project.events("out/test_a.yaml")
    assert ("Hi.", JsonBody(value=QUESTION)) == (plain.response.text, plain.exchange.request.body)
    assert isinstance(streamed.exchange.response, HttpResponse)
    assert isinstance(streamed.exchange.response.body, StreamBody)


@pytest.mark.parametrize(
    ("model", "answer", "url"),
    [
        ("gpt-5-mini", REPLY, URL),
        ("gpt-5-mini", STREAM, URL),
        ("groq/compound", REPLY, "https://api.groq.com/openai/v1/chat/completions"),
        ("some-model", '{"object": "response"}', "https://api.openai.com/v1/responses"),
        (
            "gpt-5-mini",
            'event: response.created\ndata: {"type": "response.created"}\n\n',
            "https://api.openai.com/v1/responses",
        ),
        ("claude-opus-5-5", '{"type": "message"}', "https://api.anthropic.com/v1/messages"),
        (
            "claude-opus-5-5",
            ': hello\n\nevent: message_start\ndata: {"type": "message_start"}\n\n',
            "https://api.anthropic.com/v1/messages",
        ),
        (
            "text-embedding-3-small",
            '{"object": "list", "data": [{"object": "embedding"}]}',
            "https://api.openai.com/v1/embeddings",
        ),
    ],
)
def test_an_address_that_langchain_blotted_out_is_told_by_the_answer(
    project: Importing, model: str, answer: str, url: str
) -> None:
    """Its standard tests keep none: the call plays where the SDK of that format asks."""
    request = asked(uri=BLOT, body=json.dumps({"model": model, "messages": [], "input": "Hi"}))
    project.file("a.yaml", yaml.dump({"requests": [request], "responses": [told(answer)]}))
    project.good("vcrpy", "a.yaml")
    assert url == project.events("out/a.yaml")[0].exchange.request.url


def test_an_address_that_nothing_tells_is_told(project: Importing) -> None:
    """An error may be one of any format; what names no model was no call of one."""
    refused = {**told('{"error": {"message": "no"}}'), "status": {"code": 401}}
    request, picture = asked(uri=BLOT, body=TEXT), asked(uri=BLOT, method="GET")
    halves = {"requests": [request, picture], "responses": [refused, told("...")]}
    project.file("a.yaml", yaml.dump(halves))
    report = project.run("vcrpy", "a.yaml")
    assert (
        "a.yaml:2: nothing tells the format: no url, no api, no answer in a known format\n"
    ) == report.stderr
    assert "passed over 1, each a request that is no call of a model" in report.stdout


def test_halves_without_their_others_are_told(project: Importing) -> None:
    """By the line in which they begin."""
    project.file("a.yaml", yaml.dump({"requests": [asked(body=TEXT)], "responses": []}))
    project.file("b.yaml", yaml.dump({"responses": [told({"string": REPLY})]}))
    assert (
        "a.yaml:2: an interaction without a response\n"
        "b.yaml:2: an interaction without an HTTP request\n"
    ) == project.run("vcrpy", "a.yaml", "b.yaml").stderr


@pytest.mark.parametrize("body", [REPLY, f"base64:{base64.b64encode(REPLY.encode()).decode()}"])
def test_a_file_of_one_interaction_is_read(project: Importing, body: str) -> None:
    """As the test agent of Datadog writes each call: JSON, headers of one text."""
    call = {
        "request": {"method": "POST", "url": URL, "headers": {"Accept": "*/*"}, "body": TEXT},
        "response": {"status": {"code": 200}, "headers": {"a": "b"}, "body": body},
    }
    project.file("a.json", json.dumps(call, indent=2))
    project.good("vcrpy", "a.json")
    assert "Hi." == project.events("out/a.yaml")[0].response.text


@pytest.mark.parametrize(("encoding", "package"), [("br", "brotli"), ("zstd", "zstandard")])
def test_what_no_library_decompresses_is_told(
    project: Importing, monkeypatch: pytest.MonkeyPatch, encoding: str, package: str
) -> None:
    """It would be imported as noise; text was decompressed before it was recorded."""
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    headers = {"content-encoding": [encoding]}
    good = told({"string": f"\n{REPLY}"}, **headers)
    project.file("good.yaml", recording(asked(body=TEXT), good))
    project.file("bad.yaml", recording(asked(body=TEXT), told({"string": b"\xff\xfe"}, **headers)))
    done = project.run("vcrpy", "good.yaml", "bad.yaml")
    assert (
        f"bad.yaml:2: a body is compressed by {encoding!r}; to read it: pip install {package}\n"
    ) == done.stderr
    assert "Hi." == project.events("out/good.yaml")[0].response.text


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"method": "POST", "url": URL, "content_length": 0}, {"code": 200, "body": "{}"}),
        (
            {"method": "post", "uri": URL, "body": {"encoding": "US-ASCII", "string": ""}},
            told({"string": "{}"}),
        ),
    ],
    ids=["go", "ruby"],
)
def test_other_recorders_lose_no_body(
    project: Importing, request_: dict[str, object], answer: dict[str, object]
) -> None:
    """What they keep as nothing was nothing."""
    project.file("test_a.yaml", recording(request_, {"headers": {}, **answer}))
    project.good("vcrpy", "test_a.yaml")
    assert project.events("out/test_a.yaml")[0].exchange.request.body is None


ISTR = "!!python/object/{}:multidict._multidict{}.istr"


@pytest.mark.parametrize("how", ["apply", "new"])
@pytest.mark.parametrize("module", ["", "_py"])
def test_names_of_headers_that_aiohttp_sent_are_text(
    project: Importing, how: str, module: str
) -> None:
    """Vcrpy kept them as objects of multidict, which a loader would have to make."""
    name = ISTR.format(how, module)
    project.file(
        "test_a.yaml",
        f"interactions:\n- request:\n    body: '{TEXT}'\n    method: POST\n    uri: {URL}\n"
        f"    headers:\n      ? &one {name}\n      - Content-Type\n      : - application/json\n"
        f"  response:\n    body: {{string: '{REPLY}'}}\n    status: {{code: 200, message: OK}}\n"
        f"    headers:\n      ? *one\n      : [application/json]\n",
    )
    project.good("vcrpy", "test_a.yaml")
    [event] = project.events("out/test_a.yaml")
    assert "application/json" == event.exchange.request.headers["content-type"]
    assert "Hi." == event.response.text


GOOD = recording(asked(body=TEXT), told({"string": REPLY})).replace("version: 1\n", "")
LINES = GOOD.count("\n")
BOMB = "".join(f"- &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (
            "- !!python/object/apply:os.system [touch hacked]\n",
            1,
            "the tag 'tag:yaml.org,2002:python/object/apply:os.system' names no plain data",
        ),
        (f"- &a0 [x, x]\n{BOMB}", 15, "aliases stand for more than 100,000 values"),
        ("- request: " + "[" * 1_000_000, 1, "nest"),
        (
            f"- {{request: {{? {ISTR.format('apply', '')} [[x]] : x}}}}\n",
            1,
            "the name of a header is one text",
        ),
        (
            f"- {{request: {{? {ISTR.format('new', '')} [x] : 1, x: 2}}}}\n",
            1,
            "key 'x' stands twice in one mapping",
        ),
        (f"- request: {'!!python/object/new:multidict._multidict.istr [' * 300}\n", 1, "nest"),
        ("- request: *nobody\n", 1, "the alias 'nobody' stands for nothing before it"),
        ("- request: {method: 'POST\n", 2, "not valid YAML: found unexpected end"),
        ("- request: !!binary '%%'\n", 1, "`!!binary` is no base64"),
        ("- {request: {uri: x}}\n", 1, "an interaction without a response"),
        ("- {response: {}}\n", 1, "an interaction without an HTTP request"),
        (
            "- {request: {uri: x}, response: {body: x}}\n",
            1,
            "an answer without a status code",
        ),
        (
            "- {request: {uri: x, parsed_body: [!!binary AA==]}, response: {}}\n",
            1,
            "the body holds bytes, which are no JSON",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_a_hostile_or_broken_cassette_is_told_by_line(
    project: Importing, content: str, line: int, reason: str
) -> None:
    """What stands before the place is imported; nothing is run."""
    project.file("test_a.yaml", GOOD + content)
    done = project.run("vcrpy", "test_a.yaml")
    assert 1 == done.returncode
    place, _, said = done.stderr.splitlines()[-1].partition(": ")
    assert reason in said
    assert f"test_a.yaml:{LINES + line}" == place
    assert 1 == len(project.events("out/test_a.yaml"))
    assert not (project.path / "hacked").exists()


def test_a_bomb_in_a_body_is_refused(project: Importing) -> None:
    """A body of 40 MB that was 40 kB on the wire; 100 to 1 is the most."""
    bomb = gzip.compress(b"0" * 40_000_000)
    headers = {"content-encoding": ["gzip"]}
    project.file("test_a.yaml", recording(asked(body=TEXT), told({"string": bomb}, **headers)))
    done = project.run("vcrpy", "test_a.yaml")
    assert (
        "test_a.yaml:2: expands to more than 100 times its size\n"
        "imported 0 calls into 0 cassettes; 1 not imported\n"
    ) == done.stderr + done.stdout
    assert 1 == done.returncode


def test_no_key_of_a_recording_reaches_a_cassette(project: Importing) -> None:
    """Vcrpy keeps the authorization header unless it is told not to."""
    key = "sk-proj-" + "a8Kd93LmQ0zX7vB2nT5yRw1c" * 2
    headers = {"authorization": [f"Bearer {key}"], "x-api-key": [key]}
    question = {**QUESTION, "user": key}
    request = {**asked(body=json.dumps(question)), "headers": headers}
    project.file("test_a.yaml", recording(request, told({"string": REPLY})))
    project.good("vcrpy", "test_a.yaml")
    assert key not in (project.path / "out/test_a.yaml").read_text()


@needs_recordings
def test_every_real_recording_plays_back_as_it_was(project: Importing) -> None:
    """Each body that was recorded comes back as that JSON, or those bytes, from the playback."""
    project.good("vcrpy", str(RECORDINGS))
    compared = 0
    for path in sorted(RECORDINGS.glob("*.yaml")):
        kept = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["interactions"]
        calls = [call for call in kept if _is_call(call["request"])]
        name = f"{safe_name(path.stem, folding=path.stem)}.yaml"
        played = played_back(project.path / "out" / name)
        assert [_answer(call["response"]) for call in calls] == played, path.name
        compared += len(calls)
    assert 126 == compared


def test_every_member_of_a_cassette_is_a_call_or_told(project: Importing) -> None:
    """Also what is no mapping, and what an alias stands for; a file of another kind is counted."""
    project.file("other.yaml", "services: {}\n")
    body = json.dumps({"request": asked(body=TEXT), "response": told({"string": REPLY})})
    project.file("a.yaml", f"interactions:\n- &one {body}\n- 5\n- null\n- *one\n")
    done = project.run("vcrpy", "a.yaml", "other.yaml")
    reason = "an interaction without an HTTP request"
    assert f"a.yaml:3: {reason}\na.yaml:4: {reason}\n" == done.stderr
    assert done.stdout.startswith("imported 2 calls into 1 cassette in out; 2 not imported")
    assert done.stdout.endswith("; passed over 1, each a file without interactions\n")


def _is_call(request: dict[str, str]) -> bool:
    return is_llm_call(request["method"], request["uri"])


def _answer(response: dict[str, Any]) -> str | bytes:
    """JSON as text, so that the order of keys counts, or bytes."""
    if "parsed_body" in response:
        return json.dumps(response["parsed_body"])
    text = (response.get("body") or {}).get("string") or ""
    return _plain(text if isinstance(text, bytes) else text.encode())


def _plain(data: bytes) -> str | bytes:
    try:
        return json.dumps(json.loads(data))
    except ValueError:
        return data


def played_back(path: Path) -> list[str | bytes]:
    """All answers of a cassette, as an application gets them."""
    cassette = OpenCassette(
        place=Place(path=path, root=path.parent, shown="a", record="pytest"),
        header=Header(),
        mode="none",
        rules=MatchRules(),
        redactor=Redactor(),
        explain=lambda _cassette, _request, number: AssertionError(number),
    )
    found = []
    for event in Cassette.load(path).events:
        answer = cassette.tape.route(_sent(event))
        assert isinstance(answer, Playback)
        assert isinstance(answer.chunks, tuple)
        found.append(_plain(b"".join(answer.chunks)))
    cassette.close()
    return found


def _sent(event: Event) -> RawRequest:
    request = event.exchange.request
    body = request.body
    return RawRequest(
        method=request.method,
        url=request.url,
        headers=dict(request.headers),
        content=json.dumps(body.value).encode() if isinstance(body, JsonBody) else b"",
        library=sys.implementation.name,
    )


def test_a_character_that_yaml_has_not_is_told_by_line(project: Importing) -> None:
    """In words of ours; the parser refuses the whole file and tells a position in it."""
    project.file("test_a.yaml", GOOD + '- request: {uri: "é\x01"}\n')
    done = project.run("vcrpy", "test_a.yaml")
    assert f"test_a.yaml:{LINES + 1}: raw character U+0001, which YAML has not\n" in done.stderr

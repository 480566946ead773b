"""`import jsonl`: the documented general form."""

from __future__ import annotations

import gzip
import json

import pytest
from importing import ANSWER, QUESTION, Importing, lines

from pytest_llmreplay.event import HttpResponse, Json, JsonBody, Session, StreamBody
from pytest_llmreplay.providers.registry import FORMATS

KEEP = ("--redact", "none")


def test_a_request_and_a_response_alone_are_a_call(project: Importing) -> None:
    """The answer tells the format, and what it measured."""
    project.file("calls.jsonl", lines({"request": QUESTION, "response": ANSWER}))
    told = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 1 call into 1 cassette in out\n" == told
    [event] = project.events("out/calls.yaml")
    assert ("openai", "chat_completions", "gpt-5-mini", "wire") == (
        event.provider,
        event.api,
        event.model,
        event.origin,
    )
    assert "https://api.openai.com/v1/chat/completions" == event.exchange.request.url
    assert "Hi." == event.response.text
    assert (8, 2) == (event.measured.input_tokens, event.measured.output_tokens)


def test_bodies_may_be_texts(project: Importing) -> None:
    """As columns of databases and of tables hold them."""
    told = {"request": json.dumps(QUESTION), "response": json.dumps(ANSWER)}
    project.file("calls.jsonl", lines({**told, "api": "chat_completions"}))
    project.good("jsonl", "calls.jsonl", *KEEP)
    [event] = project.events("out/calls.yaml")
    assert ("gpt-5-mini", "Hi.") == (event.model, event.response.text)


@pytest.mark.parametrize(
    ("said", "api"),
    [
        (': wait\n\ndata: {"object": "chat.completion.chunk"}\n\n', "chat_completions"),
        ('event: message_start\ndata: {"type": "message_start"}\n\n', "messages"),
        ('data: {"type": "response.created", "response": {}}\n\n', "responses"),
        ('{"model": "m", "done": false}\n{"model": "m", "done": true}\n', "ollama_chat"),
    ],
)
def test_a_stream_alone_tells_its_format(project: Importing, said: str, api: str) -> None:
    """By its first event, as a whole answer does."""
    told = {"request": {**QUESTION, "stream": True, "input": "Hi."}, "response": said}
    project.file("calls.jsonl", lines(told))
    project.good("jsonl", "calls.jsonl", *KEEP)
    [event] = project.events("out/calls.yaml")
    assert api == event.api
    assert isinstance(event.exchange.response, HttpResponse)
    assert isinstance(event.exchange.response.body, StreamBody)


def test_what_nobody_can_have_measured_is_unknown(project: Importing) -> None:
    """A clock that was set back is no latency; a status may be a text, as in a table."""
    whole = {"status": "429", "body": {"error": {"message": "slow down"}}}
    told = {"request": QUESTION, "response": whole, "api": "chat_completions"}
    project.file("calls.jsonl", lines({**told, "duration": -1, "time_to_first_chunk": -0.5}))
    project.good("jsonl", "calls.jsonl", *KEEP)
    [event] = project.events("out/calls.yaml")
    assert (None, None) == (event.measured.duration, event.measured.time_to_first_chunk)
    assert isinstance(event.exchange.response, HttpResponse)
    assert 429 == event.exchange.response.status


def test_everything_that_a_line_can_say_is_kept(project: Importing) -> None:
    """Whole HTTP messages, session, prompt, labels, moments, and where the words come from."""
    stream = 'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n'
    project.file(
        "calls.jsonl",
        lines(
            {
                "id": "call-1",
                "request": {
                    "method": "post",
                    "url": "https://openrouter.ai/api/v1/chat/completions",
                    "headers": {"Content-Type": "application/json", "Authorization": "Bearer x"},
                    "body": {**QUESTION, "stream": True},
                },
                "response": {
                    "status": 200,
                    "headers": {"Content-Type": "text/event-stream"},
                    "body": stream,
                },
                "session": {"id": "s-1", "name": "Debate", "path": "/debate/one"},
                "prompt": "argument",
                "labels": {"turn": "1"},
                "at": 1795194012.412,
                "duration": 1.25,
                "time_to_first_chunk": 0.5,
                "origin": "reconstructed",
            }
        ),
    )
    told = project.good("jsonl", "calls.jsonl", *KEEP)
    assert "imported 1 call into 1 cassette in out (1 reconstructed)\n" == told
    [event] = project.events("out/s-1.yaml")
    assert ("openrouter", "argument", {"turn": "1"}) == (
        event.provider,
        event.name,
        dict(event.labels),
    )
    assert Session(id="s-1", name="Debate", path="/debate/one") == event.session
    assert {"content-type": "application/json"} == dict(event.exchange.request.headers)
    assert "2026-11-20T17:00:12.412Z" == event.measured.at
    assert (1.25, 0.5) == (event.measured.duration, event.measured.time_to_first_chunk)
    assert isinstance(event.exchange.response, HttpResponse)
    assert isinstance(event.exchange.response.body, StreamBody)
    assert stream.encode() == event.exchange.response.body.data


@pytest.mark.parametrize("answer", [{"object": ["response"]}, {"type": {}}, {"object": "list"}])
def test_an_answer_of_no_format_is_told(project: Importing, answer: Json) -> None:
    """Also where it has lists and objects in place of words."""
    project.file("calls.jsonl", lines({"request": QUESTION, "response": answer}))
    told = "calls.jsonl:1: nothing tells the format: no url, no api, no answer in a known format\n"
    assert told == project.run("jsonl", "calls.jsonl", *KEEP).stderr


@pytest.mark.parametrize(
    ("told", "url", "api"),
    [
        ({"provider": "mistral", "api": "chat_completions"}, "api.mistral.ai", "chat_completions"),
        ({"api": "messages"}, "api.anthropic.com", "messages"),
        ({"api": "interactions"}, "generativelanguage.googleapis.com", "interactions"),
        ({"api": "generate_content"}, "generativelanguage.googleapis.com", "generate_content"),
        ({"api": "ollama_chat"}, "127.0.0.1:11434", "ollama_chat"),
        (
            {"provider": "gemini", "api": "generate_content", "model": "gemini-3"},
            "/models/gemini-3:generateContent",
            "generate_content",
        ),
    ],
)
def test_provider_and_api_tell_where_a_call_went(
    project: Importing, told: dict[str, Json], url: str, api: str
) -> None:
    """Where a line names no URL."""
    project.file("calls.jsonl", lines({"request": QUESTION, "response": {"x": 1}, **told}))
    project.good("jsonl", "calls.jsonl", *KEEP)
    [event] = project.events("out/calls.yaml")
    assert url in event.exchange.request.url
    assert api == event.api


def test_each_bad_line_is_told_with_its_place_and_the_rest_goes_on(project: Importing) -> None:
    """Truncated, in another encoding, empty, nested without end, no call, a second of its id."""
    good = lines({"id": "a", "request": QUESTION, "response": ANSWER}).encode()
    bad = [
        b'{"request": {"model": \n',
        '{"request": "caf\xe9"}\n'.encode("latin-1"),
        b'["x"]\n',
        b"[" * 100_000 + b"\n",
        b'{"request": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}\n",
        lines({"request": QUESTION}).encode(),
        lines({"response": ANSWER}).encode(),
        lines({"request": QUESTION, "response": {"choices": 1}}).encode(),
        lines({"request": QUESTION, "response": ANSWER, "origin": "dreamt"}).encode(),
        b'{"request": {"model": NaN}, "response": 1}\n',
        good,
        lines({"request": QUESTION, "response": ANSWER, "api": "poetry"}).encode(),
        lines({"request": QUESTION, "response": {"status": 0, "body": ANSWER}}).encode(),
    ]
    project.file("calls.jsonl", b"\n".join([good, *bad]))
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert 1 == done.returncode
    assert [
        "calls.jsonl:3: is no JSON: Expecting value, character 22",
        "calls.jsonl:5: is not UTF-8: byte 17 is no text",
        "calls.jsonl:9: is nested more than 200 deep",
        "calls.jsonl:11: is nested more than 200 deep",
        "calls.jsonl:13: no response: the line has request",
        "calls.jsonl:15: no request: the line has response",
        "calls.jsonl:17: nothing tells the format: no url, no api, no answer in a known format",
        "calls.jsonl:19: origin 'dreamt' is neither 'wire' nor 'reconstructed'",
        "calls.jsonl:21: is no JSON: NaN is no JSON number",
        "calls.jsonl:23: has the id of calls.jsonl:1; left out",
        "calls.jsonl:25: unknown API format 'poetry'; known are " + ", ".join(FORMATS),
        "calls.jsonl:27: an answer with the status 0, which HTTP has not",
    ] == sorted(
        (line for line in done.stderr.splitlines() if line.startswith("calls.jsonl:")),
        key=lambda line: int(line.split(":")[1]),
    )
    assert "calls.jsonl, line 7, record 1: expected an object, found a text\n" in done.stderr
    assert "imported 1 call into 1 cassette in out; 13 not imported\n" == done.stdout


def test_what_stands_before_the_first_call_hides_none(project: Importing) -> None:
    """Remarks of an export, or lines that were damaged; each is told."""
    good = lines({"request": QUESTION, "response": ANSWER})
    project.file("calls.jsonl", f"# exported\n# by hand\n{good}{good}")
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert [
        f"calls.jsonl:{number}: is no JSON: Expecting value, character 1" for number in (1, 2)
    ] == done.stderr.splitlines()
    assert 2 == len(project.events("out/calls.yaml"))


@pytest.mark.parametrize("many", [False, True], ids=["one", "list"])
def test_calls_over_several_lines_are_read(project: Importing, *, many: bool) -> None:
    """As editors and `jq` print them."""
    call: Json = {"request": QUESTION, "response": ANSWER}
    project.file("calls.json", json.dumps([call, call] if many else call, indent=2))
    project.good("jsonl", "calls.json", *KEEP)
    assert (2 if many else 1) == len(project.events("out/calls.json.yaml"))


def test_gzip_is_read_as_it_is(project: Importing) -> None:
    """Exports come compressed."""
    call: Json = {"request": QUESTION, "response": ANSWER}
    project.file("calls.jsonl.gz", gzip.compress(lines(call, call).encode()))
    project.good("jsonl", "calls.jsonl.gz", *KEEP)
    assert 2 == len(project.events("out/calls.yaml"))


def test_the_body_comes_back_as_it_was(project: Importing) -> None:
    """Also what YAML would read as something else, or as the end of a block."""
    answer = {**ANSWER, "id": "no", "odd": ["yes", "0o17", "a\u2028b", "\u0085", "1e3", "x\r\ny"]}
    project.file("calls.jsonl", lines({"request": QUESTION, "response": answer}))
    project.good("jsonl", "calls.jsonl", *KEEP)
    [event] = project.events("out/calls.yaml")
    assert isinstance(event.exchange.response, HttpResponse)
    assert isinstance(event.exchange.response.body, JsonBody)
    assert json.dumps(answer) == json.dumps(event.exchange.response.body.value)


def test_compressed_logs_that_were_joined_are_read_to_the_end(project: Importing) -> None:
    """As `cat` joins what a rotation left, with what one of them has lost told."""
    one = gzip.compress(lines({"request": QUESTION, "response": ANSWER}).encode())
    project.file("calls.jsonl.gz", one + one)
    project.good("jsonl", "calls.jsonl.gz", *KEEP)
    assert 2 == len(project.events("out/calls.yaml"))
    project.file("damaged.jsonl.gz", one + one[:20] + b"damage" + one[26:])
    done = project.run("jsonl", "damaged.jsonl.gz", *KEEP)
    assert (1, 1) == (done.returncode, len(project.events("out/damaged.yaml")))
    assert "damaged.jsonl.gz: is no sound gzip file\n" == done.stderr

"""`import har`: archives of browsers and proxies."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from importing import ANSWER, QUESTION, Importing

from pytest_llmreplay.event import HttpResponse, StreamBody

URL = "https://api.openai.com/v1/chat/completions"
STREAM = 'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n'


def entry(content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An entry as browsers write it."""
    return {
        "startedDateTime": "2026-11-20T18:00:12.412+01:00",
        "time": 1250.5,
        "timings": {"blocked": 10, "dns": -1, "connect": -1, "send": 1, "wait": 489, "receive": 7},
        "request": {
            "method": "POST",
            "url": URL,
            "headers": [
                {"name": ":authority", "value": "api.openai.com"},
                {"name": "Authorization", "value": "Bearer secret"},
                {"name": "Helicone-Session-Id", "value": "s-1"},
            ],
            "postData": {"mimeType": "application/json", "text": json.dumps(QUESTION)},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": content.pop("mimeType", "")}],
            "content": content,
        },
        **more,
    }


def har(*entries: object) -> str:
    """A whole archive."""
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}, indent=1)


@pytest.mark.parametrize(
    "content",
    [
        {"text": json.dumps(ANSWER), "mimeType": "application/json"},
        {"text": base64.b64encode(json.dumps(ANSWER).encode()).decode(), "encoding": "base64"},
    ],
    ids=["text", "base64"],
)
def test_an_entry_is_a_call(project: Importing, content: dict[str, Any]) -> None:
    """With its moment, its seconds, and the session that its headers name."""
    project.file("site.har", har(entry(dict(content))))
    project.good("har", "site.har")
    [event] = project.events("out/s-1.yaml")
    assert ("Hi.", "wire") == (event.response.text, event.origin)
    assert "2026-11-20T17:00:12.412Z" == event.measured.at
    assert (1.25, None) == (event.measured.duration, event.measured.time_to_first_chunk)
    assert {"helicone-session-id": "s-1"} == dict(event.exchange.request.headers)


def test_a_recording_of_polly_js_is_read_in_its_chunks(project: Importing) -> None:
    """A compressed answer is a list in the content's text: base64 for each chunk that came."""
    data = gzip.compress(json.dumps(ANSWER).encode())
    chunks = [base64.b64encode(part).decode() for part in (data[:50], data[50:])]
    whole = entry({"text": json.dumps(chunks), "encoding": "base64"})
    whole["response"]["headers"] = [{"name": "content-encoding", "value": "gzip"}]
    project.file("recording.har", har(whole))
    project.good("har", "recording.har")
    assert "Hi." == project.events("out/s-1.yaml")[0].response.text


@pytest.mark.parametrize("text", ["%", "[", "[1]", '["%"]', '["e30=", 1]'])
def test_content_that_is_no_base64_is_told(project: Importing, text: str) -> None:
    """Whichever of its forms it should have."""
    project.file("site.har", har(entry({"text": text, "encoding": "base64"})))
    done = project.run("har", "site.har")
    assert "site.har, entry 1: the content of the answer is no base64\n" == done.stderr


def test_what_goes_to_hosts_of_the_project_is_a_call(project: Importing) -> None:
    """`llm_hosts` says so, whatever the path."""
    project.file("pytest.ini", "[pytest]\nllm_hosts = llm.example.org\n")
    asked = {"method": "POST", "url": "https://llm.example.org/ask", "headers": []}
    project.file("site.har", har(entry({"text": json.dumps(ANSWER)}, request=asked)))
    project.good("har", "site.har")
    assert "other" == project.events("out/site.yaml")[0].api


def test_a_stream_has_a_time_to_its_first_chunk(project: Importing) -> None:
    """All that went by before the first byte."""
    project.file("site.har", har(entry({"text": STREAM, "mimeType": "text/event-stream"})))
    project.good("har", "site.har")
    [event] = project.events("out/s-1.yaml")
    assert 0.5 == event.measured.time_to_first_chunk
    assert isinstance(event.exchange.response, HttpResponse)
    assert isinstance(event.exchange.response.body, StreamBody)
    assert STREAM.encode() == event.exchange.response.body.data


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_words_of_a_stream_are_what_was_said(project: Importing, encoding: str) -> None:
    """Streams are UTF-8, and mitmproxy 11 writes those that do not say so as Latin-1."""
    delta = {"choices": [{"index": 0, "delta": {"content": "Grüße, 你好"}}]}
    chunk = json.dumps({"object": "chat.completion.chunk", **delta}, ensure_ascii=False)
    text = f"data: {chunk}\n\n{STREAM}".encode().decode(encoding)
    whole = entry({"text": text, "mimeType": "text/event-stream"})
    whole["response"]["content"]["mimeType"] = "text/event-stream"
    project.file("site.har", har(whole))
    project.good("har", "site.har")
    assert "Grüße, 你好" == project.events("out/s-1.yaml")[0].response.text


def test_what_an_archive_lacks_is_told_by_entry(project: Importing) -> None:
    """Archives are saved without content, hold calls that were blocked, pages, and break off."""
    page = entry({"text": "<html>"}, request={"method": "GET", "url": "https://example.org/"})
    blocked = entry({}, response={"status": 0})
    coded = entry({"text": "%", "encoding": "base64"})
    good = entry({"text": json.dumps(ANSWER)})
    deep = good | {"cache": json.loads("[" * 300 + "]" * 300)}
    whole = har(page, entry({}), blocked, coded, {"request": {}}, good, deep)
    project.file("torn.har", har(good, good)[:-200])
    project.file("site.har", whole)
    project.file("other.har", "{}")
    done = project.run("har", "torn.har", "site.har", "other.har", "-o", "out")
    assert 1 == done.returncode
    assert [
        "torn.har: breaks off in the entry that begins in line 52",
        "site.har, entry 2: no body of the answer; save the archive with content",
        "site.har, entry 3: no answer came",
        "site.har, entry 4: the content of the answer is no base64",
        "site.har, entry 5: no request",
        "site.har, entry 7: is nested more than 200 deep",
        "other.har: is no HTTP archive: it has no `entries`",
    ] == done.stderr.splitlines()
    assert (
        "imported 2 calls into 1 cassette in out; 7 not imported; "
        "passed over 1, each a request that is no call of a model\n"
    ) == done.stdout


def test_what_a_browser_asks_before_a_call_is_counted(project: Importing) -> None:
    """It has no body, and is no reason to fail."""
    before = entry({"size": 0})
    before["request"] = {"method": "OPTIONS", "url": URL, "headers": []}
    answer = {"text": json.dumps(ANSWER), "mimeType": "application/json"}
    project.file("site.har", har(before, entry(answer)))
    assert "; passed over 1, each a request that is no call" in project.good("har", "site.har")


def test_a_websocket_is_counted_and_left_out(project: Importing) -> None:
    """Browsers write `wss:`, proxies the address that was asked before it became a websocket."""
    talk = {"_webSocketMessages": [{"type": "send", "data": "{}"}]}
    asked = {"method": "GET", "url": "https://api.openai.com/v1/realtime"}
    by_proxy = entry({}, request=asked, response={"status": 101}, **talk)
    by_browser = entry({}, request={**asked, "url": "wss://api.openai.com/v1/realtime"}, **talk)
    project.file("site.har", har(by_proxy, by_browser, entry({"text": json.dumps(ANSWER)})))
    expected = (
        "imported 1 call into 1 cassette in out; "
        "passed over 1, each an interaction that is no HTTP, as of a websocket or gRPC; "
        "passed over 1, each a request that is no call of a model\n"
    )
    assert expected == project.good("har", "site.har")


def test_an_entry_in_another_encoding_is_told_and_the_rest_goes_on(project: Importing) -> None:
    """By the byte that is no text; what stands beside the entries does not matter."""
    good = entry({"text": json.dumps(ANSWER)})
    whole = har(good, good | {"comment": "caf\xe9"}, good)
    data = whole.replace(r"\u00e9", "\xe9").replace('{"log": {', '{"log": {"by": "\xe9", ')
    project.file("calls.har", data.encode("latin-1"))
    done = project.run("har", "calls.har")
    assert ("imported 2 calls into 1 cassette in out; 1 not imported\n", 1) == (
        done.stdout,
        done.returncode,
    )
    assert done.stderr.startswith("calls.har, entry 2: is not UTF-8: byte ")

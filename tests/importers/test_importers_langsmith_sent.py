"""Runs of LangSmith as the SDKs send them: beginnings and ends, in JSON, in parts, or kept.

The bodies have the shape of those that langsmith-py 0.15.1 sent to a loopback server.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from importers.test_importers_langsmith import run
from importers.told_logs import calls_in, found_in, one_call, problems_in, written

from pytest_llmreplay.importers.langsmith.source import LANGSMITH
from pytest_llmreplay.importers.source import Imported, PassedOver

BOUNDARY = "f3cc1d4a777443909378fc7255708ce6"
LARGE = ("inputs", "outputs", "events", "extra", "error", "serialized")
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def halves(name: str = "r-1", **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is sent when a run begins, and when it ends."""
    told = run(id=name, trace_id="t", **more)
    end = {"end_time": told.pop("end_time"), "outputs": told.pop("outputs")}
    known = {key: told[key] for key in ("id", "trace_id", "run_type", "extra", "start_time")}
    return told, {**known, **end, "inputs": None, "error": told.pop("error")}


def parts(post: list[dict[str, Any]], patch: list[dict[str, Any]]) -> bytes:
    """A body of parts."""
    told: list[tuple[str, Any]] = []
    for kind, runs in (("post", post), ("patch", patch)):
        for one in runs:
            name = f"{kind}.{one['id']}"
            told.append((name, {key: one[key] for key in one if key not in LARGE}))
            told += [(f"{name}.{key}", one[key]) for key in LARGE if one.get(key) is not None]
    told += [("attachment.r-1.picture", "bytes"), ("feedback.f-1", {"id": "f-1"})]
    pieces = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: application/json\r\n\r\n{json.dumps(value)}\r\n"
        for name, value in told
    )
    return "".join([*pieces, f"--{BOUNDARY}--\r\n"]).encode()


def kept(body: bytes, **headers: str) -> dict[str, Any]:
    """A body that the SDK could not send."""
    return {
        "version": 1,
        "endpoint": "runs/multipart",
        "headers": {"Content-Type": TYPE, **headers},
        "body_base64": base64.b64encode(body).decode(),
    }


def test_halves_of_a_run_are_one_call(tmp_path: Path) -> None:
    """In one body or in two, the end first or the beginning; what the end tells again counts."""
    post, patch = halves()
    patch["extra"] = {"metadata": {"thread_id": "t-2"}}
    for batches in ([{"post": [post], "patch": [patch]}], [{"patch": [patch]}, {"post": [post]}]):
        call, event = one_call(LANGSMITH, written(tmp_path / "sent.jsonl", batches))
        assert ("gpt-4o-mini", "t-2", "r-1") == (
            call.model,
            call.session and call.session.id,
            call.id,
        )
        assert "get_weather" == event.response.tool_calls[0].name
        assert (11, 1.25) == (event.response.usage.input_tokens, event.measured.duration)
        assert f"line {len(batches)}, run 1" == call.place.at
    one = written(tmp_path / "a.json", {"patch": [patch]})
    assert 1 == len(calls_in(LANGSMITH, one, written(tmp_path / "b.json", {"post": [post]})))


def test_runs_that_were_sent_whole_and_runs_that_are_no_calls(tmp_path: Path) -> None:
    """The SDKs join what they have of a run; a chain counts once, however it was sent."""
    chain, end = halves("r-2", run_type="chain")
    sent = {"post": [run(id="r-1"), chain], "patch": [end, {"id": "r-1", "events": []}]}
    found = found_in(LANGSMITH, written(tmp_path / "sent.jsonl", [sent]))
    assert [Imported, PassedOver, PassedOver] == [*map(type, found)]
    assert [
        "a run that is no call of a model",
        "what was told of a run that is whole without it",
    ] == [one.reason for one in found if isinstance(one, PassedOver)]


def test_a_half_whose_other_is_missing_is_told(tmp_path: Path) -> None:
    """With what to do about it; an end that tells the whole run, as LangChain's does, is enough."""
    (begun, _), (asked, ended) = halves("r-1"), halves("r-2")
    sent = {"post": [begun], "patch": [ended, {"outputs": {}}]}
    missing = "stands in none of the files: import both together"
    assert [
        "sent.jsonl, line 1, run 3: a half of a run, without an id",
        f"sent.jsonl, line 1, run 1: a run whose end {missing}",
        f"sent.jsonl, line 1, run 2: a run whose beginning {missing}",
    ] == problems_in(LANGSMITH, written(tmp_path / "sent.jsonl", [sent]))
    whole = {**ended, "inputs": asked["inputs"]}
    assert 1 == len(calls_in(LANGSMITH, written(tmp_path / "sent.jsonl", [{"patch": [whole]}])))


def test_bodies_of_parts(tmp_path: Path) -> None:
    """As they were sent, and as the SDK kept them, compressed or not."""
    post, patch = halves()
    file = tmp_path / "sent.body"
    file.write_bytes(parts([post], []))
    other = written(tmp_path / "kept.json", kept(parts([], [patch])))
    (call,) = calls_in(LANGSMITH, file, other)
    assert ("run 1", "r-1", "t-1") == (call.place.at, call.id, call.session and call.session.id)
    small = kept(gzip.compress(parts([post], [patch])), **{"Content-Encoding": "gzip"})
    assert 1 == len(calls_in(LANGSMITH, written(tmp_path / "kept.json", small)))
    batch = kept(json.dumps({"post": [run()]}).encode())
    assert 1 == len(calls_in(LANGSMITH, written(tmp_path / "kept.json", batch)))


def test_a_body_that_was_compressed_on_its_way(tmp_path: Path) -> None:
    """The SDK does so wherever the server knows how."""
    zstandard = pytest.importorskip("zstandard")
    file = tmp_path / "sent.body"
    file.write_bytes(zstandard.compress(parts([run()], [])))
    assert 1 == len(calls_in(LANGSMITH, file))
    for other in (zstandard.compress(b"plain"), b"\x28\xb5\x2f\xfd plain"):
        file.write_bytes(other)
        assert ["sent.body: is no body that an SDK of LangSmith sends"] == problems_in(
            LANGSMITH, file
        )


def test_a_compressed_body_that_no_library_here_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with the library that would."""
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "sent.body").write_bytes(b"\x28\xb5\x2f\xfd\xff")
    assert [
        "sent.body: a body is compressed by 'zstd'; to read it: pip install zstandard"
    ] == problems_in(LANGSMITH, tmp_path / "sent.body")


@pytest.mark.parametrize(
    ("body", "problem", "count"),
    [
        (parts([run()], [])[:-60], "breaks off; what it still holds was read", 1),
        (parts([run()], []).replace(b'{"id": "f-1"}', b"?"), None, 1),
        (
            parts([run(id="r-1"), run(id="r-2")], []).replace(b'{"mess', b'"mess', 1),
            "part post.r-1.inputs: is no JSON: Extra data, character 11",
            1,
        ),
        (b"--", "breaks off; what it still holds was read", 0),
        (b'{"post": [1]}', "holds a post that is no object", 0),
        (json.dumps(kept(b"-")).replace("LQ==", "?").encode(), "`body_base64` is no base64", 0),
        (json.dumps(kept(b"[]")).encode(), "holds no runs", 0),
    ],
)
def test_damaged_bodies(tmp_path: Path, body: bytes, problem: str | None, count: int) -> None:
    """Each is told by its file; whole runs in it are read."""
    file = tmp_path / "sent.body"
    file.write_bytes(body)
    told = [line.partition(": ")[2] for line in problems_in(LANGSMITH, file)]
    assert [problem] * bool(problem) == told
    assert count == sum(isinstance(one, Imported) for one in found_in(LANGSMITH, file))

"""Whatever stands in a place of a log: it is imported, or told; nothing is raised."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import ANSWER, QUESTION, Importing, lines

SENT: Any = {"method": "POST", "url": "https://api.openai.com/v1/chat/completions", "body": {}}
RECORDS: dict[str, Any] = {
    "jsonl": {
        "id": "a",
        "request": {**SENT, "headers": {"helicone-prompt-id": "p"}, "body": QUESTION},
        "response": {"status": 200, "headers": {"content-type": "text/x"}, "body": ANSWER},
        "session": {"id": "s", "name": "n", "path": "/p"},
        "prompt": "p",
        "labels": {"a": "b"},
        "at": "2026-11-20T12:00:00Z",
        "duration": 1.5,
        "time_to_first_chunk": 0.5,
        "provider": "openai",
        "api": "chat_completions",
        "model": "m",
    },
    "vcrpy": {
        "interactions": [
            {
                "request": {**SENT, "uri": SENT["url"], "body": json.dumps(QUESTION)},
                "response": {
                    "status": {"code": 200},
                    "headers": {"content-encoding": ["gzip"]},
                    "body": {"string": json.dumps(ANSWER)},
                },
            }
        ]
    },
    "har": {
        "log": {
            "entries": [
                {
                    "startedDateTime": "2026-11-20T12:00:00Z",
                    "time": 1,
                    "timings": {"wait": 1},
                    "request": {
                        **SENT,
                        "headers": [{"name": "a", "value": "b"}],
                        "postData": {"text": json.dumps(QUESTION)},
                    },
                    "response": {"status": 200, "content": {"text": json.dumps(ANSWER)}},
                }
            ]
        }
    },
    "openai-batch": {
        "custom_id": "a",
        "response": {"status_code": 200, "request_id": "r", "body": ANSWER},
        "error": None,
    },
    "openai-finetune": {
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}] * 2,
        "tools": [],
    },
}
ODD: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**30, 10**4000, -1, 1e308, "", "\ud800", "\u2028", "1e999", [], {}, [[]]])
    | st.text(st.characters(), max_size=5)
    | st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=2)
    | st.lists(st.integers() | st.text(max_size=3), max_size=2)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a value."""
    inner = list(value.items()) if isinstance(value, dict) else []
    inner += list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(place for key, held in inner for place in places(held, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with something else in a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("source", RECORDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_in_any_place_is_imported_or_told(source: str, data: st.DataObject) -> None:
    """One or two places of a sound record hold something else; what was imported is sound."""
    record = RECORDS[source]
    for _ in range(data.draw(st.integers(1, 2))):
        record = replaced(record, data.draw(st.sampled_from(places(record)[1:])), data.draw(ODD))
    asked = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": QUESTION}
    with TemporaryDirectory() as folder:
        project = Importing(Path(folder))
        project.file("log.jsonl", lines(asked, record) if "batch" in source else lines(record))
        done = project.run(source, "log.jsonl", "--redact", "email")
        assert done.returncode in {0, 1}
        assert bool(done.stderr) == ("not imported" in done.stdout)
        for name in project.written():
            assert project.events(f"out/{name}")[0].response is not None

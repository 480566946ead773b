"""T7, T14, T19: hostile values in every place of a record, and what is written of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from importers import (
    test_importers_braintrust,
    test_importers_helicone,
    test_importers_langfuse,
    test_importers_langsmith,
    test_importers_leanllm,
    test_importers_openllm_monitor,
    test_importers_opik,
    test_importers_otel,
    test_importers_weave,
    told_spans,
)
from importers.test_importers_any_json import places, replaced
from importers.test_importers_har import entry, har
from importers.test_importers_vcrpy import asked, told
from importing import ANSWER, QUESTION, Importing, lines
from shell import inside

SECRET = "sk-proj-Abc123Def456Ghi789Jkl012Mno345Pqr678"
PERSON = "ada@example.org"
VALUES: list[Any] = [
    f"{SECRET}, {PERSON}, https://ada:hunter2hunter2X9@example.org/v1?key={SECRET}",
    json.dumps({"config": json.dumps({"api_key": "Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1"})}),
    "../../a\ud800b\x1b]52;c;aGk=\x07::stop-commands::\x00\u2028\u202e",
    10**400,
]
"""Secrets and a person; a secret in JSON in JSON; what harms files, blocks and terminals; a number
that no float holds."""
SECRETS = (SECRET, "Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1", "hunter2hunter2X9", PERSON)
CALL = {
    "id": "1",
    "request": {
        "method": "POST",
        "url": "https://api.openai.com/v1/chat/completions",
        "headers": {"authorization": "Bearer x", "x-request-id": "y"},
        "body": QUESTION,
    },
    "response": {"status": 200, "headers": {"content-type": "application/json"}, "body": ANSWER},
    "provider": "openai",
    "api": "chat_completions",
    "model": "m",
    "session": {"id": "s", "name": "n", "path": "/p"},
    "prompt": "p",
    "labels": {"a": "b"},
    "at": "2026-11-20T12:00:00Z",
    "duration": 1.0,
}
ENTRY = json.loads(har(entry({"text": json.dumps(ANSWER), "mimeType": "application/json"})))
RECORDS: dict[str, tuple[str, Any]] = {
    "jsonl": ("id", CALL),
    "helicone": ("request_id", test_importers_helicone.record()),
    "langfuse": ("id", test_importers_langfuse.observation()),
    "langsmith": ("id", test_importers_langsmith.run()),
    "openllm-monitor": ("_id", test_importers_openllm_monitor.log()),
    "weave": ("id", test_importers_weave.call()),
    "braintrust": ("id", test_importers_braintrust.span()),
    "opik": ("id", test_importers_opik.span()),
    "otel": ("spanId", told_spans.span(test_importers_otel.NEW)),
    "leanllm": ("event_id", test_importers_leanllm.row()),
    "har": ("id", ENTRY["log"]["entries"][0]),
    "vcrpy": ("id", {"request": asked(body=json.dumps(QUESTION)), "response": told(ANSWER)}),
}
WRITERS: dict[str, Callable[[list[Any]], str]] = {
    "har": lambda records: har(*records),
    "vcrpy": lambda records: json.dumps({"interactions": records}),
}
COUNTS = re.compile(r"imported ([\d,]+) |; ([\d,]+) not imported|; passed over ([\d,]+)")


def written(project: Importing, source: str, records: list[Any]) -> str:
    """A file of the records; its name."""
    if source == "leanllm":
        return test_importers_leanllm.copied(project.path / "log.sql", *records).name
    name = {"har": "log.har", "vcrpy": "log.json"}.get(source, "log.jsonl")
    text = WRITERS[source](records) if source in WRITERS else lines(*records)
    return project.file(name, text).name


def leaves(record: Any) -> list[tuple[Any, ...]]:
    """The places of everything that holds nothing."""
    known = places(record)
    return [path for path in known if not any(path == other[:-1] for other in known if other)]


def hostile(source: str) -> list[Any]:
    """The record with each hostile value in each place, every one with an id of its own."""
    id_, record = RECORDS[source]
    found: list[Any] = []
    for path in leaves(record):
        for value in VALUES if path != (id_,) else ():
            one = replaced(record, path, value)
            found.append({**one, id_: f"id-{len(found)}"} if id_ in record else one)
    if source == "leanllm":  # a dump of Postgres holds none of these
        found = [one for one in found if not any("\ud800" in f"{text}" for text in one.values())]
    return found


@pytest.mark.parametrize("source", RECORDS)
def test_a_hostile_value_in_any_place_is_written_soundly_or_told(
    tmp_path: Path, source: str
) -> None:
    """No record is lost, no secret and no person is written, and `check` finds nothing."""
    outer = tmp_path / "outer"
    outer.mkdir()
    project = Importing(outer)
    records = hostile(source)
    done = project.run(source, written(project, source, records), "--redact", "email")
    counts = [
        int(count.replace(",", "")) for one in COUNTS.findall(done.stdout) for count in one if count
    ]
    assert len(records) == sum(counts)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stdout + done.stderr)
    assert ["outer"] == [path.name for path in tmp_path.iterdir()]
    for path in (outer / "out").rglob("*"):
        assert not any(secret in path.name for secret in SECRETS)
        held = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert [] == [secret for secret in SECRETS if secret in held]
    checked = inside("check", "out", cwd=outer)
    assert (0, "") == (checked.returncode, checked.stderr), checked.stdout

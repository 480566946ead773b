"""T19: logs that were made to harm. They are told with their place, and nothing acts."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from importers import (
    test_importers_helicone,
    test_importers_langsmith,
    test_importers_leanllm,
    test_importers_otel,
    told_spans,
)
from importers.told_logs import calls_in, problems_in, written

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.helicone.source import HELICONE
from pytest_llmreplay.importers.langfuse import LANGFUSE
from pytest_llmreplay.importers.langsmith.source import LANGSMITH
from pytest_llmreplay.importers.leanllm.source import LEANLLM
from pytest_llmreplay.importers.openllm_monitor import OPENLLM_MONITOR
from pytest_llmreplay.importers.otel.source import OTEL
from pytest_llmreplay.importers.reading.fetching import Fetcher
from pytest_llmreplay.importers.source import Source

LOGS = (HELICONE, LANGFUSE, LANGSMITH, OPENLLM_MONITOR, OTEL)
WATCHED = """
import json, re, sys
from pytest_llmreplay.cli import main

NAMES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "exec",
         "socket.connect", "socket.bind", "socket.getaddrinfo", "ctypes.dlopen",
         "pickle.find_class", "sqlite3.enable_load_extension",
         "sqlite3.load_extension"}
found, watching = [], False


def hook(name, arguments):
    if watching and name in NAMES and "importlib" not in sys._getframe(1).f_code.co_filename:
        found.append([name, repr(arguments)[:200]])


sys.addaudithook(hook)
runs, codes = json.loads(sys.argv[1]), []
for watching in (False, True):  # libraries build classes when they are first used
    codes = [int(main(["import", *run, "--redact", "none", "-o", "out"])) for run in runs]
watching = False
# The most that this process has had; ru_maxrss would count what its parent had before.
memory = int(re.search("VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1])
print("TOLD", json.dumps([codes, found, memory]))
"""


@pytest.mark.parametrize("source", LOGS, ids=lambda source: source.name)
def test_nesting_beyond_all_bounds_is_told_and_the_rest_goes_on(
    tmp_path: Path, source: Source
) -> None:
    """A line of brackets crashes no parser."""
    path = tmp_path / "log.jsonl"
    path.write_text("[" * 100_000 + "\n" + "{}\n" + '{"a":' * 300 + "1" + "}" * 300 + "\n")
    told = problems_in(source, path)
    assert "log.jsonl:1: is nested more than 200 deep" == told[0]
    assert "log.jsonl:3: is nested more than 200 deep" == told[-1]


@pytest.mark.parametrize("source", LOGS, ids=lambda source: source.name)
def test_an_archive_that_expands_beyond_all_bounds_is_told(tmp_path: Path, source: Source) -> None:
    """A small file cannot fill the memory."""
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * 40_000_000))
    assert ["log.jsonl.gz: expands to more than 100 times its size"] == problems_in(source, path)


@pytest.mark.parametrize("source", [*LOGS, LEANLLM], ids=lambda source: source.name)
def test_what_is_no_plain_file_is_never_opened_for_long(tmp_path: Path, source: Source) -> None:
    """A pipe would wait for ever."""
    path = tmp_path / "log.jsonl"
    os.mkfifo(path)
    assert [
        "log.jsonl: is no plain file: write what comes from it to one, FILE.jsonl"
    ] == problems_in(source, path)


def test_json_inside_a_text_is_bounded_too(tmp_path: Path) -> None:
    """Attributes of spans hold JSON in texts."""
    deep = '[{"role": "user", "content": ' + "[" * 5000 + "]" * 5000 + "}]"
    told = {**test_importers_otel.REQUEST, "gen_ai.input.messages": deep}
    told["gen_ai.output.messages"] = json.dumps(test_importers_otel.ANSWERED)
    document = told_spans.document(told_spans.span(told))
    (call,) = calls_in(OTEL, written(tmp_path / "s.json", document))
    body: Any = getattr(call.exchange.request.body, "value", {})
    assert deep == body["messages"][0]["content"]


def test_an_index_of_a_message_makes_no_list_of_its_length(tmp_path: Path) -> None:
    """`gen_ai.prompt.99999999` is one message."""
    told = {
        **test_importers_otel.OPENLLMETRY,
        "gen_ai.prompt.999999999.role": "user",
        "gen_ai.prompt.999999999.content": "Last.",
    }
    document = told_spans.document(told_spans.span(told))
    (call,) = calls_in(OTEL, written(tmp_path / "s.json", document))
    body: Any = getattr(call.exchange.request.body, "value", {})
    assert [5, "Last."] == [len(body["messages"]), body["messages"][-1]["content"]]


def database(path: Path, *statements: str) -> Path:
    """A SQLite file."""
    with closing(sqlite3.connect(path)) as opened:
        for statement in statements:
            opened.execute(statement)
        opened.commit()
    return path


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE t (a)", "CREATE VIEW llm_events AS SELECT load_extension('x') AS prompt"),
        ("CREATE VIRTUAL TABLE llm_events USING fts5(prompt, response)",),
        ("CREATE TABLE other (a)",),
    ],
    ids=["a view", "a virtual table", "no table"],
)
def test_a_database_without_the_plain_table_is_refused(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    """A view or a virtual table under its name could run what it likes."""
    path = database(tmp_path / "events.db", *statements)
    assert ["events.db: has no table llm_events; is it a database of LeanLLM?"] == problems_in(
        LEANLLM, path
    )


def test_triggers_of_a_database_never_fire_and_nothing_is_written(tmp_path: Path) -> None:
    """The file is opened as one that cannot change."""
    path = test_importers_leanllm.database(tmp_path / "events.db", test_importers_leanllm.row())
    database(
        path,
        "CREATE TABLE touched (a)",
        "CREATE TRIGGER t AFTER INSERT ON llm_events BEGIN INSERT INTO touched VALUES (1); END",
    )
    before = path.read_bytes()
    assert 1 == len(calls_in(LEANLLM, path))
    assert before == path.read_bytes()
    assert ["events.db"] == [found.name for found in tmp_path.iterdir()]


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    """As one that was copied while it was written."""
    path = test_importers_leanllm.database(tmp_path / "events.db", test_importers_leanllm.row())
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096)
    (told,) = problems_in(LEANLLM, path)
    assert told.startswith("events.db: cannot be read as a SQLite database: ")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://10.0.0.1/x",
        "https://192.168.1.1:8443/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/x",
        "https://0x7f000001/x",
        "https://2130706433/x",
        "https://user@example.com/x",
        "https:///x",
        "https://[bad/x",
        "https://example.com:99999/x",
        "file:///etc/passwd",
        "//example.com/x",
    ],
)
def test_only_public_https_addresses_are_fetched(url: str) -> None:
    """The metadata service of a cloud, a router and a file are none."""
    with pytest.raises(InputUnreadable, match="signed_body_url"):
        Fetcher()(url)


def test_nothing_in_a_hostile_log_acts(tmp_path: Path) -> None:
    """An audit hook sees no process, no socket and no extension; memory stays small."""
    leanllm = test_importers_leanllm
    evil = "'; \\! touch ran\n\\copy (select 1) to program 'touch ran'"
    dump = leanllm.copied(tmp_path / "a.sql", leanllm.row(response=evil, event_id="../../../ran"))
    dump.write_text(f"\\! touch ran\n{dump.read_text()}\\! touch ran\nSELECT 'x")
    leanllm.database(tmp_path / "b.db", leanllm.row(correlation_id="../../../../tmp/ran"))
    database(tmp_path / "b.db", "ALTER TABLE llm_events ADD COLUMN x GENERATED ALWAYS AS (1)")
    record = test_importers_helicone.record
    written(tmp_path / "c.jsonl", [record(request_body=None), {"request_body": "{" * 300}])
    told = test_importers_langsmith.run(trace_id="/etc/passwd", name="\x1b[31m::stop-commands::x")
    told["extra"]["metadata"]["thread_id"] = "/etc/passwd"
    written(tmp_path / "d.jsonl", [told, [], 1])
    written(tmp_path / "e.json", {"resourceSpans": [{"scopeSpans": [{"spans": [{}] * 1000}]}]})
    runs = [
        ["leanllm", "a.sql"],
        ["leanllm", "b.db"],
        ["helicone", "c.jsonl"],
        ["langsmith", "d.jsonl"],
        ["otel", "e.json"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps(runs)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    codes, found, memory = json.loads(lines[0].removeprefix("TOLD "))
    assert [1, 0, 1, 1, 1] == codes
    assert [] == found
    assert 300_000 > memory
    assert [] == list(tmp_path.rglob("ran"))
    assert "\x1b" not in done.stdout + done.stderr

"""Events of LeanLLM: its SQLite file and dumps of its Postgres table, with the same meaning."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import WEATHER, calls_in, event_of, found_in, one_call, problems_in
from shell import inside

from pytest_llmreplay import ReplayEngine
from pytest_llmreplay.importers.leanllm.event import COLUMNS
from pytest_llmreplay.importers.leanllm.source import LEANLLM

COUNTS = frozenset(
    {
        *("input_tokens", "output_tokens", "total_tokens", "latency_ms", "schema_version"),
        *("time_to_first_token_ms", "total_stream_time_ms"),
    }
)


def row(**more: Any) -> dict[str, Any]:
    """A row, with JSON in texts as the table holds it."""
    told: dict[str, Any] = {
        **dict.fromkeys(COLUMNS),
        "event_id": "e-1",
        "timestamp": "2026-04-27T12:00:00.250000+00:00",
        "model": "gpt-4o-mini",
        "provider": "openai",
        "input_tokens": 11,
        "output_tokens": 7,
        "total_tokens": 18,
        "cost": 0.0001,
        "latency_ms": 1250,
        "labels": {"team": "it's \\ support"},
        "prompt": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Quote: 'x'; tab\t and\nline"},
        ],
        "response": "Done;\n\\.\nreally.",
        "metadata": {"finish_reason": "stop"},
        "schema_version": 2,
        "correlation_id": "chain-1",
        "parent_request_id": "e-0",
        "parameters": {"temperature": 0, "max_tokens": 50},
        "tools": [WEATHER],
        **more,
    }
    return {
        key: json.dumps(value) if isinstance(value, dict | list) else value
        for key, value in told.items()
    }


def database(path: Path, *rows: dict[str, Any]) -> Path:
    """LeanLLM's SQLite file."""
    columns = ", ".join(f"{name} {'INTEGER' if name in COUNTS else 'TEXT'}" for name in COLUMNS)
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f"CREATE TABLE llm_events ({columns})")
        for told in rows:
            marks = ", ".join("?" * len(COLUMNS))
            opened.execute(f"INSERT INTO llm_events VALUES ({marks})", [told[c] for c in COLUMNS])
        opened.commit()
    return path


def copied(path: Path, *rows: dict[str, Any]) -> Path:
    """A dump of pg_dump, whose data follow a COPY."""
    escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

    def field(value: Any) -> str:
        return "\\N" if value is None else str(value).translate(escapes)

    lines = ["\t".join(field(told[name]) for name in COLUMNS) for told in rows]
    return _dumped(
        path, [f"COPY public.llm_events ({', '.join(COLUMNS)}) FROM stdin;", *lines, "\\.", ""]
    )


def inserted(path: Path, *rows: dict[str, Any], named: bool) -> Path:
    """The same of pg_dump --inserts, with or without names of columns."""

    def field(value: Any) -> str:
        if value is None or isinstance(value, int | float):
            return "NULL" if value is None else str(value)
        return "'" + str(value).replace("'", "''") + "'"

    names = f" ({', '.join(COLUMNS)})" if named else ""
    return _dumped(
        path,
        [
            f"INSERT INTO public.llm_events{names} VALUES "
            f"({', '.join(field(told[name]) for name in COLUMNS)});"
            for told in rows
        ],
    )


def _dumped(path: Path, lines: list[str]) -> Path:
    columns = ",\n".join(f"    {name} text" for name in COLUMNS)
    head = [
        "-- PostgreSQL database dump; it's a comment",
        "\\restrict abc",
        "SET standard_conforming_strings = on;",
        f"CREATE TABLE public.llm_events (\n{columns},\n    CONSTRAINT c CHECK (1 = 1)\n);",
        "CREATE FUNCTION f() RETURNS text AS $body$ SELECT 'INSERT INTO llm_events;' $body$;",
        "COPY public.other (a) FROM stdin;",
        "COPY public.llm_events (event_id) FROM stdin;",
        "\\.",
    ]
    path.write_text("\n".join([*head, *lines, "\\unrestrict abc", ""]), encoding="utf-8")
    return path


def write(form: str, directory: Path, *rows: dict[str, Any]) -> Path:
    """The rows in one of the forms."""
    match form:
        case "sqlite":
            return database(directory / "events.db", *rows)
        case "copy":
            return copied(directory / "events.sql", *rows)
        case _:
            return inserted(directory / "events.sql", *rows, named=form == "named inserts")


FORMS = ("sqlite", "copy", "inserts", "named inserts")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same_call(tmp_path: Path, form: str) -> None:
    """Messages, tools, parameters, answer, counts, latency, session and labels."""
    call, event = one_call(LEANLLM, write(form, tmp_path, row()))
    assert ("e-1", "openai", "chain-1") == (
        call.id,
        call.provider,
        call.session and call.session.id,
    )
    assert {
        "model": "gpt-4o-mini",
        "messages": json.loads(row()["prompt"]),
        "temperature": 0,
        "max_tokens": 50,
        "tools": [WEATHER],
    } == getattr(event.exchange.request.body, "value", None)
    assert ("Done;\n\\.\nreally.", "stop") == (event.response.text, event.response.finish_reason)
    assert (11, 7, 1.25, "2026-04-27T12:00:00.250Z") == (
        event.usage.input_tokens,
        event.usage.output_tokens,
        call.measured.duration,
        call.measured.at,
    )
    assert {"parent": "e-0", "team": "it's \\ support"} == call.labels


def test_the_pieces_of_a_streamed_call_are_put_together(tmp_path: Path) -> None:
    """LeanLLM keeps the deltas of a stream as they came."""
    pieces = [
        {"index": 0, "id": "c0", "function": {"name": "get_weather", "arguments": ""}},
        {"index": 1, "id": "c1", "function": {"name": "get_weather", "arguments": "{}"}},
        {"index": 0, "id": None, "function": {"name": None, "arguments": '{"city": '}},
        {"index": 0, "id": None, "function": {"name": None, "arguments": '"Rome"}'}},
        "noise",
    ]
    told = row(
        response=None,
        tool_calls=pieces,
        metadata={"stream": True, "finish_reason": "tool_calls"},
        time_to_first_token_ms=250,
    )
    call, event = one_call(LEANLLM, database(tmp_path / "events.db", told))
    assert [("c0", {"city": "Rome"}), ("c1", {})] == [
        (asked.id, asked.arguments) for asked in event.response.tool_calls
    ]
    assert (True, 0.25) == (event.request.stream, call.measured.time_to_first_chunk)


def test_a_call_of_litellm_goes_to_the_format_of_its_provider(tmp_path: Path) -> None:
    """Messages are OpenAI's there for every provider; Anthropic's wire has its own."""
    told = row(
        model="anthropic/claude-sonnet-4-5",
        provider="anthropic",
        tools=[WEATHER["function"]],
        parameters={"temperature": 0, "max_tokens": 50, "user": "u-1", "seed": 7},
    )
    call, event = one_call(LEANLLM, database(tmp_path / "events.db", told))
    assert ("messages", "claude-sonnet-4-5", "seed") == (
        call.api,
        call.model,
        call.labels["losses"],
    )
    assert (0, 50, "u-1", ["get_weather"]) == (
        event.request.temperature,
        event.request.max_tokens,
        event.request.user,
        [tool.name for tool in event.request.tools],
    )


@pytest.mark.parametrize(
    ("kind", "status"), [("rate_limit", 429), ("provider_error", 500), ("timeout", None)]
)
def test_a_failed_call_is_a_recorded_error(tmp_path: Path, kind: str, status: int | None) -> None:
    """A timeout had no answer at all."""
    told = row(response=None, error_kind=kind, error_message="It broke.", input_tokens=0)
    _, event = one_call(LEANLLM, database(tmp_path / "events.db", told))
    error = event.response.error
    assert error is not None
    assert (status, "It broke.") == (error.status, error.message)


@pytest.mark.parametrize("form", FORMS)
def test_what_redaction_took_away_is_told(tmp_path: Path, form: str) -> None:
    """LeanLLM's default keeps metadata only; nothing can be replayed then, and the rest goes on."""
    path = write(
        form,
        tmp_path,
        row(prompt=None, response=None),
        row(response=None),
        row(prompt='[{"role": "user", "content": [EMAIL]}'),
        row(event_id="e-2"),
    )
    problems = [problem.partition(": ")[2] for problem in problems_in(LEANLLM, path)]
    assert ["no prompt", "no response", "the prompt is no list of messages"] == [
        problem.partition(":")[0].partition(";")[0] for problem in problems
    ]


def test_an_older_table_lacks_columns(tmp_path: Path) -> None:
    """Columns are read by their names, those that are there."""
    path = tmp_path / "events.db"
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE llm_events (prompt TEXT, response TEXT, model TEXT, x BLOB)")
        told = (row()["prompt"], "Hi.", "gpt-4o", b"\xff")
        opened.execute("INSERT INTO llm_events VALUES (?, ?, ?, ?)", told)
        opened.commit()
    (call,) = calls_in(LEANLLM, path)
    assert ("openai", "Hi.") == (call.provider, event_of(call).response.text)


def test_rows_that_are_still_in_the_log_beside_the_file_are_asked_for(tmp_path: Path) -> None:
    """The file alone would silently lack the newest rows."""
    path = database(tmp_path / "events.db", row())
    (tmp_path / "events.db-wal").write_bytes(b"x")
    (problem,) = problems_in(LEANLLM, path)
    assert problem.startswith("events.db: has newer rows in events.db-wal")


def test_an_archive_of_pg_dump_says_how_to_make_a_text_of_it(tmp_path: Path) -> None:
    """Its custom format is binary."""
    path = tmp_path / "events.sql"
    path.write_bytes(b"PGDMP\x01\x0e")
    assert [
        "events.sql: is an archive of pg_dump; make it a text: pg_restore -f FILE.sql"
    ] == problems_in(LEANLLM, path)


def test_rows_of_a_dump_that_do_not_fit_are_told_with_their_line(tmp_path: Path) -> None:
    """One statement may hold several rows, texts with escapes, and casts."""
    path = tmp_path / "events.sql"
    prompt = json.dumps([{"role": "user", "content": "x"}])
    path.write_text(
        "COPY llm_events (event_id, model) FROM stdin;\na\n\\.\n"
        "INSERT INTO llm_events (event_id, model, prompt, response) VALUES\n"
        f"  ('e-1', E'gpt\\x2d4o', '{prompt}'::jsonb, E'it\\'s\\n\\101''B'),\n"
        f"  ('e-2', 'gpt-4o', '{prompt}', null);\n"
        "INSERT INTO llm_events (event_id) VALUES (now(1, 2));\n",
        encoding="utf-8",
    )
    found = found_in(LEANLLM, path)
    problems = problems_in(LEANLLM, path)
    assert "events.sql:2: expected 2 columns, found 1" == problems[0]
    assert problems[1].startswith("events.sql:6: no response")
    assert problems[2].startswith("events.sql:7: cannot be read near")
    assert "it's\nA'B" == event_of(found[1]).response.text  # type: ignore[arg-type]  # imported, or it fails


def test_a_bad_row_among_many_is_told_by_its_own_line(tmp_path: Path) -> None:
    """Texts may hold lines of their own, comments stand between rows, and rows share a line."""
    path = tmp_path / "events.sql"
    good = """('e', 'gpt-4o', '[{"role": "user", "content": "x"}]', 'a;
b')"""
    path.write_text(
        "INSERT INTO llm_events (event_id, model, prompt, response)\n"
        f"VALUES -- the first\n\n{good},\n('two', 'gpt-4o'),\n"
        f"  {good}, ('three'),\n(\n  now(1, 2), 'x');\n",
        encoding="utf-8",
    )
    assert [
        "events.sql:6: expected 4 columns, found 2",
        "events.sql:8: expected 4 columns, found 1",
        "events.sql:9: cannot be read",
    ] == [problem.partition(" near")[0] for problem in problems_in(LEANLLM, path)]
    assert [4, 6, 7, 8, 9] == [found.place.at for found in found_in(LEANLLM, path)]


def test_a_dump_that_was_cut_says_where(tmp_path: Path) -> None:
    """What stood before is imported."""
    path = inserted(tmp_path / "events.sql", row(), named=True)
    path.write_text(path.read_text() + "SELECT 'x")
    last = len(path.read_text().splitlines())
    assert [f"events.sql: ends in the middle of a statement, begun in line {last}"] == problems_in(
        LEANLLM, path
    )
    assert 2 == len(found_in(LEANLLM, path))


@pytest.mark.parametrize("form", FORMS)
def test_a_text_in_another_encoding_loses_its_row_alone(tmp_path: Path, form: str) -> None:
    """As a column that was written in Latin-1."""
    path = write(form, tmp_path, row(response="caf!"), row(event_id="e-2"))
    path.write_bytes(path.read_bytes().replace(b"caf!", b"caf\xe9"))
    (told,) = problems_in(LEANLLM, path)
    assert told.endswith(": holds a text that is not UTF-8")
    assert 2 == len(found_in(LEANLLM, path))


@pytest.mark.parametrize("form", FORMS)
def test_a_file_without_rows_says_so(tmp_path: Path, form: str) -> None:
    """Another table's dump, or a database that was never used."""
    (told,) = problems_in(LEANLLM, write(form, tmp_path))
    assert told.endswith(": holds no rows of llm_events")


def test_an_event_is_replayed_by_the_id_that_its_log_knows(tmp_path: Path) -> None:
    """The log's own id stays in the cassette."""
    database(tmp_path / "events.db", row(), row(event_id="e-2"))
    words = ("leanllm", "events.db", "-o", "cassettes", "--redact", "none")
    assert 0 == inside("import", *words, cwd=tmp_path).returncode
    engine = ReplayEngine(target="simulated/steady", cassettes=tmp_path / "cassettes")
    result = asyncio.run(engine.replay_by_id(event_id="e-2"))
    assert ("e-2", True) == (result.original_request_id, result.text_identical)

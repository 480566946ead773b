"""What was put together of a log is as good as a recording: it replays without a divergence."""

from __future__ import annotations

from pathlib import Path

import pytest
from importers import (
    test_importers_helicone,
    test_importers_langfuse,
    test_importers_langsmith,
    test_importers_leanllm,
    test_importers_openllm_monitor,
    test_importers_otel,
    told_spans,
)
from importers.told_logs import written
from importing import Importing
from projects import _clients_go_with_the_module, pytest_itemcollected  # noqa: F401 - by name

pytest_plugins = ["pytester"]


def logs(folder: Path) -> dict[str, Path]:
    """A log of every source, plain and streamed calls of several providers."""
    langsmith, langfuse = test_importers_langsmith, test_importers_langfuse
    helicone, monitor = test_importers_helicone, test_importers_openllm_monitor
    first = {"first_token_time": "2026-11-29T21:26:22.150199+00:00"}
    claude = {"model": "anthropic/claude-sonnet-4-5", "provider": "anthropic"}
    streamed = {"metadata": {"stream": True}, "time_to_first_token_ms": 20, "event_id": "e-2"}
    spans = [
        {**span, "spanId": f"{number:016x}"}
        for number, span in enumerate(test_importers_otel.SPELLINGS.values())
    ]
    return {
        "langsmith": written(
            folder / "langsmith.jsonl",
            [langsmith.run(), langsmith.langchain_run(id="r-2", **first)],
        ),
        "langfuse": written(
            folder / "langfuse.jsonl",
            [
                langfuse.observation(),
                langfuse.observation(id="o-2", model="claude-sonnet-4-5", output="Sunny."),
            ],
        ),
        "otel": written(folder / "otel.json", told_spans.document(*spans)),
        "leanllm": test_importers_leanllm.database(
            folder / "leanllm.db",
            test_importers_leanllm.row(),
            test_importers_leanllm.row(**claude, **streamed),
        ),
        "helicone": written(
            folder / "helicone.json",
            {
                "data": [
                    helicone.record(),
                    helicone.record(
                        request_id="r-2", request_body={**helicone.ASKED, "stream": True}
                    ),
                ]
            },
        ),
        "openllm-monitor": written(
            folder / "monitor.jsonl",
            [monitor.log(), monitor.log(_id="b", provider="ollama", isStreaming=True)],
        ),
    }


def test_calls_of_every_log_replay_without_a_divergence(pytester: pytest.Pytester) -> None:
    """Text, tool calls, endings and counts are those of the log, in the wire's own format."""
    project = Importing(pytester.path)
    for source, path in logs(pytester.path).items():
        project.good(source, path.name, "--redact", "none", "-o", f"cassettes/{source}")
    run = pytester.runpytest_inprocess(
        *("-p", "no:cacheprovider", "--llm-replay", "--llm-model=simulated/steady"),
        "--llm-check=exact",
    )
    run.assert_outcomes(passed=19)
    run.stdout.fnmatch_lines(["DIVERGED*0"])


def test_a_log_of_production_demands_a_decision_about_personal_data(tmp_path: Path) -> None:
    """And what is decided holds in every part of the events."""
    project = Importing(tmp_path)
    told = test_importers_langfuse.observation(
        input="Write to ada@example.org", output="Sent to ada@example.org", name="ada@example.org"
    )
    written(tmp_path / "log.jsonl", [told])
    assert 4 == project.run("langfuse", "log.jsonl").returncode
    project.good("langfuse", "log.jsonl", "--redact", "email")
    texts = [(tmp_path / "out" / name).read_text() for name in project.written()]
    assert [False] == ["ada@example.org" in text for text in texts]
    assert ["[EMAIL_1]" in text for text in texts] == [True]


def test_fetching_is_for_helicone_alone(tmp_path: Path) -> None:
    """Another source has nothing to fetch."""
    project = Importing(tmp_path)
    written(tmp_path / "log.jsonl", [])
    done = project.run("langfuse", "log.jsonl", "--redact", "none", "--fetch")
    assert (2, "pytest-llmreplay: --fetch: langfuse keeps nothing elsewhere; helicone does\n") == (
        done.returncode,
        done.stderr,
    )


def test_the_option_fetches_from_public_hosts_only(tmp_path: Path) -> None:
    """A log that points into a private network is reported."""
    project = Importing(tmp_path)
    told = test_importers_helicone.record(
        request_body=None, signed_body_url="https://127.0.0.1/secret"
    )
    written(tmp_path / "log.jsonl", [told])
    done = project.run("helicone", "log.jsonl", "--redact", "none", "--fetch")
    assert 1 == done.returncode
    assert "log.jsonl:1: signed_body_url leads into a private network" in done.stderr


PLAYED = """
import anthropic
import openai
import pytest


@pytest.mark.llm_cassette
def test_openai():
    messages = [
        {"role": "system", "content": "You evaluate arguments."},
        {"role": "user", "content": "Markets adapt."},
    ]
    client = openai.OpenAI(api_key="none")
    asked = {"model": "gpt-4o-mini", "messages": messages, "temperature": 0}
    whole = client.chat.completions.create(**asked)
    pieces = client.chat.completions.create(**asked, stream=True)
    said = [piece.choices[0].delta.content or "" for piece in pieces if piece.choices]
    assert "Score: 7" == whole.choices[0].message.content == "".join(said)
    assert 23 == whole.usage.total_tokens


@pytest.mark.llm_cassette
def test_anthropic():
    client = anthropic.Anthropic(api_key="none")
    with client.messages.stream(
        model="claude-sonnet-4-5",
        max_tokens=50,
        system=[{"type": "text", "text": "Be brief."}],
        messages=[{"role": "user", "content": "Name a river."}],
    ) as stream:
        told = stream.get_final_message()
    assert ("The Rhine.", "end_turn", 7) == (
        told.content[0].text, told.stop_reason, told.usage.output_tokens
    )
"""


def test_imported_calls_play_back_to_the_real_clients(pytester: pytest.Pytester) -> None:
    """The application that made them finds them again, in one piece and in many."""
    project = Importing(pytester.path)
    helicone = test_importers_helicone
    streamed = helicone.record(request_id="r-2", request_body={**helicone.ASKED, "stream": True})
    written(pytester.path / "a.jsonl", [helicone.record(), streamed])
    prompt = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Name a river."},
    ]
    test_importers_leanllm.database(
        pytester.path / "b.db",
        test_importers_leanllm.row(
            model="anthropic/claude-sonnet-4-5",
            provider="anthropic",
            prompt=prompt,
            response="The Rhine.",
            parameters={"max_tokens": 50},
            tools=None,
            metadata={"stream": True, "finish_reason": "stop"},
        ),
    )
    project.good("helicone", "a.jsonl", "--redact", "none")
    project.good("leanllm", "b.db", "--redact", "none")
    cassettes = pytester.path / "cassettes/test_app"
    cassettes.mkdir(parents=True)
    (pytester.path / "out/7f0c.yaml").rename(cassettes / "test_openai.yaml")
    (pytester.path / "out/chain-1.yaml").rename(cassettes / "test_anthropic.yaml")
    (pytester.path / "test_app.py").write_text(PLAYED)
    run = pytester.runpytest_inprocess("-p", "no:cacheprovider", "test_app.py")
    run.assert_outcomes(passed=2)

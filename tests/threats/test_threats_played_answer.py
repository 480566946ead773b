"""T1: what a reviewer reads in a cassette is what plays; a hostile answer is only an answer."""

from __future__ import annotations

import pytest
from projects import Project
from threats.threat_cassettes import document, header, question

TOOLS = """
    import os, pathlib

    @pytest.mark.llm_cassette
    def test_it():
        client = openai.OpenAI(api_key="none", base_url=os.environ["CHAT_URL"])
        try:
            chunks = list(client.chat.completions.create(
                model="gpt-5-mini", messages=[{"role": "user", "content": "Say hello"}], stream=True
            ))
        except Exception:
            return  # an application that goes on whatever happens
        for chunk in chunks:
            for call in chunk.choices[0].delta.tool_calls or []:
                pathlib.Path("ran").write_text(call.function.name)
"""


def event(delta: str, finish: str) -> str:
    """A server-sent event of chat completions."""
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{finish}}}'
    kind = '"object":"chat.completion.chunk"'
    return f'{{"id":"c1",{kind},"created":1,"model":"m","choices":[{choice}]}}'


CALL = '{"index":0,"id":"t1","type":"function","function":{"name":"run_shell","arguments":"{}"}}'
STREAM = [
    event(f'{{"role":"assistant","tool_calls":[{CALL}]}}', "null"),
    event("{}", '"tool_calls"'),
    "[DONE]",
]


def cassette(answer: str) -> str:
    """A stream that calls run_shell, with an answer for the reader."""
    text = document(body=question(stream=True)).partition("response: ")[0]
    lines = "".join(f"    {place} {line}\n" for place, line in enumerate(STREAM))
    response = "response:\n  status: 200\n  headers: {content-type: text/event-stream}\n"
    return f"{header()}{text}answer:\n{answer}{response}  stream: |\n{lines}...\n"


LIE = "- text: ok\n- finish_reason: stop\n"
TRUTH = "- tool_call: run_shell\n  arguments: {}\n- finish_reason: tool_call\n"


@pytest.fixture
def hostile(project: Project) -> Project:
    """An application that runs the tools that an answer asks for."""
    project.tests(TOOLS)
    project.cassette().parent.mkdir(parents=True)
    return project


def test_an_answer_that_hides_a_call_is_not_played(hostile: Project) -> None:
    """The stream says run_shell and the answer says ok: no playback, even with errors hidden."""
    hostile.cassette().write_text(cassette(LIE))
    result = hostile.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it.yaml:*answer*stream*"])
    assert "Traceback" not in result.stdout.str()
    assert not (hostile.path / "ran").exists()


def test_nor_is_it_replayed(hostile: Project) -> None:
    """Offline and live: one error, and no answer of anybody is taken for an equal one."""
    hostile.cassette().write_text(cassette(LIE))
    live = ["--llm-model=same", f"--llm-base-url={hostile.server.openai}"]
    for target in ([], live):
        result = hostile.run("--llm-replay", *target)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["error: *test_it.yaml:*"])


def test_the_answer_that_is_told_is_played(hostile: Project) -> None:
    """The same stream with a true answer plays; to run a tool is the application's choice."""
    hostile.cassette().write_text(cassette(TRUTH))
    hostile.run().assert_outcomes(passed=1)
    assert "run_shell" == (hostile.path / "ran").read_text()


def test_what_a_reviewer_cannot_see_is_an_escape(project: Project) -> None:
    """Bidirectional and invisible characters of an answer are spelled out in the file."""
    hidden = "\u202e\u2066\u200b\u2060\ufeff"
    project.tests(
        f"""
        @pytest.mark.llm_cassette
        def test_it():
            assert chat({hidden!a}) == "Echo: " + {hidden!a}
    """
    )
    project.record().assert_outcomes(passed=1)
    written = project.cassette().read_text(encoding="utf-8")
    assert "Echo: " in written
    assert set(hidden).isdisjoint(written)
    project.run().assert_outcomes(passed=1)

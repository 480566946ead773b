"""`accept --promote` with agents that use tools, whose rounds may be others than the recorded."""

from __future__ import annotations

import re

import pytest
from projects import Project
from sdk_clients import needs
from servers.provider_server import Behaviour, says
from shell import inside
from weather_agents import OSLO, PARIS, RECORDED, RESPONSES_AGENT, ROME, record

WAYS: dict[str, tuple[Behaviour, ...]] = {
    "the same rounds": (
        says(calls=[PARIS]),
        says("Rain, I fear."),
        says(calls=[OSLO, ROME]),
        says("Sun and snow."),
    ),
    "fewer rounds": (says("Rain, as always."), says(calls=[ROME, OSLO]), says("Sun and snow.")),
    "no rounds at the end": (says(calls=[PARIS]), says("Rain, I fear."), says("No idea.")),
    "more rounds": (
        says(calls=[PARIS]),
        says(calls=[OSLO]),
        says("Rain there, snow there."),
        says(calls=[ROME]),
        says("Sun, and as I said snow."),
    ),
    "more rounds at the end": (
        says(calls=[PARIS]),
        says("Rain, I fear."),
        says(calls=[ROME]),
        says(calls=[OSLO]),
        says("Sun and snow."),
    ),
    "one round instead of two": (
        says(calls=[PARIS, ROME, OSLO]),
        says("Rain here, sun and snow there."),
        says("As I said."),
    ),
}
LAST = {
    "fewer rounds": "Sun and snow.",
    "no rounds at the end": "No idea.",
    "more rounds": "Sun, and as I said snow.",
    "one round instead of two": "As I said.",
}

agents = pytest.mark.parametrize(
    "agent", ["chat_agent", "stream_agent", "claude_agent", RESPONSES_AGENT]
)
ways = pytest.mark.parametrize("way", WAYS)


def move(project: Project, agent: str, *answers: Behaviour, allow: str = "") -> None:
    """Replay freely with the model `new`."""
    at = project.server.anthropic if agent == "claude_agent" else project.server.openai
    api = {"claude_agent": "messages", "responses_agent": "responses"}
    said = f"{{model: new, base_url: {at}, api: {api.get(agent, 'chat_completions')}}}"
    project.write("llmreplay.yaml", f"targets: {{it: {said}}}")
    project.server.next(*answers)
    options = ("--llm-model=it", "--llm-history=replayed", "--llm-check=answered")
    allowed = (f"--llm-allow={allow}",) if allow else ()
    project.run("--llm-replay", *options, "--llm-check-only", *allowed)
    project.server.reset()


@agents
@ways
def test_the_tests_play_the_way_that_the_new_model_took(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str, way: str
) -> None:
    """Without another call, however many rounds it took; nothing of the old model is left."""
    record(project, agent)
    move(project, agent, *WAYS[way])
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    monkeypatch.setenv("MODEL", "new")
    result = project.run("-s")
    assert [] == project.server.seen
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*said*{LAST.get(way, 'Sun and snow.')}*"])
    text = project.cassette().read_text(encoding="utf-8")
    numbers = re.findall(r"(?m)^event: (\d+)$", text)
    assert [str(number) for number in range(1, len(WAYS[way]) + 1)] == numbers
    assert len(numbers) == text.count("\nname: forecast\n") == text.count("tier: gold")
    assert "model: old" not in text
    assert project.run("--llm-replay").ret == pytest.ExitCode.OK


def test_what_was_accepted_for_other_events_stays_with_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events behind a dropped one get other numbers, and keep what is theirs."""
    record(project, "chat_agent")
    project.tests(
        """
        def test_it(llm_cassette):
            print("said", chat_agent("Paris?"))
            chat("Something else.")
        """
    )
    project.server.next(*RECORDED[:2], says("Else."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    project.server.next(says("Other."))
    options = ("--llm-check=answered", "--llm-check-only", "--llm-accept", "--llm-model=openai/x")
    project.replay(*options, "-k", "0003")
    move(project, "chat_agent", says("Rain, as always."), says("Else, too."))
    done = inside("accept", "run-2", "--promote", "-k", "0001", cwd=project.path)
    assert 0 == done.returncode
    assert "1 answer promoted, 1 event dropped that the target had no need of" in done.stdout
    text = project.cassette().read_text(encoding="utf-8")
    assert ["1", "2"] == re.findall(r"(?m)^event: (\d+)$", text)
    assert "--- # accepted 2 openai/x" in text


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            (says(calls=[PARIS]), says(calls=[("lookup", {"city": "Berlin"})])),
            '0002-forecast[it]: not promoted: its target went on to call lookup(city="Berlin")',
        ),
        (
            (says(calls=[("lookup", {"city": "Berlin"})]),),
            "0001-forecast[it]: not promoted: it is quoted by event 2, which is not promoted",
        ),
    ],
)
def test_a_session_that_left_the_recording_is_refused(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    answers: tuple[Behaviour, ...],
    said: str,
) -> None:
    """Whole, as the tests would go on with requests that the run does not have."""
    record(project, "chat_agent")
    move(project, "chat_agent", *answers)
    before = project.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert 1 == done.returncode
    assert said in done.stderr
    assert "record the tests with it (--llm-record)" in done.stderr
    assert "" == done.stdout
    assert before == project.cassette().read_bytes()


def test_a_part_of_a_session_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the target had no need of the rest of it."""
    record(project, "chat_agent")
    move(project, "chat_agent", *WAYS["fewer rounds"])
    before = project.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", "-k", "0001", cwd=project.path)
    assert 1 == done.returncode
    assert "it is quoted by event 3, which is not promoted with it" in done.stderr
    assert before == project.cassette().read_bytes()


@needs(openai="1.66")
def test_a_conversation_that_the_provider_keeps_is_not_torn_apart(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request names the first answer, and would be a miss behind another one."""
    project.tests(
        """
        def test_it(llm_cassette):
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                first = client.responses.create(model="old", input="Paris?")
                client.responses.create(model="old", input="Sure?", previous_response_id=first.id)
        """
    )
    project.server.next(says("It rains."), says("Quite."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    move(project, "responses_agent", says("Rain, I fear."))
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert 1 == done.returncode
    assert "it is quoted by event 2, which is not promoted with it" in done.stderr
    project.run().assert_outcomes(passed=1)


KEPT = {
    "responses_agent": (
        "previous_response_id",
        """
        def ask(question, name):
            more = {"previous_response_id": name} if name else {}
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                answer = client.responses.create(
                    model=os.environ["MODEL"], input=question, **more
                )
            return answer.id, answer.output_text
        """,
    ),
    "claude_agent": (
        "thread",
        """
        def ask(question, name):
            thread = {"type": "create"}
            if name:
                thread = {"type": "continue", "previous_message_id": name}
            key = "sk-ant-test-0123456789abcdef"
            with anthropic.Anthropic(api_key=key, base_url=os.environ["MESSAGES_URL"]) as client:
                answer = client.messages.create(
                    model=os.environ["MODEL"],
                    max_tokens=9,
                    messages=[{"role": "user", "content": question}],
                    extra_body={"thread": thread},
                )
            return answer.id, answer.content[0].text
        """,
    ),
}
"""By what speaks the format: what has to be allowed, and how a question is asked."""


@pytest.mark.parametrize("agent", ["claude_agent", RESPONSES_AGENT])
def test_a_conversation_that_the_provider_keeps_moves_with_its_ids(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    """Each request goes on from the answer of the new model, as the tests will ask."""
    allow, ask = KEPT[agent]
    project.tests(
        ask
        + """
        def test_it(llm_cassette):
            name = None
            for question in ("Paris?", "Sure?", "Really?"):
                name, said = ask(question, name)
            print("said", said)
        """
    )
    monkeypatch.setenv("MODEL", "old")
    project.server.next(says("It rains."), says("Quite."), says("Oh yes."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    move(project, agent, says("Rain, I fear."), says("I am."), says("Truly."), allow=allow)
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    monkeypatch.setenv("MODEL", "new")
    result = project.run("-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*said Truly."])
    assert [] == project.server.seen

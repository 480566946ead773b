"""`--llm-accept`, and `--llm-record` in a replay: answers become baselines."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says, streams
from unwritable import read_only

IT = "cassettes/tests/test_app/test_it.yaml"
ASKS = """
    @pytest.mark.llm_cassette
    def test_it():
        assert chat("Say hello").startswith("Hel")
"""


@pytest.fixture
def one(project: Project) -> Project:
    """A project with a recorded test and a target `local`."""
    project.tests(ASKS)
    project.write(IT, cassette(event(1)))
    target = f"{{model: tiny, base_url: '{project.server.openai}'}}"
    project.write("llmreplay.yaml", f"targets:\n  local: {target}\n")
    return project


def replay(
    project: Project, answer: str, *arguments: str, model: str = "local"
) -> pytest.RunResult:
    """Replay against a target that says this."""
    project.server.next(says(answer))
    base = ("--llm-base-url", project.server.openai) if model == "same" else ()
    return project.run("--llm-replay", "--llm-model", model, *base, *arguments)


def test_what_holds_becomes_the_baseline_of_its_target(one: Project) -> None:
    """Later replays compare with it; playback and other targets do not."""
    result = replay(one, "Help!", "--llm-accept", "--llm-check=tool_calls")
    result.stdout.fnmatch_lines([f"{IT}: 1 answer accepted"])
    replay(one, "Help!", "--llm-check=text").assert_outcomes(passed=1)
    other = replay(one, "Hello.", "--llm-check=text")
    other.assert_outcomes(failed=1)
    other.stdout.fnmatch_lines(["*accepted   tiny*"])
    replay(one, "Hello.", "--llm-check=text", model="same").assert_outcomes(passed=1)
    seen = len(one.server.seen)
    one.run().assert_outcomes(passed=1)
    assert seen == len(one.server.seen)


def test_what_does_not_hold_is_not_accepted(one: Project) -> None:
    """Only `--llm-record` accepts whatever came."""
    before = (one.path / IT).read_bytes()
    replay(one, "Help!", "--llm-accept", "--llm-check=text").assert_outcomes(failed=1)
    assert before == (one.path / IT).read_bytes()
    replay(one, "Help!", "--llm-record", "--llm-check=text").assert_outcomes(failed=1)
    replay(one, "Help!", "--llm-check=text").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("check", "commands"), [("text", 1), ("contains:Hello", 0), ("output_tokens<=0", 0)]
)
def test_accepting_is_offered_where_it_helps(one: Project, check: str, commands: int) -> None:
    """An answer that breaks a limit of its own would break it as a baseline, too."""
    result = replay(one, "Help!", f"--llm-check={check}")
    result.assert_outcomes(failed=1)
    assert commands == result.stdout.str().count("accept     pytest-llmreplay accept run-1")
    result.stdout.fnmatch_lines([f"*let go     checks: ?warn:{check}? in event 1 of the cassette"])


def test_a_cassette_that_cannot_be_written_is_told_once(one: Project) -> None:
    """The run is not green, as nothing was stored."""
    with read_only((one.path / IT).parent):
        result = replay(one, "Hello.", "--llm-accept", "--llm-check=text")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    said = f"{IT}: nothing accepted: cannot be written: Permission denied"
    result.stdout.fnmatch_lines([said])


def test_an_accepted_answer_of_the_recorded_model_is_the_new_recording(one: Project) -> None:
    """Playback plays it."""
    replay(one, "Help!", "--llm-record", model="same")
    text = (one.path / IT).read_text()
    assert "Help!" in text
    assert "Hello." not in text
    one.run().assert_outcomes(passed=1)


def test_a_stream_of_the_recorded_model_plays_as_the_application_asked_for_it(one: Project) -> None:
    """Without the piece that only the replay asked for, which tells usage and has no words."""
    one.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            client = openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"])
            asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}]}
            chunks = list(client.chat.completions.create(**asked, stream=True))
            assert all(chunk.choices for chunk in chunks)
    """
    )
    one.record().assert_outcomes(passed=1)
    replay(one, "Help!", "--llm-record", model="same")
    assert b"include_usage" in one.server.seen[-1].body
    assert "Help!" in (one.path / IT).read_text()
    one.run().assert_outcomes(passed=1)


def test_an_answer_to_another_request_is_no_recording(one: Project) -> None:
    """The tests would play what nobody ever said to them; other targets have baselines."""
    before = (one.path / IT).read_text()
    changed = ("--llm-record", "--llm-set=temperature=0")
    result = replay(one, "Help!", *changed, model="same")
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    said = "event 1 not accepted: its request was not the recorded one: *accept --promote*"
    result.stdout.fnmatch_lines([f"{IT}: {said}"])
    assert before == (one.path / IT).read_text()
    replay(one, "Help!", *changed)
    assert "# accepted 1 local" in (one.path / IT).read_text()


def test_other_ids_of_tool_calls_make_no_other_request(one: Project) -> None:
    """A session that runs freely quotes the new ones, and so will the test."""
    one.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
            asked = {"model": "gpt-5-mini", "tools": [tool]}
            messages = [{"role": "user", "content": "What is 2 and 2?"}]
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                create = client.chat.completions.create
                said = create(**asked, messages=messages).choices[0].message
                told = {"role": "tool", "tool_call_id": said.tool_calls[0].id, "content": "4"}
                messages += [said.model_dump(exclude_none=True), told]
                create(**asked, messages=messages)
    """
    )
    add = says(calls=[("add", {"a": 2, "b": 2})])
    one.server.next(add, says("Four."))
    one.record().assert_outcomes(passed=1)
    one.server.next(add)
    free = ("--llm-record", "--llm-history=replayed", "--llm-check=answered")
    result = replay(one, "It is 4.", *free, model="same")
    result.stdout.fnmatch_lines([f"{IT}: 2 answers accepted"])
    assert "It is 4." in (one.path / IT).read_text()
    one.run().assert_outcomes(passed=1)


def test_a_new_recording_whose_old_words_are_quoted_is_told(one: Project) -> None:
    """Every answer is stored; the test quotes the new one in its next call, and will miss."""
    asked = [{"role": "user", "content": "Say hello"}]
    quoted = [*asked, {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "?"}]
    one.write(IT, cassette(event(1), event(2, body={"messages": quoted}, says="What?")))
    one.server.next(says("Help!"))
    result = replay(one, "Help!", "--llm-record", model="same")
    said = "event 1 is answered otherwise now, but event 2 quotes what was recorded before*"
    result.stdout.fnmatch_lines([f"{IT}: 2 answers accepted", f"{IT}: {said}"])
    assert 2 == (one.path / IT).read_text().count("content: Help!")
    one.server.next(says("Help!"))
    again = replay(one, "Help!", "--llm-record", model="same")
    again.assert_outcomes(passed=2)
    again.stdout.no_fnmatch_line("*quotes what was recorded*")


def test_recording_again_keeps_what_was_accepted(one: Project) -> None:
    """A test that is recorded anew, with the same request, keeps the baselines."""
    replay(one, "Help!", "--llm-accept", "--llm-check=tool_calls")
    one.server.next(says("Hello there."))
    one.run("--llm-record-mode=all").assert_outcomes(passed=1)
    assert "Hello there." in (one.path / IT).read_text()
    replay(one, "Help!", "--llm-check=text").assert_outcomes(passed=1)


@pytest.mark.parametrize("model", ["local", "same"])
def test_a_stream_that_is_accepted_again_is_told_as_before(one: Project, model: str) -> None:
    """But for what was measured."""
    one.write(IT, cassette(event(1, body={"stream": True})))
    told = []
    for delay in (0.0, 0.02):
        one.server.next(streams("Hello.", delay))
        base = ("--llm-base-url", one.server.openai) if model == "same" else ()
        target = ("--llm-replay", "--llm-model", model, *base)
        one.run(*target, "--llm-record", "--llm-check=answered").assert_outcomes(passed=1)
        lines = (one.path / IT).read_text().splitlines()
        told.append([line for line in lines if "measured" not in line and '{"id"' not in line])
    assert told[0] == told[1]
    assert any("[DONE]" in line for line in told[0])


def test_accepting_twice_changes_nothing(one: Project) -> None:
    """The file stays as it is, and the run says so."""
    replay(one, "Help!", "--llm-accept", "--llm-check=tool_calls")
    result = replay(one, "Help!", "--llm-accept", "--llm-check=tool_calls")
    assert 1 == (one.path / IT).read_text().count("# accepted ")
    result.stdout.fnmatch_lines([f"{IT}: 1 answer accepted*"])


@pytest.mark.parametrize("model", ["local", "same"])
def test_a_cassette_that_changed_meanwhile(one: Project, model: str) -> None:
    """An answer to another request is not stored, and the run is not green."""
    other = cassette(event(1, asks="Another question"))
    one.write(
        "conftest.py",
        "import pathlib\n\ndef pytest_runtest_logreport(report):\n"
        f"    pathlib.Path({IT!r}).write_text({other!r})\n",
    )
    result = replay(one, "Help!", "--llm-accept", "--llm-check=tool_calls", model=model)
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert other == (one.path / IT).read_text()
    result.stdout.fnmatch_lines([f"{IT}: event 1 not accepted: it was recorded anew meanwhile"])


def test_of_many_cassettes_the_first_and_the_sum_are_told(project: Project) -> None:
    """A migration of a large suite does not print a page of paths."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("number", range(12))
        def test_it(number):
            chat(f"say {number}")
    """
    )
    project.record().assert_outcomes(passed=12)
    told = project.replay("--llm-model=openai/tiny", "--llm-accept").outlines
    assert 3 == len([line for line in told if line.endswith(".yaml: 1 answer accepted")])
    assert "and 9 more cassettes: 9 answers accepted" in told

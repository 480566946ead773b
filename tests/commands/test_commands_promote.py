"""`pytest-llmreplay accept --promote`: a migration ends with tests that play offline."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import Project
from servers.provider_server import says
from shell import inside

AGENT = '''
def agent(*questions, **options):
    """A conversation with the model that the environment names."""
    messages, said = [], []
    with openai.OpenAI(api_key="sk-test-0123456789abcdef", base_url=os.environ["CHAT_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            answer = c.chat.completions.create(
                model=os.environ["MODEL"], messages=messages, **options
            )
            if options.get("stream"):
                words = "".join(chunk.choices[0].delta.content or "" for chunk in answer)
            else:
                words = answer.choices[0].message.content
            messages.append({"role": "assistant", "content": words})
            said.append(words)
    return said


def claude(*questions, **options):
    """The same with Anthropic's SDK."""
    messages, said = [], []
    key = "sk-ant-test-0123456789abcdef"
    with anthropic.Anthropic(api_key=key, base_url=os.environ["MESSAGES_URL"]) as c:
        for question in questions:
            messages.append({"role": "user", "content": question})
            answer = c.messages.create(model=os.environ["MODEL"], messages=messages, **options)
            if options.get("stream"):
                deltas = [one.delta for one in answer if one.type == "content_block_delta"]
                words = "".join(delta.text for delta in deltas)
            else:
                words = answer.content[0].text
            messages.append({"role": "assistant", "content": words})
            said.append(words)
    return said
'''


@pytest.fixture
def migrated(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two turns, recorded with the model `old`."""
    return recorded(project, monkeypatch, "")


def recorded(project: Project, monkeypatch: pytest.MonkeyPatch, options: str) -> Project:
    """Record two turns with the model `old`."""
    project.write("pytest.ini", "[pytest]\nllm_checks = answered\n")
    project.write("app.py", (project.path / "app.py").read_text(encoding="utf-8") + AGENT)
    project.tests(
        f"""
        def test_it(llm_cassette):
            print("said", agent("Who is there?", "And now?"{options}))
        """
    )
    monkeypatch.setenv("MODEL", "old")
    project.server.next(says("Nobody at all is here."), says("Still nobody, I fear."))
    project.run("--llm-record").assert_outcomes(passed=1)
    project.server.reset()
    return project


def move(project: Project, *options: str) -> None:
    """Replay with the model `new`."""
    project.server.next(says("It is me, the new one."), says("Me again, the new one."))
    project.run(
        *("--llm-replay", "--llm-model=openai/new", "--llm-base-url", project.server.openai),
        *("--llm-check=answered", "--llm-concurrency=1", *options),
    )
    project.server.reset()


def plays(project: Project, monkeypatch: pytest.MonkeyPatch, *options: str) -> pytest.RunResult:
    """Run the tests for the model `new`, offline."""
    monkeypatch.setenv("MODEL", "new")
    result = project.run("-s", *options)
    assert [] == project.server.seen
    return result


@pytest.mark.parametrize("options", ["", ", stream=True"])
def test_the_tests_play_the_new_model(
    project: Project, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    """Without another call, once the application asks for it; streams as the client asks them."""
    recorded(project, monkeypatch, options)
    move(project, "--llm-history=replayed")
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "cassettes/tests/test_app/test_it.yaml: 2 answers promoted\n") == (
        done.returncode,
        done.stdout,
    )
    result = plays(project, monkeypatch)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*['It is me, the new one.', 'Me again, the new one.']*"])


def test_a_promoted_cassette_replays_against_itself(
    migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a recording as any other."""
    move(migrated, "--llm-history=replayed")
    inside("accept", "run-1", "--promote", cwd=migrated.path)
    migrated.run("--llm-replay").assert_outcomes(passed=2)
    text = (migrated.path / "cassettes/tests/test_app/test_it.yaml").read_text(encoding="utf-8")
    assert ("new", True) == ("new" if "model: new" in text else "", "model: old" not in text)


def test_a_run_with_the_recorded_history_promotes_no_quotes(
    migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second request is one that the tests will never send; nothing is half promoted."""
    move(migrated)
    before = (migrated.path / "cassettes/tests/test_app/test_it.yaml").read_bytes()
    done = inside("accept", "run-1", "--promote", cwd=migrated.path)
    assert 1 == done.returncode
    second, first = done.stderr.splitlines()
    assert "0002[openai/new]: not promoted: its request quotes event 1, and was sent" in second
    assert second.endswith("promote a run with --llm-history replayed")
    assert "0001[openai/new]: not promoted: it is quoted by event 2, which is not" in first
    assert before == (migrated.path / "cassettes/tests/test_app/test_it.yaml").read_bytes()


def test_recordings_that_still_ask_the_old_model_are_told(migrated: Project) -> None:
    """As token counts, which no run replays: the tests will ask them of the new one."""
    migrated.tests(
        """
        def test_it(llm_cassette):
            print("said", agent("Who is there?"), agent("And who else?"))
        """
    )
    migrated.server.next(says("Nobody at all is here."), says("Nobody else, I fear."))
    migrated.run("--llm-record").assert_outcomes(passed=1)
    migrated.server.reset()
    move(migrated)
    done = inside("accept", "run-1", "--promote", "-k", "0001", cwd=migrated.path)
    told = (
        "1 answer promoted; 1 event still asks the old model: --llm-record asks it of the new one"
    )
    assert (0, f"cassettes/tests/test_app/test_it.yaml: {told}\n") == (done.returncode, done.stdout)


def test_turns_go_together(migrated: Project) -> None:
    """One of them alone would leave the tests with a request that nobody answers."""
    move(migrated, "--llm-history=replayed")
    done = inside("accept", "run-1", "--promote", "-k", "0001", cwd=migrated.path)
    assert 1 == done.returncode
    assert "it is quoted by event 2, which is not promoted with it" in done.stderr


def test_one_target_is_chosen(migrated: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two answered, the command asks which before it writes, and names a way to say it."""
    move(migrated, "--llm-history=replayed", "--llm-model=openai/newer")
    before = migrated.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", cwd=migrated.path)
    assert (2, "") == (done.returncode, done.stdout)
    assert (
        "run-1 has answers of openai/new, openai/newer: choose one target, as -k '[openai/new]'"
        in done.stderr
    )
    assert before == migrated.cassette().read_bytes()
    done = inside("accept", "run-1", "--promote", "-k", "[openai/new]", cwd=migrated.path)
    assert (0, "") == (done.returncode, done.stderr)
    plays(migrated, monkeypatch).assert_outcomes(passed=1)


@pytest.mark.parametrize("options", ["", ", stream=True"])
@pytest.mark.parametrize("to", ["messages", "chat_completions"])
def test_the_tests_play_another_provider(
    project: Project, monkeypatch: pytest.MonkeyPatch, to: str, options: str
) -> None:
    """Once the application calls it: the requests are those of the other format."""
    own, other = ("agent", "claude") if to == "messages" else ("claude", "agent")
    tests = """
        def test_it(llm_cassette):
            print("said", {}("Who is there?", "And now?", max_tokens=100{}))
        """
    project.write("app.py", (project.path / "app.py").read_text(encoding="utf-8") + AGENT)
    project.tests(tests.format(own, options))
    monkeypatch.setenv("MODEL", "old")
    project.server.next(says("Nobody at all is here."), says("Still nobody, I fear."))
    project.run("--llm-record").assert_outcomes(passed=1)
    at = project.server.anthropic if to == "messages" else project.server.openai
    project.write("llmreplay.yaml", f"targets: {{it: {{model: new, base_url: {at}, api: {to}}}}}")
    project.server.next(says("It is me, the new one."), says("Me again, the new one."))
    history = "--llm-history=replayed"
    project.run("--llm-replay", "--llm-model=it", "--llm-check=answered", history)
    project.server.reset()
    done = inside("accept", "run-1", "--promote", cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    assert f"2 answers promoted, converted to {to}: the tests play them once" in done.stdout
    project.tests(tests.format(other, options))
    # A target is asked under an older version of its API than the SDK may send: told once.
    result = plays(project, monkeypatch, "-Wdefault")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*['It is me, the new one.', 'Me again, the new one.']*"])
    project.run("--llm-replay").assert_outcomes(passed=2)


@pytest.mark.parametrize("choice", [(), ("-k", "[openai/new]")])
def test_answers_that_diverge_are_counted(migrated: Project, choice: tuple[str, ...]) -> None:
    """Also where they were chosen, as a target has to be."""
    move(migrated, "--llm-history=replayed")
    migrated.write("pytest.ini", "[pytest]\nllm_checks = contains:again\n")
    done = inside("accept", "run-1", "--promote", *choice, cwd=migrated.path)
    it = "cassettes/tests/test_app/test_it.yaml"
    worse = f"{it}: 1 of these diverges by the checks of the project and the cassette\n"
    assert (0, f"{it}: 2 answers promoted\n{worse}") == (done.returncode, done.stdout)


def test_simulated_answers_are_refused(migrated: Project) -> None:
    """They are nobody's."""
    migrated.run("--llm-replay", "--llm-model=simulated/steady", "--llm-check=answered")
    done = inside("accept", "run-1", "--promote", cwd=migrated.path)
    assert 1 == done.returncode
    assert "a simulated model gave it" in done.stderr


def test_what_was_recorded_anew_is_refused(migrated: Project) -> None:
    """As `accept` does, event by event."""
    move(migrated, "--llm-history=replayed")
    path: Path = migrated.path / "cassettes/tests/test_app/test_it.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Who is there?", "Who was there?"), encoding="utf-8")
    done = inside("accept", "run-1", "--promote", cwd=migrated.path)
    assert 1 == done.returncode
    assert 2 == done.stderr.count("recorded anew since")

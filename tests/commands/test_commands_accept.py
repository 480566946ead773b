"""`pytest-llmreplay accept`: answers of a stored run become baselines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept_runs import IT, answered, replay, run_file, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import fails, says
from shell import command, inside


@pytest.fixture
def two(project: Project) -> Project:
    """A project with a run of two events against the target `local`, both answers of which fit."""
    several(project, 2)
    project.write("pytest.ini", "[pytest]\nllm_checks = answered\n")
    target = f"{{model: tiny, base_url: '{project.server.openai}'}}"
    project.write("llmreplay.yaml", f"targets:\n  local: {target}\n")
    project.server.next(says("First."), says("Second."))
    asked(project)
    return project


def asked(project: Project, *arguments: str) -> pytest.RunResult:
    """Replay against the target, one call after the other."""
    return project.run("--llm-replay", "--llm-model=local", "--llm-concurrency=1", *arguments)


def tree(project: Project) -> dict[Path, bytes]:
    """All files around the project but its runs."""
    top = project.path.parent
    files = (path for path in top.rglob("*") if path.is_file() and ".llmreplay" not in path.parts)
    return {path: path.read_bytes() for path in files}


def test_what_was_accepted_is_what_the_target_is_compared_with(two: Project) -> None:
    """Without another call; the recording stays as it is."""
    done = command("accept", "run-1", cwd=two.path)
    assert (0, f"{IT}: 2 answers accepted\n") == (done.returncode, done.stdout)
    two.server.next(says("First."), says("Second."))
    asked(two, "--llm-check=text").assert_outcomes(passed=2)
    assert 2 == (two.path / IT).read_text().count("# accepted ")
    assert "Hello." in (two.path / IT).read_text()


@pytest.mark.parametrize(
    "choice",
    [
        ("-k", "0002-ask"),
        ("-k", "not (0001 or nothing) and local"),
        (f"{IT}::0002-ask[local]",),
        (f"{IT}::0002-ask",),
    ],
    ids=str,
)
def test_one_event_is_chosen(two: Project, choice: tuple[str, ...]) -> None:
    """By words of its node id, or by the node id."""
    done = inside("accept", "run-1", *choice, cwd=two.path)
    assert f"{IT}: 1 answer accepted\n" == done.stdout
    assert "# accepted 2 local" in (two.path / IT).read_text()
    assert "# accepted 1" not in (two.path / IT).read_text()


@pytest.mark.parametrize("promote", [(), ("--promote",)])
def test_a_cassette_with_a_gap_keeps_its_numbers(
    project: Project, promote: tuple[str, ...]
) -> None:
    """An event was deleted by hand: accepting adds to the file, and the other ids still hold."""
    kept = cassette(event(2, asks="2"), event(3, asks="3")).replace("test:", "# ours\ntest:  ")
    project.write(IT, kept)
    project.write("pytest.ini", "[pytest]\nllm_checks = answered\n")
    target = f"{{model: tiny, base_url: '{project.server.openai}'}}"
    project.write("llmreplay.yaml", f"targets:\n  local: {target}\n")
    project.server.next(says("Second."), says("Third."))
    asked(project)
    inside("accept", "run-1", "-k", "0002", *promote, cwd=project.path)
    written = (project.path / IT).read_text()
    if not promote:
        assert kept == re.sub(r"--- # accepted 2 .*?\n\.\.\.\n", "", written, flags=re.DOTALL)
    assert ["2", "3"] == re.findall(r"^event: (\d)", written, re.MULTILINE)
    assert kept.partition("--- # key")[0] == written.partition("--- # key")[0]
    done = inside("accept", "run-1", "-k", "0003", *promote, cwd=project.path)
    assert (0, f"{IT}: 1 answer") == (done.returncode, done.stdout[: len(f"{IT}: 1 answer")])


def test_answers_that_diverge_are_counted_where_none_was_chosen(two: Project) -> None:
    """By the checks that are in force now; who chooses an event has read it."""
    two.write("pytest.ini", "[pytest]\nllm_checks = contains:Second\n")
    worse = f"{IT}: 1 of these diverges by the checks of the project and the cassette\n"
    done = inside("accept", "run-1", "-k", "0001", cwd=two.path)
    assert (0, f"{IT}: 1 answer accepted\n") == (done.returncode, done.stdout)
    done = inside("accept", "run-1", cwd=two.path)
    assert (0, f"{IT}: 2 answers accepted\n{worse}") == (done.returncode, done.stdout)


def test_an_answer_that_is_refused_is_not_counted_among_those_that_diverge(two: Project) -> None:
    """It was not accepted."""
    two.write("pytest.ini", "[pytest]\nllm_checks = contains:Third\n")
    events = (event(1, name="ask", asks="Other"), event(2, name="ask", asks="Question 2"))
    two.write(IT, cassette(*events))
    done = inside("accept", "run-1", cwd=two.path)
    assert f"{IT}: 1 of these diverges by the checks " in done.stdout


def test_an_answer_to_another_request_is_no_recording(project: Project) -> None:
    """For `same` it would take the place of one; the command that stores both is named."""
    several(project, 1)
    project.server.next(says("Other."))
    replay(project, "--llm-set=temperature=0")
    done = inside("accept", "run-1", cwd=project.path)
    assert (1, "") == (done.returncode, done.stdout)
    assert "not accepted: its request was not the recorded one" in done.stderr
    assert "Other." not in (project.path / IT).read_text()


def test_it_works_from_a_folder_of_the_project(two: Project) -> None:
    """Paths are those that a person types there."""
    done = inside("accept", "run-1", "tests", cwd=two.path / "cassettes")
    assert "tests/test_app/test_it.yaml: 2 answers accepted\n" == done.stdout


def test_accepting_twice_changes_nothing(two: Project) -> None:
    """And says so."""
    inside("accept", "run-1", cwd=two.path)
    before = (two.path / IT).read_bytes()
    done = inside("accept", "run-1", cwd=two.path)
    assert f"{IT}: 2 answers accepted before, nothing new\n" == done.stdout
    assert before == (two.path / IT).read_bytes()


def test_an_event_that_was_recorded_anew(two: Project) -> None:
    """Its answer belongs to another request; the others are accepted."""
    events = (event(1, name="ask", asks="Other"), event(2, name="ask", asks="Question 2"))
    two.write(IT, cassette(*events))
    done = inside("accept", "run-1", cwd=two.path)
    assert (1, f"{IT}: 1 answer accepted\n") == (done.returncode, done.stdout)
    assert done.stderr.startswith(f"{IT}:")
    assert "0001-ask[local]: not accepted: its request was recorded anew" in done.stderr


def test_events_are_found_by_what_they_ask(two: Project) -> None:
    """A cassette in which they changed places gets each answer where it belongs."""
    events = (event(1, name="ask", asks="Question 2"), event(2, name="ask", asks="Question 1"))
    two.write(IT, cassette(*events))
    assert 0 == inside("accept", "run-1", cwd=two.path).returncode
    two.server.next(says("Second."), says("First."))
    asked(two, "--llm-check=text").assert_outcomes(passed=2)


KEY = "sk-proj-Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"


@pytest.mark.parametrize("how", [(), ("--promote",)], ids=["accepted", "promoted"])
def test_what_the_project_lets_pass_is_written(project: Project, how: tuple[str, ...]) -> None:
    """A false alarm that the ini file names is none here either, and its rules hold."""
    project.write(IT, cassette(event(1, asks=f"Is {KEY} a key?")))
    (hashed,) = re.findall(r"Add (\w+) to", inside("check", cwd=project.path).stdout)
    project.write("pytest.ini", f"[pytest]\nllm_redact_allow = {hashed}\n")
    project.server.next(says("Ask bo@example.org."))
    replay(project)
    project.write("pytest.ini", f"[pytest]\nllm_redact_allow = {hashed}\nllm_redact = email\n")
    done = inside("accept", "run-1", *how, cwd=project.path)
    assert (0, "") == (done.returncode, done.stderr)
    assert "[EMAIL_1]" in project.cassette().read_text()
    assert "bo@example.org" not in project.cassette().read_text()


def test_errors_are_not_accepted(project: Project) -> None:
    """Nothing was answered that a later answer could be compared with."""
    several(project, 1)
    project.server.next(fails(401, "No such key"))
    assert 0 == answered(replay(project))
    before = (project.path / IT).read_bytes()
    done = inside("accept", "run-1", cwd=project.path)
    assert 1 == done.returncode
    assert "not accepted: same at " in done.stderr
    assert before == (project.path / IT).read_bytes()


def _forged(change: Callable[[dict[str, Any]], None]) -> Callable[[Project], None]:
    def forge(project: Project) -> None:
        lines = run_file(project).read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        for row in rows[1:-1]:
            change(row)
        run_file(project).write_text("".join(json.dumps(row) + "\n" for row in rows))

    return forge


def _to(name: str) -> Callable[[Project], None]:
    return _forged(lambda row: row["call"].update(cassette=name))


def _behind_a_link(project: Project) -> None:
    outside = project.path.parent / "outside.yaml"
    outside.write_bytes((project.path / IT).read_bytes())
    (project.path / "cassettes/link.yaml").symlink_to(outside)
    _to("cassettes/link.yaml")(project)


def _behind_a_linked_folder(project: Project) -> None:
    outside = project.path.parent / "elsewhere"
    outside.mkdir()
    (outside / "it.yaml").write_bytes((project.path / IT).read_bytes())
    (project.path / "cassettes/folder").symlink_to(outside)
    _to("cassettes/folder/it.yaml")(project)


@pytest.mark.parametrize(
    "forge",
    [
        _to("../../etc/passwd.yaml"),
        _to("/etc/hostname"),
        _to("cassettes/../../outside.yaml"),
        _to("pyproject.toml"),
        _to("conftest.py"),
        _to("llmreplay.yaml"),
        _to("cassettes/none.yaml"),
        _to("cassettes/\x00.yaml"),
        _to(f"cassettes/{'x' * 5000}.yaml"),
        _to("cassettes/\ud800.yaml"),
        _to(""),
        _behind_a_link,
        _behind_a_linked_folder,
        _forged(lambda row: row["call"].update(key="0" * 16)),
        _forged(lambda row: row["call"].update(occurrence=7)),
        _forged(lambda row: row["call"].update(target="same")),
        _forged(lambda row: row["call"].update(target="x\nevent: 99")),
        _forged(lambda row: row["sent"].update(api="../x")),
        _forged(lambda row: row["reply"].update(pieces=[])),
    ],
)
def test_a_forged_run_file_writes_nothing(two: Project, forge: Callable[[Project], None]) -> None:
    """Whatever it names: each event is refused with the reason, and no file changes."""
    forge(two)
    before = tree(two)
    done = inside("accept", "run-1", cwd=two.path)
    assert 1 == done.returncode
    assert 2 == done.stderr.count("not accepted: ")
    assert "Traceback" not in done.stderr
    assert before == tree(two)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run-9",), "no run 'run-9' in *; the last ones are run-1"),
        (("run-1", "-k", "nothing"), "run-1 has no call that fits -k 'nothing'"),
        (("run-1", "-k", "(one"), "-k '(one': a bracket is not closed"),
        (("run-1", "-k", "one and"), "-k 'one and': a word is missing"),
        (("run-1", "-k", "not " * 2000 + "x"), "*: too deep"),
        (("pyproject.toml",), "*pyproject.toml: *"),
    ],
)
def test_wrong_use_is_one_line(two: Project, words: tuple[str, ...], said: str) -> None:
    """With what there is instead."""
    done = inside("accept", *words, cwd=two.path)
    assert (2, "") == (done.returncode, done.stdout)
    pytest.LineMatcher(done.stderr.splitlines()).fnmatch_lines([f"pytest-llmreplay: {said}"])
    assert 1 == len(done.stderr.splitlines())

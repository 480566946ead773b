"""`pytest-llmreplay compare`: two stored runs of the same events."""

from __future__ import annotations

import json

import pytest
from judges import config, judging, sound
from kept_runs import IT, replay, run_file, several
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import ProviderServer, fails, says
from shell import inside

POLITE = """
def polite(baseline, replayed, argument):
    return "please" in replayed.response.text

def pytest_llmreplay_checks():
    return {"polite": polite}
"""


@pytest.fixture
def runs_of(project: Project) -> Project:
    """A project with two runs: the second diverges in the second event."""
    several(project, 2)
    for second in ("Hello.", "Other."):
        project.server.next(says("Hello."), says(second))
        replay(project, "--llm-concurrency=1")
    return project


def test_what_only_the_second_run_breaks_is_a_finding(runs_of: Project) -> None:
    """With the event named; the other way round nothing is worse."""
    done = inside("compare", "run-1", "run-2", "--check=text", cwd=runs_of.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "::0002-ask[same]" in done.stdout
    assert "output tokens" in done.stdout
    assert 0 == inside("compare", "run-2", "run-1", "--check=text", cwd=runs_of.path).returncode


def test_counts_as_json(runs_of: Project) -> None:
    """By target: outcomes, what moved, and what the answers took."""
    done = inside("compare", "run-1", "run-2", "--check=text", "--json", cwd=runs_of.path)
    found = json.loads(done.stdout)["targets"]["same"]
    assert 2 == found["events"]
    assert {"run-1": {"ok": 2}, "run-2": {"ok": 1, "diverged": 1}} == found["outcomes"]
    broken = {"event": f"{IT}::0002-ask[same]", "cause": "text: other words"}
    assert {"only_a": [], "only_b": [broken], "both": 0} == found["diverged"]
    assert {"events": 2, "run-1": 2, "run-2": 2} == found["figures"]["output_tokens"]
    assert found["figures"]["duration.p95"]["run-2"] > 0


def test_what_one_run_alone_answered_is_counted_apart(project: Project) -> None:
    """A call that failed is an error of its run, and one that was not made is in the other only."""
    several(project, 3)
    project.server.next(says("Hello."), fails(400), says("Hello."))
    replay(project, "--llm-concurrency=1")
    replay(project, "-k", "not 0003")
    done = inside("compare", "run-1", "run-2", "--check=answered", "--json", cwd=project.path)
    found = json.loads(done.stdout)["targets"]["same"]
    assert {"ok": 1, "error": 1} == found["outcomes"]["run-1"]
    assert [f"{IT}::0002-ask[same]"] == [one["event"] for one in found["diverged"]["only_a"]]
    assert {"run-1": 1, "run-2": 0} == found["alone"]


def test_scores_of_a_judge_are_those_of_the_runs(project: Project) -> None:
    """Nobody is asked, no key and no config file is needed, and another limit is held against."""
    several(project, 1)
    asked = ("--llm-check=judge>=0.1", "--llm-concurrency=1")
    with ProviderServer(judging(sound)) as judge:
        project.write("llmreplay.yaml", config(judge.openai, samples=1))
        for answer in ("Paris.", "Lyon."):
            project.server.next(says(answer))
            project.replay(*asked)
        seen = len(judge.seen)
        project.write("llmreplay.yaml", "")
        done = inside("compare", "run-1", "run-2", "--check=judge>=0.5", cwd=project.path)
        assert (1, "") == (done.returncode, done.stderr)
        assert seen == len(judge.seen)
    assert "judge>=0.5: the judge scored it too low" in done.stdout
    assert "judge grader: Wrong city." in done.stdout
    shown = inside("show", "run-2", cwd=project.path).stdout
    assert "judged     0.20 by judge grader: Wrong city." in shown
    (means,) = (line for line in done.stdout.splitlines() if line.startswith("judge, mean"))
    assert ["0.90", "0.20"] == means.split()[2:4]


def test_checks_over_sessions_and_the_run_judge_both_runs(runs_of: Project) -> None:
    """Each is a row; what does not hold is told with its figures, and is a finding by itself."""
    runs_of.server.next(says("Hello."), says("one two three four five"))
    replay(runs_of, "--llm-concurrency=1")
    asked = ("session:output_tokens<=4", "run:output_tokens<=4", "warn:run:output_tokens<=2")
    checks = ["--check=answered", *(f"--check={spec}" for spec in asked)]
    done = inside("compare", "run-1", "run-3", *checks, cwd=runs_of.path)
    assert (1, "") == (done.returncode, done.stderr)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["session:output_tokens<=4", "holds", "DIVERGED"] in rows
    assert ["run:output_tokens<=4", "holds", "DIVERGED"] in rows
    assert "run-3  DIVERGED: 6" in done.stdout
    assert "pytest-llmreplay show" not in done.stdout
    other = inside("compare", "run-3", "run-1", *checks, "--json", cwd=runs_of.path)
    found = json.loads(other.stdout)["targets"]["same"]
    assert ["session", "the run", "the run"] == [one["place"] for one in found["over"]]
    assert [[], 2] == [found["diverged"]["only_b"], len(found["diverged"]["only_a"])]


def test_a_session_that_no_run_has_whole_is_not_judged(runs_of: Project) -> None:
    """A part says nothing about the whole; a session with an error is not measured."""
    replay(runs_of, "-k0001")
    part = inside("compare", "run-1", "run-3", "--check=session:tokens<=1", cwd=runs_of.path)
    assert "session:" not in part.stdout.partition("checks")[0]
    runs_of.server.next(fails(400))
    replay(runs_of, "--llm-concurrency=1")
    done = inside("compare", "run-1", "run-4", "--check=session:tokens<=100", cwd=runs_of.path)
    assert "run-4  not measured: call 1 of 2: no answer" in done.stdout


def test_embeddings_of_a_session_are_no_part_of_it(project: Project) -> None:
    """No run has them, and what the other calls come to is judged as a run judges it."""
    embedded = event(1, api="embeddings", body={"input": "hello"})
    project.write(IT, cassette(embedded, event(2)))
    replay(project)
    replay(project)
    check = "--check=session:output_tokens<=1"
    done = inside("compare", "run-1", "run-2", check, cwd=project.path)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["session:output_tokens<=1", "DIVERGED", "DIVERGED"] in rows


def test_checks_of_a_user_are_told_as_the_runs_found_them(project: Project) -> None:
    """Where their functions are gone; where a run did not ask one, it is not measured."""
    project.write("conftest.py", POLITE)
    several(project, 1)
    for answer, check in (("please", "polite"), ("no", "polite"), ("no", "text")):
        project.server.next(says(answer))
        project.replay(f"--llm-check={check}")
    project.write("conftest.py", "")
    done = inside("compare", "run-1", "run-2", "--check=polite", cwd=project.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "polite: does not hold" in done.stdout
    done = inside("compare", "run-1", "run-3", "--check=polite", "--json", cwd=project.path)
    outcomes = json.loads(done.stdout)["targets"]["same"]["outcomes"]
    assert {"run-1": {"changed": 1}, "run-3": {"not_measured": 1}} == outcomes


@pytest.mark.parametrize(
    "row", ['{"judged": 1}', '{"judged": {}, "scores": {}, "own": {}}', '{"judged": null}']
)
def test_a_damaged_opinion_is_left_out(runs_of: Project, row: str) -> None:
    """And told, as any damaged line of a run file."""
    with run_file(runs_of, 2).open("a") as file:
        file.write(f"{row}\n")
    done = inside("compare", "run-1", "run-2", "--check=text", cwd=runs_of.path)
    said = ".llmreplay/runs/run-2.jsonl: damaged and left out: line 5\n"
    assert (1, said) == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("words", "file", "said"),
    [
        (("--check=tokens<=1.y",), "", "--check: "),
        ((), "checks: [tokens<=1.y]\n", "llmreplay.yaml:1: checks: "),
        (("--check=nothing_such",), "import nowhere\n", "pytest cannot load the plugins and "),
    ],
    ids=["typed", "config", "conftest"],
)
def test_what_cannot_be_judged_by_is_wrong_use(
    runs_of: Project, words: tuple[str, ...], file: str, said: str
) -> None:
    """It is told once, and not of every event, as if there were no difference."""
    runs_of.write("conftest.py" if file.startswith("import") else "llmreplay.yaml", file)
    done = inside("compare", "run-1", "run-2", *words, cwd=runs_of.path)
    assert (2, "") == (done.returncode, done.stdout)
    assert said in done.stderr.partition("pytest-llmreplay: ")[2]


def test_runs_without_a_common_event_are_wrong_use(runs_of: Project) -> None:
    """Nothing compared is no success."""
    several(runs_of, 3)
    replay(runs_of, "-k0003")
    done = inside("compare", "run-1", "run-3", cwd=runs_of.path)
    said = "pytest-llmreplay: run-1 and run-3 have no event and target in common\n"
    assert (2, "", said) == (done.returncode, done.stdout, done.stderr)


def test_a_run_of_one_model_is_compared_with_a_run_of_another(runs_of: Project) -> None:
    """Events are the same whoever is asked; both targets are named."""
    runs_of.server.next(says("Hello."), says("Other."))
    runs_of.replay("--llm-model=openai/other", "--llm-concurrency=1", "--llm-check=text")
    done = inside("compare", "run-1", "run-3", "--check=text", cwd=runs_of.path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "same \u2192 openai/other" in done.stdout
    assert "::0002-ask[openai/other]" in done.stdout

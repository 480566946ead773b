"""Checks, variants and judges of a `conftest.py`, in the commands that a user expects them in."""

from __future__ import annotations

import json

import pytest
from kept_runs import replay, several
from made_cassettes import cassette, event
from projects import Project
from servers.behaviours import says
from shell import inside

CHECKS = """
def polite(baseline, replayed, argument):
    print("looked at", replayed.response.text)
    assert (argument or "please") in replayed.response.text

def pytest_llmreplay_checks():
    return {"polite": polite}
"""
VARIANTS = """
def longer(event, body):
    body["messages"] *= 2

def pytest_llmreplay_variants():
    return {"longer": longer}
"""
JUDGE = """
def judge(question, answer):
    print("scored", answer)
    return float("please" in answer)

def pytest_llmreplay_judge(target):
    return judge
"""


def test_mutants_are_judged_by_checks_of_a_user(one: Project) -> None:
    """As a replay would judge them; what a function prints is no part of the report."""
    one.write("conftest.py", CHECKS)
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1, says="please, wait")))
    done = inside("check", "--mutate", "--check=polite", "--json", cwd=one.path)
    faults = {one["fault"]: one for one in json.loads(done.stdout)["faults"]}
    assert (1, 1) == (faults["refusal"]["applied"], faults["refusal"]["caught"])
    assert (1, 0) == (faults["slow"]["applied"], faults["slow"]["caught"])
    assert "looked at please" in done.stderr
    replayed = one.run("--llm-replay", "--llm-model=simulated/refusal", "--llm-check=polite")
    assert pytest.ExitCode.TESTS_FAILED == replayed.ret


def test_mutants_are_judged_by_a_function_of_a_user(one: Project) -> None:
    """A model is not asked: what wants one is left out and named, and the rest is tried."""
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1, says="please, wait")))
    words = ("check", "--mutate", "--check=judge>=0.5", "--check=text", "--json")
    for conftest, source, wording in (
        (JUDGE, "command line", (1, 1)),
        ("", "command line; not tried: no model is asked", (1, 1)),
    ):
        one.write("conftest.py", conftest)
        report = json.loads(inside(*words, cwd=one.path).stdout)
        assert [source, "command line"] == [check["source"] for check in report["checks"]]
        faults = {fault["fault"]: fault for fault in report["faults"]}
        assert wording == (faults["wording"]["applied"], faults["wording"]["caught"])
    one.write("conftest.py", JUDGE)
    alone = json.loads(inside(*words[:3], "--json", cwd=one.path).stdout)
    caught = {fault["fault"] for fault in alone["faults"] if fault["caught"]}
    assert "refusal" in caught
    assert "slow" not in caught


@pytest.mark.parametrize(
    ("conftest", "said"),
    [
        (CHECKS, "--check: unknown check 'polit'; did you mean 'polite'?"),
        ("", "--check: unknown check 'polit'"),
        ("import nowhere\n", "pytest cannot load the plugins and conftest.py of "),
        ("raise SystemExit(3)\n", "pytest cannot load the plugins and conftest.py of "),
        ("import pytest\npytest.skip('no')\n", "pytest cannot load the plugins and conftest.py "),
        ("def pytest_llmreplay_checks():\n    1 / 0\n", "pytest_llmreplay_checks: ZeroDivision"),
        ("def pytest_llmreplay_checks():\n    exit(0)\n", "pytest_llmreplay_checks: SystemExit"),
    ],
    ids=["misspelt", "none", "broken", "exits", "skips", "raises", "exits late"],
)
def test_a_name_that_nobody_gives_is_one_clear_line(one: Project, conftest: str, said: str) -> None:
    """Exit code 2; of a `conftest.py` that cannot be loaded pytest says the rest."""
    one.write("conftest.py", conftest)
    done = inside("check", "--mutate", "--check=polit", cwd=one.path)
    assert (2, "") == (done.returncode, done.stdout)
    assert f"pytest-llmreplay: {said}" in done.stderr
    assert "Traceback" not in done.stderr.partition("pytest-llmreplay:")[2]


def test_a_project_that_switched_the_plugin_off_is_told(one: Project) -> None:
    """Else its hooks would be asked, and there are none."""
    one.write("pytest.ini", "[pytest]\naddopts = -p no:llmreplay\n")
    done = inside("check", "--mutate", "--check=polite", "cassettes", cwd=one.path)
    assert 2 == done.returncode
    assert "pytest does not load the plugin 'llmreplay' in " in done.stderr


def test_code_of_a_project_runs_only_where_something_of_it_is_asked_for(one: Project) -> None:
    """Cassettes of others can be looked at with whatever code beside them."""
    one.write("conftest.py", "raise RuntimeError('ran')\n")
    asked = event(1, says="please", checks=["polite"])
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(asked))
    assert "polite" not in inside("check", cwd=one.path).stdout
    mutated = inside("check", "--mutate", "--check=text", cwd=one.path)
    assert "RuntimeError: ran" in mutated.stderr  # a cassette of the project asks for it
    one.write("cassettes/tests/test_app/test_it.yaml", cassette(event(1)))
    for words in (("check", "--mutate"), ("estimate", "cassettes", "--model=simulated/steady")):
        done = inside(*words, cwd=one.path)
        assert (0, "") == (done.returncode, done.stderr)


def test_an_estimate_knows_variants_and_judges_of_a_user(one: Project) -> None:
    """It says what pytest says: a function that judges costs nothing, whatever model is named."""
    one.write("conftest.py", VARIANTS + JUDGE)
    one.write("llmreplay.yaml", "judge: {target: openai/gpt-5}\n")
    options = ("--model=openai/gpt-5-mini", "--variant=lo*", "--check=judge>=0.5")
    told = inside("estimate", "cassettes", *options, cwd=one.path)
    assert (0, "") == (told.returncode, told.stderr)
    typed = [option.replace("--", "--llm-", 1) for option in options]
    ran = one.run("--llm-replay", "--llm-estimate", *typed)
    assert told.stdout in ran.stdout.str()
    assert "openai/gpt-5-mini longer" in told.stdout or "gpt-5-mini-longer" in told.stdout
    assert "judge" not in told.stdout
    one.write("conftest.py", "")
    gone = inside("estimate", "cassettes", *options, cwd=one.path)
    assert (2, "") == (gone.returncode, gone.stdout)
    assert "--variant: no variant 'lo*'" in gone.stderr


def test_two_runs_are_compared_by_functions_of_a_user(project: Project) -> None:
    """Also by those that did not judge the runs when they were made; nobody is asked."""
    several(project, 1)
    for answer in ("yes, please", "no"):
        project.server.next(says(answer))
        replay(project)
    project.write("conftest.py", CHECKS + JUDGE)
    asked = ("--check=polite", "--check=judge>=0.5", "--check=run:judge>=0.5")
    done = inside("compare", "run-1", "run-2", *asked, "--json", cwd=project.path)
    assert 1 == done.returncode
    found = json.loads(done.stdout)["targets"]["same"]
    (event, over_run) = (found["diverged"]["only_b"], found["over"])
    assert ["polite: does not hold"] == [one["cause"] for one in event]
    assert {"run-1": 1.0, "run-2": 0.0, "events": 1} == found["figures"]["judge"]
    assert "judge" in json.dumps(over_run)
    assert "scored yes, please" in done.stderr
    assert 2 == len(project.server.seen)

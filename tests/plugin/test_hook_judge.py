"""The hook `pytest_llmreplay_judge`: a judge of the user's own."""

from __future__ import annotations

import pytest
from judges import config, judging, sound
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import ProviderServer, says

PARIS = """
    def judge(question, answer):
        assert "What is the capital of France?" == question
        return 0.9 if "Paris" in answer else 0.2

    def pytest_llmreplay_judge(target):
        return judge
"""

OBJECT = """
class Judge:
    def __call__(self, question, answer, baseline=None):
        return len(answer) / len(baseline), 'short'

judge = Judge()
"""


@pytest.fixture
def asked(project: Project) -> Project:
    """A project with a recording that any judge likes."""
    question = event(1, asks="What is the capital of France?", says="It is Paris.")
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(question))
    return project


def replay(project: Project, conftest: str, *options: str) -> pytest.RunResult:
    """Judge a wrong answer with the hook of a conftest.py."""
    project.write("conftest.py", conftest)
    project.server.next(says("Lyon."))
    return project.replay("--llm-check=judge>=0.8", *options)


def test_a_function_of_a_question_and_an_answer_judges(asked: Project) -> None:
    """Nothing is asked of any model."""
    result = replay(asked, PARIS)
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["judge>=0.8: 0.90 → 0.20, at least 0.80 asked for"])
    assert 1 == len(asked.server.seen)


@pytest.mark.parametrize(
    "judge",
    [
        "def judge(question, answer, baseline):\n    return (len(answer) / len(baseline), 'short')",
        "async def judge(question, answer, baseline, other=3):\n    return 5 / 12, 'short'",
        OBJECT,
    ],
)
def test_it_may_see_the_recorded_answer_and_explain_itself(asked: Project, judge: str) -> None:
    """A function, an asynchronous one, or an object."""
    conftest = f"{judge}\ndef pytest_llmreplay_judge(target):\n    return judge\n"
    result = replay(asked, conftest)
    result.stdout.fnmatch_lines(["judge>=0.8: *0.42, at least 0.80*", "*llmreplay_judge: short"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no model')", "pytest_llmreplay_judge: ValueError: no model"),
        ("import pytest; pytest.fail('no')", "pytest_llmreplay_judge: Failed: no"),
        ("return None", "the judge gave None, which is no number"),
        ("return float('nan')", "the judge gave nan, which is not in 0 to 1"),
        ("import time; time.sleep(5)", "pytest_llmreplay_judge gave nothing within 0.5 s"),
    ],
)
def test_a_judge_that_fails_is_not_measured(asked: Project, body: str, reason: str) -> None:
    """With its own words, and never a pass."""
    conftest = f"""
        def judge(question, answer):
            {body}

        def pytest_llmreplay_judge(target):
            return judge
    """
    result = replay(asked, conftest, "--llm-timeout=0.5")
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines([f"judge>=0.8: not measured, {reason}"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("42", "expected a function, got int"),
        ("lambda: 1", "write the judge as judge(question, answer) or with a baseline"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_no_judge_is_one_clear_error(asked: Project, given: str, said: str) -> None:
    """Before anything is sent."""
    result = replay(asked, f"def pytest_llmreplay_judge(target):\n    return {given}\n")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: pytest_llmreplay_judge: {said}"])
    assert [] == asked.server.seen


def test_a_hook_that_gives_none_leaves_judging_to_the_target(asked: Project) -> None:
    """And is told its name."""
    conftest = """
        def pytest_llmreplay_judge(target):
            assert "grader" == target
    """
    with ProviderServer(judging(sound)) as server:
        asked.write("llmreplay.yaml", config(server.openai))
        result = replay(asked, conftest)
        result.stdout.fnmatch_lines(["judge>=0.8: 0.90 → 0.20*"])
        assert 9 == len(server.seen)


def test_the_same_case_is_judged_once(asked: Project) -> None:
    """A rerun, a second target with the same answer: the function is not called again."""
    counting = PARIS.replace("return 0.9", "print('judged', answer); return 0.9")
    asked.write("conftest.py", counting)
    asked.server.next(says("Lyon."), says("Lyon."))
    url = asked.server.openai
    targets = f"{{a: {{provider: openai, model: a, base_url: '{url}'}}, "
    targets += f"b: {{provider: openai, model: b, base_url: '{url}'}}}}"
    asked.write("llmreplay.yaml", f"targets: {targets}\n")
    options = ["--llm-model=a", "--llm-model=b", "--llm-check=judge>=0.8", "-s"]
    result = asked.run("--llm-replay", *options)
    assert {"failed": 2} == result.parseoutcomes()
    assert 1 == result.stdout.str().count("judged Lyon.")
    assert 1 == result.stdout.str().count("judged It is Paris.")

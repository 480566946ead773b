"""`pytest_llmreplay_checks`: checks that a project writes itself."""

from __future__ import annotations

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

IT = "cassettes/tests/test_app/test_it.yaml"
POLITE = """
def polite(baseline, replayed, argument):
    word = argument or "please"
    assert word in replayed.response.text, f"says no {word!r}"

def broken(baseline, replayed, argument):
    return replayed.no_such_thing

def pytest_llmreplay_checks():
    return {"polite": polite, "broken": broken}
"""


@pytest.fixture
def own(project: Project) -> Project:
    """A project with a check of its own, and a cassette that asks for it."""
    project.write("conftest.py", POLITE)
    project.write(IT, cassette(event(1), checks=["polite:please"]))
    return project


def test_a_check_of_a_conftest_is_asked_for_as_any_other(own: Project) -> None:
    """In a cassette, on the command line, in the ini file; its divergence reads like others."""
    own.server.next(says("Wait."))
    result = own.replay("--llm-check=warn:text")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["polite:please: says no 'please'"])
    result.stdout.fnmatch_lines([" cassette header * polite:please"])
    own.write("pytest.ini", "[pytest]\nllm_checks = polite:Wait\n")
    own.write(IT, cassette(event(1)))
    own.server.next(says("Wait."))
    assert 0 == own.replay().ret


def test_a_mistake_in_a_check_is_told_and_names_the_hook(own: Project) -> None:
    """It fails the event, as nothing was measured, without a traceback."""
    own.write(IT, cassette(event(1)))
    result = own.replay("--llm-check=broken", "--llm-check=answered")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["broken: not measured, pytest_llmreplay_checks: AttributeError: *"]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'text': print}", "'text' is a check of the plugin; choose another name"),
        ("return {'run': print}", "'run' is a check of the plugin; choose another name"),
        ("return {'My check': print}", "'My check' is no name; write it as my_check"),
        ("return {'polite': 1}", "'polite' is 1, not a function"),
        ("return [print]", "[[]<built-in function print>[]] is no mapping of names to functions"),
        ("raise OSError('no file')", "OSError: no file"),
        (
            "return {'polite': lambda baseline, replayed: True}",
            "'polite' takes (baseline, replayed); a check takes (baseline, replayed, argument)",
        ),
        (
            "async def polite(b, r, a): pass\n    return {'polite': polite}",
            "'polite' is async; a check is a plain function",
        ),
    ],
)
def test_a_hook_that_gives_no_checks_stops_the_run(own: Project, body: str, said: str) -> None:
    """One line that names the hook, before anything is sent."""
    own.write("conftest.py", f"def pytest_llmreplay_checks():\n    {body}\n")
    own.refuses("--llm-check=answered", f"ERROR: pytest_llmreplay_checks: {said}")


def test_two_hooks_cannot_have_one_name(own: Project) -> None:
    """Nobody could say which is meant."""
    own.write("more.py", POLITE)
    own.write("conftest.py", f"{POLITE}\npytest_plugins = ['more']\n")
    said = "ERROR: pytest_llmreplay_checks: two hooks have a check 'polite'"
    own.refuses("--llm-check=answered", said)

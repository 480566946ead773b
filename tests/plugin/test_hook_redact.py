"""`pytest_llmreplay_redact`: personal data that a project finds itself."""

from __future__ import annotations

from projects import Project
from servers.provider_server import says

HOOK = """
import re

def customers(text):
    return re.findall(r"Ann Lee|Bo Ek", text)

def pytest_llmreplay_redact():
    return {"customer": customers}
"""
TEST = """
    @pytest.mark.llm_cassette
    def test_it():
        answer = chat("Ann Lee wants her money back, Bo Ek does not.")
        assert "Lee" in answer or "CUSTOMER_1" in answer
        END
"""


def naming(project: Project) -> list[str]:
    """Files beside the tests that name a customer."""
    files = (path for path in project.path.rglob("*") if path.is_file())
    others = [path for path in files if path.suffix not in {".pyc", ".py"}]
    return [str(path) for path in others if b"Lee" in path.read_bytes()]


def test_what_a_function_finds_is_in_no_file_and_is_played_and_replayed(project: Project) -> None:
    """Of a failed test, of one that passed, of a stored run; a cassette can be checked without."""
    project.write("conftest.py", HOOK)
    project.tests(TEST.replace("END", "assert False"))
    project.server.next(says("Dear Ann Lee"))
    project.record("--tb=short", "--junitxml=report.xml")
    assert 1 == len(project.partials)
    assert [] == naming(project)
    project.tests(TEST.replace("END", ""))
    project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)
    assert "Dear [REDACTED_CUSTOMER_1]" in project.cassette().read_text()
    project.run().assert_outcomes(passed=1)
    project.server.next(says("Dear Ann Lee"))
    assert 0 == project.replay("--llm-check=answered").ret
    assert [] == naming(project)


def test_a_cassette_from_before_the_function_still_plays(project: Project) -> None:
    """Keys are made anew before a call is called a miss."""
    project.tests(TEST.replace("END", ""))
    project.server.next(says("Dear Ann Lee"))
    project.record().assert_outcomes(passed=1)
    project.write("conftest.py", HOOK)
    project.run().assert_outcomes(passed=1)


def test_a_function_that_fails_fails_the_test_and_nothing_is_written(project: Project) -> None:
    """Once, whatever retries the client has; in a replay the call is not kept, which is told."""
    project.write("conftest.py", HOOK.replace("re.findall", "re.find_all"))
    project.tests(TEST.replace("END", ""))
    project.server.next(says("Dear Ann Lee"))
    told = "*pytest_llmreplay_redact: customer: AttributeError: *find_all*"
    result = project.record()
    assert 1 == result.ret
    result.stdout.fnmatch_lines([told])
    assert [] == naming(project)
    project.write("conftest.py", "")
    project.server.next(says("Dear Ann Lee"))
    project.record().assert_outcomes(passed=1)
    project.write("conftest.py", HOOK.replace("re.findall", "re.find_all"))
    project.tests(TEST.replace("Ann Lee wants", "Ann Lee gets").replace("END", ""))
    seen = len(project.server.seen)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])
    assert seen == len(project.server.seen)
    project.server.next(says("Dear Ann Lee"))
    project.replay("--llm-check=answered").stdout.fnmatch_lines(
        ["not all of this run is kept: pytest_llmreplay_redact: customer: *", "  *find_all*"]
    )


def test_a_hook_that_gives_no_kind_stops_the_run(project: Project) -> None:
    """Before any test, with the name that is wrong."""
    project.write("conftest.py", HOOK.replace('"customer"', '"Customer name"'))
    project.tests(TEST.replace("END", ""))
    result = project.run()
    assert 4 == result.ret
    result.stderr.fnmatch_lines(["*pytest_llmreplay_redact: 'Customer name' is no kind; *"])

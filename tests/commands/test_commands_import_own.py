"""`pytest-llmreplay import NAME`: sources that a user's `conftest.py` names, as the docs say it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from importing import Importing
from shell import command
from written_docs import DOCS

ROWS = "model,asked,said,conversation\ngpt-5-mini,Hello?,Hi.,a\ngpt-5-mini,And?,Well.,a\n"


@pytest.fixture
def project(tmp_path: Path) -> Importing:
    """A project with the `conftest.py` of the documentation."""
    project = Importing(tmp_path)
    told = (DOCS / "importing.md").read_text()
    sources = re.findall(r"```python\n(# conftest\.py\n.*?)```", told, re.DOTALL)
    (source,) = (one for one in sources if "def pytest_llmreplay_importers" in one)
    project.file("conftest.py", source)
    project.file("calls.csv", ROWS)
    return project


def test_a_function_of_a_conftest_reads_a_log(project: Importing) -> None:
    """Its calls are written as those of any source; distribution and cache of pytest stay out."""
    project.file("pytest.ini", "[pytest]\naddopts = -n 2\n")
    done = command("import", "our-log", "calls.csv", "--redact", "email", cwd=project.path)
    said = "imported 2 calls into 1 cassette in cassettes/imported (2 reconstructed)\n"
    assert (0, said, "") == (done.returncode, done.stdout, done.stderr)
    first, second = project.events("cassettes/imported/a.yaml")
    assert ["Hi.", "Well."] == [first.response.text, second.response.text]
    assert not (project.path / ".pytest_cache").exists()


def test_what_a_function_does_wrong_is_told(project: Importing) -> None:
    """By the file, and the record where it is one; the rest goes on."""
    project.file(
        "conftest.py",
        "def read(path):\n"
        "    if 'bad' in path.name:\n"
        "        raise ValueError('no log')\n"
        "    yield {'request': {1, 2}}\n"
        "    yield 'text'\n"
        "    yield {'request': {'a': 1}, 'response': {'object': 'response', 'x': float('nan')}}\n"
        "    yield {'request': {'a': 1}, 'response': {'object': 'response'}}\n"
        "def pytest_llmreplay_importers():\n"
        "    return {'own': read}\n",
    )
    project.file("bad.csv", "")
    done = command("import", "own", "bad.csv", "calls.csv", "--redact", "none", cwd=project.path)
    assert 1 == done.returncode
    assert [
        "bad.csv: own raised ValueError: no log",
        "calls.csv, record 1: is no JSON: Object of type set is not JSON serializable",
        "calls.csv, record 2: expected a dict, found str",
        "calls.csv, record 3: is no JSON: Out of range float values are not JSON compliant",
    ] == [line.removesuffix(": nan") for line in done.stderr.splitlines()]
    assert done.stdout.startswith("imported 1 call ")


@pytest.mark.parametrize(
    ("conftest", "said"),
    [
        (
            "def pytest_llmreplay_importers():\n    return {'our-log': print}\n",
            "import: unknown source 'our-lgo'; did you mean 'our-log'? Known sources: braintrust, ",
        ),
        (
            "def pytest_llmreplay_importers():\n    return {'har': print}\n",
            "pytest_llmreplay_importers: 'har' is a source of the plugin",
        ),
        (
            "def pytest_llmreplay_importers():\n    return [print]\n",
            "pytest_llmreplay_importers: [<built-in function print>] is no mapping of names to fu",
        ),
        (
            "def pytest_llmreplay_importers():\n    raise KeyError('x')\n",
            "pytest_llmreplay_importers: KeyError: 'x'",
        ),
        ("import nothing_there\n", "pytest cannot load the plugins and conftest.py of "),
        (
            "def pytest_llmreplay_importers(settings):\n    return {}\n",
            "pytest cannot load the plugins and conftest.py of ",
        ),
    ],
    ids=["misspelt", "taken", "no mapping", "raises", "broken", "argument"],
)
def test_wrong_use_is_one_clear_line(project: Importing, conftest: str, said: str) -> None:
    """Exit code 2; of a `conftest.py` that cannot be loaded pytest says the rest."""
    project.file("conftest.py", conftest)
    done = command("import", "our-lgo", "calls.csv", "--redact", "none", cwd=project.path)
    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.splitlines()[-1].startswith(f"pytest-llmreplay: {said}")
    assert "Traceback" not in done.stderr


def test_kinds_of_personal_data_of_a_conftest_are_taken_out(project: Importing) -> None:
    """By the word `own`, beside others; who asks for them where there are none is told."""
    project.file("calls.csv", ROWS.replace("Hi.", "Dear Bo Ek of bo@example.org."))
    asked = ("import", "our-log", "calls.csv", "--redact", "email,own")
    done = command(*asked, cwd=project.path)
    assert 2 == done.returncode
    assert (
        "pytest-llmreplay: --redact: 'own' stands for the kinds of the hook "
        f"pytest_llmreplay_redact, and nothing in {project.path} has it\n"
    ) == done.stderr
    hook = (
        "\n\ndef pytest_llmreplay_redact():\n    return {'customer': re.compile('Bo Ek').findall}\n"
    )
    conftest = (project.path / "conftest.py").read_text()
    project.file("conftest.py", f"import re\n{conftest}{hook}")
    assert 0 == command(*asked, cwd=project.path).returncode
    first, _ = project.events("cassettes/imported/a.yaml")
    assert "Dear [REDACTED_CUSTOMER_1] of [EMAIL_1]." == first.response.text

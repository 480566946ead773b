"""Digests of users' functions: another one for what decides otherwise, the same for the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_llmreplay.compare.code_digest import code_digest

SOURCE = """
import json
import random
WORDS = {"please", "thanks"}
LIMIT = 3

def helper(text):
    return [one for one in text.split() if one in WORDS][:LIMIT]

def check(baseline, replayed, argument, most=LIMIT):
    return json.dumps(helper(replayed))

def made(limit):
    def inner(baseline, replayed, argument):
        return len(replayed) < limit
    return inner

class Callable:
    def __init__(self, limit):
        self.limit = limit
        self.client = random.Random()
    def __call__(self, baseline, replayed, argument):
        return len(replayed) < self.limit
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., ModuleType]:
    """Make a module of a text, in a file of its own, as a conftest.py is one."""
    count = 0

    def make(old: str = "", new: str = "") -> ModuleType:
        nonlocal count
        count += 1
        path = tmp_path / f"conftest{count}.py"
        path.write_text(SOURCE.replace(old, new) if old else SOURCE)
        module = ModuleType("conftest")
        exec(compile(path.read_text(), path, "exec"), module.__dict__)
        return module

    return make


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("class Callable", "class Other", True),
        ("    return len(replayed) < limit", "    return True", True),
        ("LIMIT = 3", "LIMIT = 4", False),
        ('"thanks"', '"thank you"', False),
        ("text.split()", "text.split(' ')", False),
        ("json.dumps(", "json.loads(", False),
        ("most=LIMIT", "most=7", False),
    ],
)
def test_what_a_function_names_in_its_module_counts(
    load: Callable[..., ModuleType], old: str, new: str, *, same: bool
) -> None:
    """Its helpers and plain values do, its neighbours do not."""
    assert same == (code_digest(load().check) == code_digest(load(old, new).check))


@pytest.mark.parametrize(
    "make",
    [
        lambda module, limit: module.made(limit),
        lambda module, limit: module.Callable(limit),
        lambda module, limit: partial(module.check, most=limit),
        lambda module, limit: module.Callable(limit).__call__,
    ],
    ids=["closure", "object", "partial", "method"],
)
def test_what_was_given_to_it_counts(
    load: Callable[..., ModuleType], make: Callable[[ModuleType, int], Any]
) -> None:
    """Whatever kind of callable it is; a client that it holds does not, which is never the same."""
    assert code_digest(make(load(), 3)) == code_digest(make(load(), 3))
    assert code_digest(make(load(), 3)) != code_digest(make(load(), 4))


@pytest.mark.parametrize("kind", ["property", "staticmethod", "classmethod"])
def test_what_a_member_of_any_kind_names_counts(load: Callable[..., ModuleType], kind: str) -> None:
    """A value that only such a member of its class reads decides, too."""

    def digest(limit: int) -> str:
        members = (
            f"    @{kind}\n    def most(*_):\n        return LIMIT\n    def __call__(self, b, r, a)"
        )
        found = load("    def __call__(self, baseline, replayed, argument)", members)
        vars(found)["LIMIT"] = limit
        return code_digest(found.Callable(3))

    assert digest(3) == digest(3)
    assert digest(3) != digest(4)


def test_a_function_without_source_has_a_digest() -> None:
    """Its name must do."""
    assert code_digest(len) == code_digest(len)
    assert code_digest(len) != code_digest(print)


def _project(root: Path, **changed: str) -> None:
    """Write the modules of a project; `rules` imports `words`, which `check` names nowhere."""
    sources = {
        "conftest": "import json, rules, other\nfrom classes import Strict\n"
        "def by_module(a, b, c):\n    return rules.polite(b)\n"
        "def by_class(a, b, c):\n    return Strict(json).holds(b)\n",
        "rules": "from words import WORDS\ndef polite(b):\n    return b in WORDS\n"
        "def unused(b):\n    return 1\n",
        "words": "WORDS = {'please'}\n",
        "classes": "import base\nclass Strict(base.Base):\n    def __init__(self, json): pass\n",
        "base": "import functools, rules\nclass Base:\n    @functools.cache\n"
        "    def holds(self, b):\n        return rules.polite(b)\n",
        "other": "LIMIT = 3\n",
    }
    for name, text in (sources | changed).items():
        (root / f"{name}.py").write_text(text)


@pytest.mark.parametrize("name", ["by_module", "by_class"])
@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"words": "WORDS = {'thanks'}\n"}, False),
        ({"rules": "from words import WORDS\ndef polite(b):\n    return True\n"}, False),
        (
            {"rules": "from words import WORDS\ndef polite(b):\n    return b in WORDS\n# new\n"},
            True,
        ),
        ({"other": "LIMIT = 4\n"}, True),
    ],
)
def test_what_it_uses_of_other_modules_counts(
    tmp_path: Path, name: str, changed: dict[str, str], *, same: bool
) -> None:
    """However far away: functions, classes, what these inherit, and plain values; no more."""
    script = (
        "import conftest; from pytest_llmreplay.compare.code_digest import code_digest;"
        f"print(code_digest(conftest.{name}))"
    )
    found = []
    for at, texts in enumerate(({}, changed)):
        root = tmp_path / str(at)
        root.mkdir()
        _project(root, **texts)
        run = subprocess.run(
            [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
        )
        found.append(run.stdout)
    assert same == (found[0] == found[1])

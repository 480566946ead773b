"""Cassettes whose test is gone, told from the text of the test file; it is never imported.

What only a run can tell counts as there: names that come with `import *`, methods of a base class
in another file, tests that a plugin makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.naming import inside
from pytest_llmreplay.errors import CassetteError

from .finding import Finding

__all__ = ["orphans", "test_file"]

_FIXTURE = "fixture."
_Bodies = list[ast.stmt]


def test_file(cassette: Cassette, project: Path | None) -> Path | None:
    """The file of the test that recorded a cassette; none where the project has no such file."""
    test = cassette.header.test
    if test is None or project is None:
        return None
    try:
        file = inside(project, project / test.partition("::")[0])
    except CassetteError:
        return None
    return file if file.is_file() else None


def orphans(cassette: Cassette, project: Path | None) -> Iterator[Finding]:
    """A finding where the test that recorded a cassette is not there any more.

    Args:
        cassette: The cassette.
        project: Directory that the test's file is told from; none where it is not known.
    """
    test = cassette.header.test
    if test is None or project is None:
        return
    file, (named, _, inner) = test_file(cassette, project), test.partition("::")
    if file is not None:
        gone = _missing(file, inner)
    else:  # the fixture of an installed plugin has its file elsewhere
        gone = None if inner.startswith(_FIXTURE) else named
    if gone is not None:
        yield Finding(
            kind="orphan",
            path=cassette.path,
            line=1,
            place="test",
            problem=f"{gone} is gone, and with it the test that recorded this ({test}); delete "
            "the cassette, or record the test under its new name",
        )


def _missing(file: Path, inner: str) -> str | None:
    """What of `TestRefund::test_late[de]` a file does not hold; none where all is there."""
    if file.suffix != ".py" or not inner:
        return None
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if inner.startswith(_FIXTURE):
        return _missing_fixture(tree, inner)
    names = inner.partition("[")[0].split("::")
    return _missing_below(tree, names)


def _missing_below(tree: ast.Module, names: list[str]) -> str | None:
    body = tree.body
    for depth, name in enumerate(names):
        found = list(_bound(body, name))
        if not found:
            return "::".join(names[: depth + 1])
        classes = [node for node in found if isinstance(node, ast.ClassDef)]
        if not classes:
            return None
        bases = [base for one in classes for base in one.bases]
        body = [node for one in classes for node in one.body]
        for base in bases:
            inherited = list(_inherited(tree, base))
            if not inherited:
                return None
            body += inherited
    return None


def _inherited(tree: ast.Module, base: ast.expr) -> _Bodies:
    """The body of a base class; nothing where it is defined elsewhere or has bases itself."""
    if ast.unparse(base) in {"object", "unittest.TestCase", "TestCase"}:
        return [ast.Pass()]
    name = base.id if isinstance(base, ast.Name) else ""
    found = [node for node in _bound(tree.body, name) if isinstance(node, ast.ClassDef)]
    if not found or any(one.bases for one in found):
        return []
    return [node for one in found for node in one.body]


def _missing_fixture(tree: ast.Module, inner: str) -> str | None:
    """A fixture may have another name than its function; whom it serves may stand behind it."""
    name = re.split(r"[\[@.]", inner.removeprefix(_FIXTURE), maxsplit=1)[0]
    for node in ast.walk(tree):
        if _names(node, name) or (isinstance(node, ast.Constant) and node.value == name):
            return None
    return name


def _bound(body: _Bodies, name: str) -> Iterator[ast.AST]:
    """What gives a name its meaning in a body, also below `if`, `try` and the like."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from [statement] if statement.name == name else []
            continue
        for node in ast.walk(statement):
            if _names(node, name):
                yield node


def _names(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.alias):
        return node.name == "*" or (node.asname or node.name) == name
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name

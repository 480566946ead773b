"""Whether the test that recorded a cassette is still there, told from the text of its file.

Nothing is imported. What only a run can tell counts as there: names that come with `import *`,
methods of a base class in another file, doctests, tests that a call makes, as pytest-bdd's
`scenarios` does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

__all__ = ["FIXTURE", "missing"]

FIXTURE = "fixture."
"""How the name of a fixture begins where others have that of a test."""
_MAKERS = frozenset({"exec", "globals", "locals", "scenarios", "setattr", "vars"})
"""Functions that give a module names which do not stand in it, `scenarios` of pytest-bdd too."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Bodies = list[ast.stmt]


def missing(file: Path, inner: str) -> str | None:
    """What of `TestRefund::test_late[de]` a file does not hold; none where all is there."""
    if file.suffix != ".py" or not inner or (tree := _tree(file)) is None:
        return None
    if inner.startswith(FIXTURE):
        return _missing_fixture(tree, inner)
    names = inner.partition("[")[0].split("::")
    return None if _is_doctest(names[0], file, tree) else _missing_below(tree, names)


def _is_doctest(name: str, file: Path, tree: ast.Module) -> bool:
    """Whether a name is the dotted one of what has a doctest, or of a file that begins with one."""
    return "." in name or (name == file.stem and ">>>" in (ast.get_docstring(tree) or ""))


def _tree(file: Path) -> ast.Module | None:
    try:
        return _parsed(file.read_bytes())
    except OSError:
        return None


@lru_cache(maxsize=1)
def _parsed(code: bytes) -> ast.Module | None:
    """The code of a file, which is asked about many tests one after the other."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _missing_below(tree: ast.Module, names: list[str]) -> str | None:
    body = tree.body
    if any(_makes_names(node) for node in _run_at_import(body)):
        return None
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
    name = re.split(r"[\[@.]", inner.removeprefix(FIXTURE), maxsplit=1)[0]
    for node in ast.walk(tree):
        if _names(node, name) or (isinstance(node, ast.Constant) and node.value == name):
            return None
    return name


def _bound(body: _Bodies, name: str) -> Iterator[ast.AST]:
    """What gives a name its meaning in a body, also below `if`, `try` and the like."""
    for statement in body:
        if isinstance(statement, _DEFINITIONS) and statement.name == name:
            yield statement
    for node in _run_at_import(body):
        if _names(node, name):
            yield node


def _run_at_import(body: _Bodies) -> Iterator[ast.AST]:
    """All that stands in a body outside of its functions and classes."""
    for statement in body:
        if not isinstance(statement, _DEFINITIONS):
            yield from ast.walk(statement)


def _makes_names(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return ast.unparse(node.func).rpartition(".")[2] in _MAKERS


def _names(node: ast.AST, name: str) -> bool:
    if isinstance(node, _DEFINITIONS):
        return node.name == name
    if isinstance(node, ast.alias):
        return node.name == "*" or (node.asname or node.name) == name
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name

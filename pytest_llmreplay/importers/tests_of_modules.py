"""Which modules have a test, and how it spells its parameters: they are parsed, never run."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["modules_below", "modules_from", "modules_with", "names_file", "with_parameter"]

_REPLACED: Final = str.maketrans(dict.fromkeys("<>?%*:|\"'/\\", "-"))
_NO_TESTS: Final = re.compile(r"\..*|.*\.egg|_darcs|build|CVS|dist|node_modules|venv|__pycache__")
"""https://docs.pytest.org/en/stable/reference/reference.html#confval-norecursedirs"""
_LONGEST: Final = 200
"""Characters of a parameter: names of files end there."""


def modules_with(folder: Path, test: str) -> list[Path]:
    """The modules of a folder that have a test such as `TestB::test_a`, as far as one can tell.

    Those that may have it, which only running would tell, count where none surely does.
    """
    return _those_with(test, _modules_in(folder))


def modules_below(folder: Path, test: str) -> list[Path]:
    """The modules in a folder and all folders below it that have a test, as `modules_with`."""
    return _those_with(test, modules_from(folder))


def names_file(module: Path, stem: str) -> bool:
    """Whether a text of a module is the name of a cassette, with folders and endings or without."""
    return stem in _files_in(module)


@lru_cache(maxsize=16)
def modules_from(folder: Path) -> Sequence[Path]:
    """All modules with tests in and below a folder.

    Not in what is hidden, installed or built, where pytest looks for no tests either.
    """
    found: list[Path] = []
    for place, folders, _ in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _NO_TESTS.fullmatch(name))
        found += _modules_in(Path(place))
    return found


def _modules_in(folder: Path) -> list[Path]:
    return sorted({*folder.glob("test_*.py"), *folder.glob("*_test.py")})


def _those_with(test: str, modules: Sequence[Path]) -> list[Path]:
    sure = [module for module in modules if test in _tests_in(module)]
    unsure = f"{test.rpartition('::')[0]}::*"
    return sure or [module for module in modules if unsure in _tests_in(module)]


def with_parameter(module: Path, parameter: str) -> str:
    """The parameters of a test, where they were texts in which characters had to be replaced.

    Args:
        module: Where the test is.
        parameter: As the cassette's name has it, with the closing bracket: several stand with `-`
            between them.
    """
    for spelt, id_ in _respelt_in(module).items():
        if spelt in parameter:
            whole = rf"(?<![^-]){re.escape(spelt)}(?=[-\]])"
            parameter = re.sub(whole, id_.replace("\\", r"\\"), parameter)
    return parameter


@lru_cache(maxsize=1024)
def _tests_in(module: Path) -> frozenset[str]:
    """Functions by their node ids; `TestB::*` and `::*` where a class or the module inherits."""
    tree = _parsed(module)
    if tree is None:
        return frozenset(["::*"] * module.is_file())
    return frozenset(_names(tree.body, ""))


@lru_cache(maxsize=16)
def _respelt_in(module: Path) -> Mapping[str, str]:
    """Texts of a module that a file name cannot hold, by what they became in it.

    One that could be several texts is left out. What is not ASCII is an escape in ids of pytest.
    """
    texts = {text.encode("unicode_escape").decode() for text in _texts_in(module)}
    found: dict[str, list[str]] = {}
    for text in texts:
        found.setdefault(text.translate(_REPLACED), []).append(text)
    known = {spelt: ids[0] for spelt, ids in found.items() if len(ids) == 1 and spelt != ids[0]}
    return dict(sorted(known.items(), key=lambda one: -len(one[0])))


@lru_cache(maxsize=1024)
def _files_in(module: Path) -> frozenset[str]:
    """Texts of a module as names of files, without folders and endings."""
    names = (text.rpartition("/")[2] for text in _texts_in(module))
    return frozenset(name.removesuffix(".gz").removesuffix(".yaml") for name in names)


def _texts_in(module: Path) -> set[str]:
    """The texts of a module that say something, and are no longer than names are."""
    tree = _parsed(module)
    return {
        node.value
        for node in ([] if tree is None else ast.walk(tree))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and len(node.value) <= _LONGEST
        and any(map(str.isalnum, node.value))
    }


@lru_cache(maxsize=4)
def _parsed(module: Path) -> ast.Module | None:
    try:
        return ast.parse(module.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _names(body: Sequence[ast.stmt], prefix: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{statement.name}"
        elif isinstance(statement, ast.ImportFrom):
            yield from ("::*" if alias.name == "*" else alias.name for alias in statement.names)
        elif isinstance(statement, ast.ClassDef):
            yield from [f"{prefix}{statement.name}::*"] if statement.bases else []
            yield from _names(statement.body, f"{prefix}{statement.name}::")

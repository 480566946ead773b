"""Cassettes of pytest-recording, each for the test that will play it.

`<folder>/cassettes/<module>/<Class.test[param]>.yaml` belongs to a test of `<folder>/<module>.py`
(https://github.com/kiwicom/pytest-recording). The test files are parsed, never run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from os.path import abspath
from pathlib import Path
from typing import Final

from .reading import InputFile
from .source import Found, Imported, PassedOver, Place, Rejected, Test
from .vcrpy import recorded_in

__all__ = ["PYTEST_RECORDING"]

_FOLDER: Final = "cassettes"
_ELSEWHERE: Final = "a file outside of cassettes/MODULE/, where tests look"


@dataclass(frozen=True, slots=True, kw_only=True)
class _PytestRecording:
    name: str = "pytest-recording"
    help: str = "A directory with cassettes of pytest-recording; each goes where its test looks."
    personal: bool = False
    endings: tuple[str, ...] = (".yaml",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            path = Path(abspath(file.path))  # noqa: PTH100  # links stay, `..` goes
            if path.parent.parent.name != _FOLDER:
                yield PassedOver(place=Place(file.path), reason=_ELSEWHERE)
                continue
            test = _test_of(path)
            if not _is_there(test):
                yield Rejected(place=Place(file.path), reason=_stale(test))
                continue
            for found in recorded_in(file):
                yield replace(found, test=test) if isinstance(found, Imported) else found


PYTEST_RECORDING: Final = _PytestRecording()


def _test_of(cassette: Path) -> Test:
    """The test that a cassette belongs to, whether it is there or not."""
    module = cassette.parent.parent.parent / f"{cassette.parent.name}.py"
    function, bracket, parameter = cassette.name.removesuffix(".yaml").partition("[")
    return Test(module, function.replace(".", "::") + bracket + parameter)


def _stale(test: Test) -> str:
    if not test.file.is_file():
        return f"stale: there is no {test.file.name}"
    return f"stale: {test.file.name} has no test {test.name!r}"


def _is_there(test: Test) -> bool:
    """Whether a module has a test; yes where only running it could tell."""
    name = test.name.partition("[")[0]
    known = _tests_in(test.file)
    return name in known or f"{name.rpartition('::')[0]}::*" in known


@lru_cache(maxsize=16)
def _tests_in(module: Path) -> frozenset[str]:
    """Functions by their node ids; `TestB::*` and `::*` where a class or the module inherits."""
    try:
        tree = ast.parse(module.read_bytes())
    except OSError:
        return frozenset()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(["::*"])
    return frozenset(_names(tree.body, ""))


def _names(body: Sequence[ast.stmt], prefix: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{statement.name}"
        elif isinstance(statement, ast.ImportFrom):
            yield from ("::*" if alias.name == "*" else alias.name for alias in statement.names)
        elif isinstance(statement, ast.ClassDef):
            yield from [f"{prefix}{statement.name}::*"] if statement.bases else []
            yield from _names(statement.body, f"{prefix}{statement.name}::")

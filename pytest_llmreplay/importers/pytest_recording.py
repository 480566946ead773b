"""Cassettes of pytest-recording, each for the test that will play it.

`<folder>/cassettes/<module>/<Class.test[param]>.yaml` belongs to a test of `<folder>/<module>.py`
(https://github.com/kiwicom/pytest-recording). The test files are parsed, never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
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
_REPLACED: Final = str.maketrans(dict.fromkeys("<>?%*:|\"'/\\", "-"))
_LONGEST: Final = 200
"""Characters of a parameter: names of files end there."""
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
    id_ = _as_pytest_has_it(parameter, _respelt_in(module))
    return Test(module, function.replace(".", "::") + bracket + id_)


def _as_pytest_has_it(parameter: str, respelt: Mapping[str, str]) -> str:
    """The parameters of a test, where they were texts in which characters had to be replaced.

    Args:
        parameter: As the file has it, with its bracket: several stand with `-` between them.
        respelt: What was replaced, by what it became; longer ones first.
    """
    for spelt, id_ in respelt.items():
        if spelt in parameter:
            whole = rf"(?<![^-]){re.escape(spelt)}(?=[-\]])"
            parameter = re.sub(whole, id_.replace("\\", r"\\"), parameter)
    return parameter


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
    tree = _parsed(module)
    if tree is None:
        return frozenset(["::*"] * module.is_file())
    return frozenset(_names(tree.body, ""))


@lru_cache(maxsize=16)
def _respelt_in(module: Path) -> Mapping[str, str]:
    """Texts of a module that a file name cannot hold, by what they became in it.

    One that could be several texts is left out. What is not ASCII is an escape in ids of pytest.
    """
    tree = _parsed(module)
    texts = {
        node.value.encode("unicode_escape").decode()
        for node in ([] if tree is None else ast.walk(tree))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and len(node.value) <= _LONGEST
        and any(map(str.isalnum, node.value))
    }
    found: dict[str, list[str]] = {}
    for text in texts:
        found.setdefault(text.translate(_REPLACED), []).append(text)
    known = {spelt: ids[0] for spelt, ids in found.items() if len(ids) == 1 and spelt != ids[0]}
    return dict(sorted(known.items(), key=lambda one: -len(one[0])))


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

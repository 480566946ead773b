"""YAML with the meaning of JSON: the reader that decides what a cassette says.

`null`, `true`, `false`, JSON numbers, and text for everything else: no dates, no `yes`, no octal.
What a cassette may not hold is refused with its line, in the text before the parser sees it
(scan.py) and once more in what the parser reports (builder.py).
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any, TypeAlias

import yaml

from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

from .builder import Builder
from .scan import refuse_danger

__all__ = ["line_of", "loader_for", "parse_document", "refused"]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

_Path: TypeAlias = tuple[str | int, ...]


def parse_document(text: str, *, first_line: int = 1) -> Json:
    """The value of one YAML document.

    Args:
        text: The document, with or without its `---` line and closing `...`.
        first_line: Line of the file in which the text begins, for the place of a problem.

    Raises:
        CassetteDamaged: With the line of the file.
    """
    text = text.replace("\r\n", "\n")
    try:
        refuse_danger(text)
        return _parse(text)
    except CassetteDamaged as problem:
        line = (problem.line or 1) + first_line - 1
        raise CassetteDamaged(problem.problem, line=line) from problem.__cause__


def line_of(text: str, path: _Path) -> int:
    """Line of the value at a path of a document, counted from 1; of the nearest one there is."""
    text = text.replace("\r\n", "\n")
    try:
        node = yaml.compose(text, Loader=loader_for(text))
    except yaml.YAMLError:
        return 1
    line = 0 if node is None else node.start_mark.line
    for step in path:
        key, node = _step(node, step)
        if node is None:
            break
        line = key.start_mark.line
    return int(line) + 1


def _step(node: Any, step: str | int) -> tuple[Any, Any]:
    """The key and the value one step further in; an element of a list is both."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step], node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    return None, None


def _parse(text: str) -> Json:
    try:
        return Builder().build(yaml.parse(text, Loader=loader_for(text)))
    except yaml.YAMLError as problem:
        raise refused(problem) from problem


def refused(problem: yaml.YAMLError) -> CassetteDamaged:
    """What the parser refused, with its line where it names one."""
    if not isinstance(problem, yaml.MarkedYAMLError):
        return CassetteDamaged(f"not valid YAML: {problem}")
    mark = problem.problem_mark or problem.context_mark
    return CassetteDamaged(
        f"not valid YAML: {problem.problem}", line=mark.line + 1 if mark else None
    )


def loader_for(text: str) -> Any:
    """The parser: libyaml, except for lone surrogates, which it refuses even as escapes."""
    return yaml.BaseLoader if _SURROGATE.search(text) else _fastest_loader()


@cache
def _fastest_loader() -> Any:
    if yaml.__with_libyaml__:
        return yaml.CBaseLoader
    warnings.warn(
        "PyYAML was built without libyaml: cassettes are read ten times slower; "
        "a wheel from PyPI (pip install --force-reinstall pyyaml) has it",
        stacklevel=2,
    )
    return yaml.BaseLoader

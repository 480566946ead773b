"""Digests of what decides beside the words of a check, so that a change of it is seen."""

from __future__ import annotations

import inspect
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

__all__ = ["code_digest", "digest"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_PLAIN = (bool, float, int, str, type(None))
_HOLDS = (dict, frozenset, list, set, tuple)
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def digest(text: str) -> str:
    """A short digest of a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def code_digest(given: object) -> str:
    """Digest of the source of a function, and of all that it names, as far as a user wrote it.

    Functions, classes and plain values of other modules count as those of its own do; what is
    installed does not, nor what is imported while the function runs.
    """
    found: dict[int, tuple[Any, str]] = {}  # with each object, so that no id is reused
    waiting: list[Any] = [given]
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one, _source(one)
            waiting += _parts(one)
    return digest("\n".join(sorted(source for _, source in found.values())))


def _source(one: Any) -> str:
    if isinstance(one, _PLAIN):
        return repr(one)
    if isinstance(one, set | frozenset):
        return repr(sorted(map(repr, one)))  # in no order of its own
    try:
        return inspect.getsource(one)
    except (OSError, TypeError):
        return _ADDRESS.sub("", repr(one))


def _parts(one: Any) -> Iterator[Any]:
    """What else decides: what is bound to a function or an object, and what its code names."""
    if isinstance(one, (*_PLAIN, *_HOLDS)):
        return
    if isinstance(one, type):
        yield from _of_class(one)
        return
    bound: list[Any] = [one.__self__] if inspect.ismethod(one) else []
    if isinstance(one, partial):
        yield one.func
        home, bound = one.func.__module__, [*one.args, *one.keywords.values()]
    elif isinstance(code := getattr(one, "__code__", None), CodeType):
        home = one.__module__
        bound += [cell.cell_contents for cell in one.__closure__ or ()]
        bound += _values_of(set(_names(code)), one.__globals__)
    else:
        yield type(one)
        home, bound = type(one).__module__, [*getattr(one, "__dict__", {}).values()]
    yield from (value for value in bound if _counts(value, home))


def _of_class(one: type) -> Iterator[Any]:
    """What a class inherits, and what its methods name."""
    if _is_own(one.__module__):
        yield from (base for base in one.__bases__ if _counts(base, one.__module__))
        yield from filter(_is_code, map(_inner, vars(one).values()))


def _values_of(names: set[str], there: dict[str, Any]) -> Iterator[Any]:
    """The values of names; of a module of the user those of its attributes that are named, too."""
    seen: set[int] = set()
    waiting: list[Iterable[Any]] = [[there[name] for name in names & there.keys()]]
    while waiting:
        for value in waiting.pop():
            if not isinstance(value, ModuleType):
                yield value
            elif id(value) not in seen and _is_own(value.__name__):
                seen.add(id(value))
                inner = vars(value)
                waiting.append([inner[name] for name in names & inner.keys()])


def _counts(value: Any, home: str) -> bool:
    """Whether a value is plain, of the same module, or code of the user.

    A client, say, has a state of its own.
    """
    if isinstance(value, (*_PLAIN, *_HOLDS)) or getattr(value, "__module__", None) == home:
        return True
    return _is_code(value) and _is_own(value.__module__)


def _is_code(value: Any) -> bool:
    """Whether a value is a class, a function, or one that is wrapped, as by a cache."""
    return isinstance(_inner(value), type | FunctionType)


def _inner(value: Any) -> Any:
    """The function inside what is made of one."""
    if isinstance(value, property):
        return value.fget
    if isinstance(value, staticmethod | classmethod):
        return value.__func__
    return inspect.getattr_static(value, "__wrapped__", value)


@cache
def _is_own(module: str) -> bool:
    """Whether a module is neither installed nor of Python's own: somebody works on it."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or module.partition(".")[0] == __name__.partition(".")[0]:
        return False
    path = Path(file)
    return not (_INSTALLED & {*path.parts}) and not any(map(path.is_relative_to, _python()))


@cache
def _python() -> tuple[str, ...]:
    """Directories of Python itself, and of what is installed beside it."""
    return tuple(
        sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")
    )


def _names(code: CodeType) -> Iterator[str]:
    """The names that code looks up, also in the functions inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)

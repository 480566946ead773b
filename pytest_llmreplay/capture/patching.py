"""Replaces names of other people's classes, puts them back, and waits for imports."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any, Final

from pytest_llmreplay.errors import CaptureUnsupported

__all__ = ["AfterImport", "CallSite", "Patch", "Patches", "check"]

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One name to replace."""

    owner: Any
    """The class or module that has the name."""
    name: str
    around: Callable[[Any], Any]
    """Makes the replacement from what stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """What must be true of a library for its patches to see every call."""

    owner: Any
    name: str
    """The patched name."""
    parameters: tuple[str, ...]
    """Its first parameters, in order."""
    caller: str | None = None
    """The function that must still go through the name."""
    of_caller: Any = None
    """The class or module that has it, where that is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replaced:
    """One name that was replaced, and what stood there."""

    patch: Patch
    before: object
    ours: object

    def put_back(self) -> None:
        """Undo it, unless somebody has put something over it."""
        owner, name = self.patch.owner, self.patch.name
        if vars(owner).get(name) is not self.ours:
            return
        if self.before is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, self.before)


class Patches:
    """The names replaced so far."""

    def __init__(self) -> None:
        self._replaced: list[_Replaced] = []

    def apply(self, patches: Iterable[Patch]) -> None:
        """Replace each name, unless our replacement is already where calls go through."""
        for patch in patches:
            if not self._in_place(patch):
                original = getattr(patch.owner, patch.name)
                ours = patch.around(original)
                for spot in (patch, *_kept_by_vcrpy(original)):
                    before = vars(spot.owner).get(spot.name, _ABSENT)
                    setattr(spot.owner, spot.name, ours)
                    self._replaced.append(_Replaced(patch=spot, before=before, ours=ours))

    def _in_place(self, patch: Patch) -> bool:
        spots = [one.ours for one in self._replaced if one.patch.owner is patch.owner]
        layers = list(_layers(getattr(patch.owner, patch.name)))
        return any(layer is ours for layer in layers for ours in spots)

    def restore(self) -> None:
        """Put back what stood there; what somebody else has put over ours stays."""
        for replaced in reversed(self._replaced):
            replaced.put_back()
        self._replaced.clear()


def _kept_by_vcrpy(original: object) -> Iterator[Patch]:
    """Where vcrpy, imported before us, keeps the functions that it calls beneath its own patches.

    Classes it puts back while a stub of it makes a true connection, which has to find itself.
    """
    module = sys.modules.get("vcr.patch") if inspect.isroutine(original) else None
    for name, kept in vars(module).items() if module is not None else ():
        if kept is original:
            yield Patch(owner=module, name=name, around=lambda _: original)


def _layers(found: Any) -> Iterator[object]:
    """A function and what it wraps, down to a layer of vcrpy: ours belongs above that."""
    while found is not None and not _of_vcrpy(found):
        yield found
        found = getattr(found, "__wrapped__", None)


def _of_vcrpy(found: Any) -> bool:
    defined_in: str = getattr(found, "__globals__", {}).get("__name__", "")
    return defined_in.partition(".")[0] == "vcr"


def check(library: str, sites: Iterable[CallSite]) -> None:
    """Make sure that patches of `library` are where calls go through.

    Raises:
        CaptureUnsupported: A name moved; says which, of which version, and what to do.
    """
    for site in sites:
        problem = _problem(site)
        if problem is not None:
            raise CaptureUnsupported(
                f"{library} {_version(library)}: {problem}. Recording and playback would miss its "
                f"calls without a word. Update pytest-llmreplay, or install the {library} "
                "that worked before."
            )


def _problem(site: CallSite) -> str | None:
    where = f"{getattr(site.owner, '__qualname__', site.owner.__name__)}.{site.name}"
    found = getattr(site.owner, site.name, None)
    if not callable(found):
        return f"{where} does not exist"
    leading = [*inspect.signature(found).parameters.values()][: len(site.parameters)]
    if tuple(map(_named_or_placed, leading, site.parameters)) != site.parameters:
        names = tuple(parameter.name for parameter in leading)
        return f"{where} takes {names!r}, expected {site.parameters!r} first"
    if site.caller is not None and not _refers(
        site.of_caller or site.owner, site.caller, site.name
    ):
        return f"{site.caller} does not go through {where} any more"
    return None


def _named_or_placed(parameter: inspect.Parameter, expected: str) -> str:
    """The name of a parameter; of one that nobody can name, the one that is expected there."""
    return expected if parameter.kind is parameter.POSITIONAL_ONLY else parameter.name


def _refers(owner: Any, caller: str, name: str) -> bool:
    found = inspect.unwrap(getattr(owner, caller, None) or (lambda: None))
    code = getattr(found, "__code__", None)
    return code is None or name in code.co_names


def _version(library: str) -> str:
    try:
        return metadata.version(library.partition(".")[0])
    except metadata.PackageNotFoundError:
        return f"of Python {sys.version.split()[0]}"


class AfterImport(importlib.abc.MetaPathFinder):
    """Calls back when one of some modules has just been imported."""

    def __init__(self, wanted: Iterable[str], then: Callable[[ModuleType], None]) -> None:
        self._wanted = frozenset(wanted)
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec that the others find, with a loader that calls back."""
        if fullname not in self._wanted:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: importlib.machinery.ModuleSpec | None = None
            if finder is not self and find is not None:
                spec = find(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, self._then)
                return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads as another loader does, then calls back; leaves no trace in the module."""

    def __init__(self, loader: Any, then: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Make the module as the wrapped loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """As the other loader, then call back."""
        module.__loader__ = self._loader
        assert module.__spec__ is not None
        module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

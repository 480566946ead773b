"""Cassettes of pytest-recording and pytest-vcr, each for the test that will play it.

`<folder>/cassettes/<module>/<Class.test[param]>.yaml` belongs to a test of `<folder>/<module>.py`
(https://github.com/kiwicom/pytest-recording), `<folder>/cassettes/<Class.test[param]>.yaml` to one
in `<folder>` (https://github.com/ktosiek/pytest-vcr). A `vcr_cassette_dir` of a project's own may
have any name for `cassettes`, and folders in it that mirror those of the tests, or none for all
tests below the folder that it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from os.path import abspath
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.places.gone_tests import missing
from pytest_llmreplay.importers.reading.files import InputFile

from .source import Found, Imported, PassedOver, Place, Rejected, Test
from .tests_of_modules import modules_below, modules_from, modules_with, names_file, with_parameter
from .vcrpy import recorded_in

__all__ = ["PYTEST_RECORDING"]

_FOLDER: Final = "cassettes"
_HIGHEST: Final = 5
"""Folders above the cassette's own that may hold both it and its test."""
_ELSEWHERE: Final = "a file where no test looks for its cassette"


@dataclass(frozen=True, slots=True, kw_only=True)
class _PytestRecording:
    name: str = "pytest-recording"
    help: str = "Cassettes of pytest-recording or pytest-vcr; each goes where its test looks."
    personal: bool = False
    endings: tuple[str, ...] = (".yaml",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            test = _test_of(Place(file.path))
            if not isinstance(test, Test):
                yield test
                continue
            for found in recorded_in(file):
                yield replace(found, test=test) if isinstance(found, Imported) else found


PYTEST_RECORDING: Final = _PytestRecording()


def _test_of(place: Place) -> Test | Rejected | PassedOver:
    """The test that a cassette belongs to, or why it is imported for none."""
    cassette = Path(abspath(place.path))  # noqa: PTH100  # links stay, `..` goes
    function, bracket, parameter = _stem(cassette).partition("[")
    name = function.replace(".", "::")
    modules = _modules_of(cassette.parent, name)
    if not modules and _FOLDER not in cassette.parts[-_HIGHEST:]:
        return PassedOver(place=place, reason=_ELSEWHERE)
    if len(modules) != 1:
        return Rejected(place=place, reason=_nobody(cassette, modules, name))
    if missing(modules[0], name) is not None:
        whole = name + bracket + parameter
        stale = f"stale: {modules[0].name} has no test {whole!r}"
        return Rejected(place=place, reason=_shared(cassette, modules) or stale)
    return Test(modules[0], name + bracket + with_parameter(modules[0], parameter))


def _stem(cassette: Path) -> str:
    return cassette.name.removesuffix(".gz").removesuffix(".yaml")


def _modules_of(folder: Path, test: str) -> list[Path]:
    """The module that the folders of a cassette name, else those with its test that they mean."""
    for above in islice(folder.parents, _HIGHEST):
        mirrored = above.joinpath(*folder.relative_to(above).parts[1:])
        module = mirrored.with_name(f"{mirrored.name}.py")
        if mirrored != above and module.is_file():
            return [module]
        if found := modules_with(mirrored, test):
            return found
    return modules_below(folder.parent, test)


def _shared(cassette: Path, modules: Iterable[Path]) -> str | None:
    """Why a cassette goes to no test of its name, where one of the modules names it in its code."""
    stem = _stem(cassette)
    for module in modules:
        if names_file(module, stem):
            return (
                f"shared: no test is called {stem!r}, but {module.name} names it: 'import vcrpy' "
                "takes it; see `docs/importing.md`, Moving a suite"
            )
    return None


def _nobody(cassette: Path, modules: Sequence[Path], test: str) -> str:
    """Why a cassette belongs to no test that could be told."""
    folder = cassette.parent
    if modules:
        above = modules[0].parent if len({one.parent for one in modules}) == 1 else folder.parent
        names = [module.relative_to(above) for module in modules]
        folders = " or ".join(name.with_suffix("").as_posix() for name in names)
        paths = " and ".join(name.as_posix() for name in names)
        return f"{paths} have a test {test!r}: put it into a folder {folders}"
    if shared := _shared(cassette, modules_from(folder.parent)):
        return shared
    if folder.name == _FOLDER:
        return f"stale: no module beside {_FOLDER}/ has a test {test!r}"
    return f"stale: neither {folder.name}.py nor a module in {folder.name}/ has a test {test!r}"

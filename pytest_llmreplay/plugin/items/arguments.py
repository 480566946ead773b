"""Paths of a command line → the cassettes that a replay collects."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.labels import label_at
from pytest_llmreplay.cassette.places.naming import recorded_by, root_of
from pytest_llmreplay.cassette.places.roots import cassette_roots, holds_cassettes, is_root
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.settings.settings import Settings

from .scope_items import is_session

__all__ = ["Selection", "selection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The cassettes of a replay."""

    arguments: tuple[str, ...]
    """What pytest collects from."""
    folders: tuple[Path, ...] = ()
    """Folders of which all cassettes are meant."""
    files: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """Cassettes that are meant one by one, each with the names of its events; none for all."""

    @property
    def places(self) -> tuple[Path, ...]:
        """Folders that hold all cassettes."""
        return tuple(dict.fromkeys((*self.folders, *(file.parent for file in self.files))))

    def holds(self, cassette: Path) -> bool:
        """Whether the arguments select a cassette."""
        return cassette in self.files or any(map(cassette.is_relative_to, self.folders))

    def names(self, cassette: Path) -> frozenset[str]:
        """Names of the events that are meant; none for all."""
        return frozenset() if self._whole(cassette) else self.files.get(cassette, frozenset())

    def _whole(self, cassette: Path) -> bool:
        return any(map(cassette.is_relative_to, self.folders))


def selection(config: pytest.Config, settings: Settings) -> Selection:
    """What is collected in a replay.

    Without a path that is every cassette root below the root directory; a test file, folder,
    class or node id stands for the cassettes that those tests recorded.

    Raises:
        pytest.UsageError: A path has no cassette.
        ConfigError: The root of cassettes is outside of the project.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return _selected((root, "") for root in _roots_or_refuse(config, settings))
    return _selected(_all_of(config, settings))


def _selected(found: Iterable[tuple[Path, str]]) -> Selection:
    folders: dict[Path, None] = {}
    files: dict[Path, set[str]] = {}
    for path, name in found:
        if path.is_dir():
            folders[path] = None
        else:
            files.setdefault(path, set()).add(name)
    meant = {
        path: frozenset() if "" in names else frozenset(names) for path, names in files.items()
    }
    return Selection(
        arguments=tuple(_arguments(folders, meant)), folders=tuple(folders), files=meant
    )


def _arguments(folders: Iterable[Path], files: Mapping[Path, frozenset[str]]) -> list[str]:
    """As typed, unless a file has brackets in its name, as those of parametrised tests have.

    pytest takes no such argument; it then gets the folders of the files, and we choose.
    """
    if any("[" in file.name for file in files):
        return list(dict.fromkeys(map(str, (*folders, *(file.parent for file in files)))))
    chosen = (
        f"{file}::{name}" if name else str(file)
        for file, names in files.items()
        for name in sorted(names) or [""]
    )
    return [*map(str, folders), *chosen]


def _all_of(config: pytest.Config, settings: Settings) -> Iterator[tuple[Path, str]]:
    for argument in config.args:
        name, _, test = argument.partition("::")
        place = config.invocation_params.dir / name
        path = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would follow links
        if config.option.pyargs and not path.exists():
            path = _imported(name) or path
        if not path.exists():
            raise pytest.UsageError(f"file or directory not found: {argument}")
        found = list(_cassettes_for(path, test, config, settings))
        if not found:
            raise pytest.UsageError(
                f"no cassette was recorded by {argument!r}: record it first with "
                f"`pytest {shlex.quote(argument)} --llm-record`"
            )
        yield from found


def _imported(name: str) -> Path | None:
    """The folder of a package, or the file of a module, as `--pyargs` names them."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places = [*(spec.submodule_search_locations or ()), spec.origin]
    return Path(places[0]) if places[0] else None


def _cassettes_for(
    path: Path, test: str, config: pytest.Config, settings: Settings
) -> Iterator[tuple[Path, str]]:
    if path.is_file() and path.suffix in {".yaml", ".yml"}:
        yield path, "" if is_session(test) else _full_name(path, test)
    elif path.is_dir() and is_root(path, settings.projects.name_in(path)):
        yield path, ""
    else:
        roots = _roots_below(path, config, settings) if path.is_dir() else []
        found = [*roots, *_recorded_under(path, test, settings)]
        if not found and path.is_dir() and holds_cassettes(path):
            found = [path]
        yield from ((one, "") for one in found)


def _full_name(cassette: Path, name: str) -> str:
    """An event as node ids name it: its number alone means it, too."""
    number, bracket, target = name.partition("[")
    if number.isdecimal():
        with suppress(LlmReplayError):  # its collection says what is wrong with it
            opened = Cassette.load(cassette)
            for place, event in enumerate(opened.index.events):
                if event.number == int(number):
                    return f"{label_at(opened, place)}{bracket}{target}"
    return name


def _roots_below(top: Path, config: pytest.Config, settings: Settings) -> list[Path]:
    """Roots of cassettes, but for those where pytest was told not to look."""
    roots = cassette_roots(top, settings.projects.name_in)
    return [root for root in roots if not _is_ignored(root, top, config, settings)]


def _is_ignored(root: Path, top: Path, config: pytest.Config, settings: Settings) -> bool:
    """Whether a root is named by --ignore, or below what pytest does not collect.

    `norecursedirs` may name the root, so that pytest looks for no tests in it. On the way to where
    pytest begins (`testpaths`, the directory it is started in), it ignores nothing.
    """
    here = config.invocation_params.dir
    if any(Path(os.path.abspath(here / one)) == root for one in config.option.ignore or ()):  # noqa: PTH100 - resolve() would follow links
        return True
    begins = [Path(os.path.abspath(here / one.partition("::")[0])) for one in config.args]  # noqa: PTH100 - as above
    depth = len(Path(settings.projects.name_in(root)).parts)
    above = [
        one
        for one in root.parents[depth - 1 :]
        if top in one.parents and not any(begin.is_relative_to(one) for begin in begins)
    ]
    ignores = config.hook.pytest_ignore_collect
    return any(ignores(collection_path=one, config=config) for one in above)


def _roots_or_refuse(config: pytest.Config, settings: Settings) -> list[Path]:
    roots, name = _roots_below(settings.rootdir, config, settings), settings.projects.run.cassettes
    if not roots and cassette_roots(settings.rootdir, settings.projects.name_in):
        raise pytest.UsageError(
            f"every directory {name!r} of recordings is where pytest does not look, "
            "by --ignore, norecursedirs or a conftest.py: name one to replay it all the same"
        )
    if not roots:
        root_of(settings.rootdir, name)
        raise pytest.UsageError(
            f"no directory {name!r} of recordings below {settings.rootdir}: record "
            "tests first with `pytest --llm-record`, take over those of other tools with "
            "`pytest-llmreplay import`, or say where the cassettes are with --llm-cassettes"
        )
    return roots


def _recorded_under(path: Path, test: str, settings: Settings) -> Iterator[Path]:
    """Cassettes whose header names a test in a file, in a folder, or below a node id."""
    project = settings.projects.home(path if path.is_file() else path / "-")
    root = root_of(project, settings.projects.of(project).cassettes)
    if path.is_dir() and root.is_relative_to(path):
        return  # collected as a root already
    for cassette in sorted(root.rglob("*.yaml")):
        node_id = recorded_by(cassette)
        if node_id is not None and _belongs(node_id, path.relative_to(project), test):
            yield cassette


def _belongs(node_id: str, place: Path, test: str) -> bool:
    file, _, rest = node_id.partition("::")
    if not Path(file).is_relative_to(place):
        return False
    return not test or rest == test or rest.startswith((f"{test}::", f"{test}["))

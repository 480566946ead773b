"""Where the cassette of a test is: the same from whichever directory pytest is started.

`<project>/<cassettes>/<test file without .py>/<Class.test[param]>.yaml`, with names that every
file system takes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pytest_llmreplay.errors import CassetteError, ConfigError

__all__ = [
    "PROJECT_FILES",
    "SUFFIX",
    "cassette_path",
    "checkout_of",
    "fixture_cassette_path",
    "inside",
    "named_cassette_path",
    "project_of",
    "project_or_none",
    "recorded_by",
    "root_of",
    "safe_name",
]

SUFFIX = ".yaml"

PROJECT_FILES = ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg")
"""What makes a directory a project."""
_CHECKOUT = ".git"
_LONGEST = 100
_HEAD = 4096
_UNSAFE = re.compile(
    r"[<>:\"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_HASHED = re.compile(r"-[0-9a-f]{8}\Z")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")
_TEST = re.compile(r"^test:[ ]+(.*?)[ \r]*$", re.MULTILINE)


def project_or_none(test_file: Path) -> Path | None:
    """The nearest directory above a test file that has a project's configuration.

    Where none has, the top of its checkout.
    """
    for directory in test_file.parents:
        if any((directory / name).is_file() for name in PROJECT_FILES):
            return directory
    return checkout_of(test_file.parent)


def checkout_of(folder: Path) -> Path | None:
    """The top of the checkout that a folder is in, if it is in one."""
    return next((top for top in (folder, *folder.parents) if (top / _CHECKOUT).exists()), None)


def project_of(test_file: Path, rootdir: Path) -> Path:
    """The project of a test file; where no directory above it is one, rootdir or its own."""
    found = project_or_none(test_file)
    if found is None:
        return rootdir if test_file.is_relative_to(rootdir) else test_file.parent
    return found


def root_of(project: Path, cassettes: str) -> Path:
    """The root of a project's cassettes.

    Args:
        project: Its directory.
        cassettes: The root, relative to it.

    Raises:
        ConfigError: It is elsewhere, where nothing is recorded.
    """
    root = Path(os.path.normpath(project / cassettes))
    if not root.is_relative_to(project) and not root.resolve().is_relative_to(project.resolve()):
        raise ConfigError(
            f"llm_cassettes: {cassettes!r} leads out of {project}, and cassettes stay in the "
            "project of their tests; name a directory below it, as 'cassettes' or 'tests/recorded'"
        )
    return root


def cassette_path(
    project: Path, cassettes: str, test_file: Path, node_name: str, *, class_alike: bool = False
) -> Path:
    """The cassette of a test.

    Args:
        project: Directory of the project.
        cassettes: Root of the cassettes, relative to the project.
        test_file: Where the test is defined.
        node_name: What follows the file in the node id: `TestRefund::test_late[de]`.
        class_alike: Whether the name of another class of the file differs in case alone.
    """
    function, bracket, parameter = node_name.partition("[")
    name = function.replace("::", ".") + bracket + parameter
    folding = name if class_alike else _after_class(name)
    return _in_folder_of(project, cassettes, test_file) / _file(name, folding=folding)


def fixture_cassette_path(
    project: Path, cassettes: str, fixture_file: Path, name: str, parameter: str | None = None
) -> Path:
    """The cassette of the calls that a fixture of wider scope makes."""
    whole = f"fixture.{name}" if parameter is None else f"fixture.{name}[{parameter}]"
    return _in_folder_of(project, cassettes, fixture_file) / _file(whole, folding=whole)


def named_cassette_path(project: Path, cassettes: str, name: str) -> Path:
    """The cassette of a marker with `name=`, in which `/` makes folders.

    What `safe_name` made of a name names its file too, once that is there.

    Raises:
        ConfigError: The name is empty, or leads out of the cassettes.
    """
    parts = name.removesuffix(SUFFIX).split("/")
    if not all(part.strip() not in {"", ".", ".."} for part in parts):
        raise ConfigError(
            f"llm_cassette(name={name!r}): expected a name below the cassettes, such as "
            "'refund/late'; '..', '.' and empty parts are not allowed"
        )
    folder = project.joinpath(cassettes, *(safe_name(part) for part in parts[:-1]))
    made = folder / f"{parts[-1]}{SUFFIX}"
    if _HASHED.search(parts[-1]) and made.is_file():
        return made
    return folder / _file(parts[-1], folding=parts[-1])


def inside(directory: Path, path: Path) -> Path:
    """The path, unless it is outside of a directory, or a symlink leads it out.

    Raises:
        CassetteError: It is, or does.
    """
    root, real = os.path.realpath(directory), os.path.realpath(path)
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        if not Path(os.path.abspath(path)).is_relative_to(os.path.abspath(directory)):  # noqa: PTH100 - resolve() would follow links
            raise CassetteError(f"{path}: is outside of {directory}; name a place inside")
        raise CassetteError(f"{path}: leads out of {directory}, to {real}; remove the link")
    return path


def safe_name(name: str, *, folding: str = "") -> str:
    """A name that every file system takes, and no other name shares.

    Whatever had to change is made up for by a hash of the whole name.

    Args:
        name: The name as it is.
        folding: The part of it in which case may be all that tells two names apart.
    """
    safe = _UNSAFE.sub("-", unicodedata.normalize("NFC", name)).rstrip(". ")
    if _RESERVED.fullmatch(safe) or not safe or safe.startswith((".", "~", " ")):
        safe = f"_{safe.lstrip('. ')}"
    unchanged = safe == name and folding == folding.casefold()
    if unchanged and len(_bytes(safe)) <= _LONGEST:
        return safe
    digest = hashlib.sha256(_bytes(name)).hexdigest()[:8]
    short = _bytes(safe)[: _LONGEST - len(digest) - 1].decode(errors="ignore").rstrip(". ")
    return f"{short}-{digest}"


def _file(name: str, *, folding: str) -> str:
    return safe_name(name, folding=folding) + SUFFIX


def _after_class(name: str) -> str:
    """Function and parameters; class names are nearly always told apart by more than case."""
    function, bracket, parameter = name.partition("[")
    return function.rpartition(".")[2] + bracket + parameter


def _bytes(name: str) -> bytes:
    return name.encode(errors="surrogatepass")


@lru_cache(maxsize=64)  # for a file, it is asked in each of its tests
def _in_folder_of(project: Path, cassettes: str, file: Path) -> Path:
    try:
        relative = PurePosixPath(file.relative_to(project).as_posix())
    except ValueError:
        relative = PurePosixPath(safe_name(f"{file.stem} of {file.as_posix()}"))
    parts = relative.with_suffix("").parts if file.suffix == ".py" else relative.parts
    return project.joinpath(cassettes, *(safe_name(part) for part in parts))


def recorded_by(path: Path) -> str | None:
    """The node id in the header of a cassette, read from its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode(errors="replace")
    except OSError:
        return None
    found = _TEST.search(head.partition("\n---")[0])
    return None if found is None else _unquoted(found[1])


def _unquoted(scalar: str) -> str:
    if scalar.startswith("'"):
        return scalar[1:-1].replace("''", "'")
    if scalar.startswith('"'):
        try:
            return str(json.loads(scalar))
        except ValueError:
            return scalar[1:-1]
    return scalar

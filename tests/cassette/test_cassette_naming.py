"""Cassettes lie where their test is, under names that every file system takes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.places.naming import (
    cassette_path,
    fixture_cassette_path,
    inside,
    named_cassette_path,
    project_of,
    project_or_none,
    recorded_by,
    safe_name,
)
from pytest_llmreplay.errors import CassetteError, ConfigError

PROJECT = Path("/p")
FILE = PROJECT / "tests" / "agents" / "test_refund.py"


def path_of(node_name: str) -> str:
    """The cassette of a test, relative to the cassettes' root."""
    path = cassette_path(PROJECT, "cassettes", FILE, node_name)
    return path.relative_to(PROJECT / "cassettes").as_posix()


@pytest.mark.parametrize(
    ("node_name", "expected"),
    [
        ("test_late", "tests/agents/test_refund/test_late.yaml"),
        ("TestRefund::test_late[de-1]", "tests/agents/test_refund/TestRefund.test_late[de-1].yaml"),
        ("TestA::TestB::test_x[a::b]", None),
        ("test_x[a/b]", None),
        ("test_x[Äpfel]", None),
        ("test_x[äpfel]", "tests/agents/test_refund/test_x[äpfel].yaml"),
    ],
)
def test_a_cassette_lies_where_its_test_is(node_name: str, expected: str | None) -> None:
    """Names stay readable; whatever had to change is followed by a hash."""
    path = path_of(node_name)
    if expected is None:
        assert path.startswith("tests/agents/test_refund/Test") or "/test_x[" in path
        assert "-" == path[-14]
        assert 3 == path.count("/")
    else:
        assert expected == path


def test_the_project_is_the_nearest_directory_with_a_configuration(tmp_path: Path) -> None:
    """So the place does not depend on where pytest is started; rootdir is the last resort."""
    inner = tmp_path / "packages" / "one"
    (inner / "tests").mkdir(parents=True)
    test = inner / "tests" / "test_a.py"
    assert tmp_path == project_of(test, tmp_path)
    (tmp_path / "tox.ini").touch()
    assert tmp_path == project_of(test, tmp_path)
    (inner / "pyproject.toml").touch()
    assert inner == project_or_none(test)


def test_a_test_file_outside_the_project_keeps_its_cassette_inside() -> None:
    """Nothing is written above the project."""
    path = cassette_path(PROJECT, "cassettes", Path("/elsewhere/test_a.py"), "test_a")
    assert path.is_relative_to(PROJECT / "cassettes")
    assert path != cassette_path(PROJECT, "cassettes", Path("/other/test_a.py"), "test_a")


def test_a_fixture_has_a_cassette_per_parameter() -> None:
    """Beside those of the file that defines it."""
    conftest = PROJECT / "tests" / "conftest.py"
    folder = PROJECT / "cassettes" / "tests" / "conftest"
    assert folder / "fixture.index.yaml" == fixture_cassette_path(
        PROJECT, "cassettes", conftest, "index"
    )
    assert folder / "fixture.index[de].yaml" == fixture_cassette_path(
        PROJECT, "cassettes", conftest, "index", "de"
    )


@pytest.mark.parametrize(
    ("name", "expected"), [("refund/late", "refund/late.yaml"), ("late.yaml", "late.yaml")]
)
def test_a_name_of_a_marker_may_have_folders(name: str, expected: str) -> None:
    """It lies below the cassettes."""
    assert PROJECT / "cassettes" / expected == named_cassette_path(PROJECT, "cassettes", name)


@pytest.mark.parametrize("name", ["answers/Asks_GPT", "answers/" + "a" * 200])
def test_a_name_may_be_that_of_the_file_it_has(tmp_path: Path, name: str) -> None:
    """As people read it in the folder of an import: the hash is not put behind it twice."""
    path = named_cassette_path(tmp_path, "cassettes", name)
    typed = path.relative_to(tmp_path / "cassettes").as_posix()
    path.parent.mkdir(parents=True)
    path.touch()
    assert path == named_cassette_path(tmp_path, "cassettes", typed)
    assert path == named_cassette_path(tmp_path, "cassettes", name)


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".", "..", " ", "a/./b", "..yaml/../.."],
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    """A data file must not choose a place outside the cassettes."""
    with pytest.raises(ConfigError, match="expected a name below the cassettes"):
        named_cassette_path(PROJECT, "cassettes", name)


@pytest.mark.parametrize(
    "name", ["\\\\host\\share", "C:\\x", "..\\..\\x", "~root/x", ".git/config", "a\0b"]
)
def test_a_name_of_another_system_is_only_a_name(name: str) -> None:
    """Whatever Windows or a shell would make of it."""
    path = named_cassette_path(PROJECT, "cassettes", name)
    assert path.is_relative_to(PROJECT / "cassettes")
    assert not any(part.startswith((".", "~")) for part in path.relative_to(PROJECT).parts)
    assert not set(path.name) & set('\\:<>"|?*\0')


@pytest.mark.parametrize(
    "name",
    [
        "con",
        "NUL",
        "com1",
        "lpt9.txt",
        "aux.",
        "a.",
        "a ",
        "",
        ".",
        "..",
        "e\u0301",
        "a\u202eb",
        "x" * 200,
    ],
)
def test_a_name_that_some_file_system_refuses_is_changed(name: str) -> None:
    """Reserved, trailing, invisible, not in NFC or too long: all are told apart by a hash."""
    safe = safe_name(name)
    assert safe != name
    assert "-" == safe[-9]
    assert len(safe.encode()) <= 100


@given(st.text(max_size=150), st.text(max_size=150))
def test_no_two_tests_share_a_file_on_any_file_system(one: str, other: str) -> None:
    """Not where case or composition of characters does not count."""

    def folded(name: str) -> str:
        return unicodedata.normalize(
            "NFC", unicodedata.normalize("NFC", safe_name(name, folding=name)).casefold()
        )

    safe = safe_name(one, folding=one)
    assert len(safe.encode()) <= 100
    assert safe == safe_name(one, folding=one)
    assert not set(safe) & set('<>:"/\\|?*')
    assert one == other or folded(one) != folded(other)


def test_parameters_that_differ_in_case_have_files_of_their_own() -> None:
    """MacOS and Windows would take them for one."""
    assert path_of("test_x[gpt]").lower() != path_of("test_x[GPT]").lower()
    assert path_of("test_foo").lower() != path_of("test_Foo").lower()


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """Also where a directory on the way is the link."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "link").symlink_to(outside)
    assert root / "a" / "b.yaml" == inside(root, root / "a" / "b.yaml")
    with pytest.raises(CassetteError, match="leads out of"):
        inside(root, root / "link" / "b.yaml")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("test: tests/test_a.py::test_a", "tests/test_a.py::test_a"),
        ("test: 'tests/test_a.py::test_a[it''s]'", "tests/test_a.py::test_a[it's]"),
        ('test: "tests/test_a.py::test_a[\\u00fc]"', "tests/test_a.py::test_a[ü]"),
        ('test: "broken\\q"', "broken\\q"),
        ("session: {id: x}", None),
    ],
)
def test_a_cassette_knows_its_test(tmp_path: Path, line: str, expected: str | None) -> None:
    """The head of the file is enough."""
    path = tmp_path / "old" / "test_a.yaml"
    path.parent.mkdir()
    path.write_text(f"cassette: 1\n{line}\n--- # key r1:0\nevent: 1\ntest: other\n...\n")
    assert expected == recorded_by(path)
    assert recorded_by(tmp_path / "none.yaml") is None

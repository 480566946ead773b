"""Where cassettes are: the same from whichever directory pytest is started."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import Project
from shell import inside

from pytest_llmreplay.cassette.redaction.secret_scan import hash_of

ASK = "@pytest.mark.llm_cassette{}\ndef test_it(): chat('x')\n"


@pytest.mark.parametrize("root_has_ini", [True, False])
@pytest.mark.parametrize("start", ["", "packages", "packages/one", "packages/one/tests"])
def test_a_package_of_a_monorepo_keeps_its_cassettes(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
    root_has_ini: bool,
) -> None:
    """The project of a test is the nearest directory with a project file, not rootdir."""
    if not root_has_ini:
        (project.path / "pyproject.toml").unlink()
    project.write("packages/one/pyproject.toml", "[project]\nname = 'one'\n")
    test = project.tests(ASK.format(""), "packages/one/tests/test_app.py")
    monkeypatch.syspath_prepend(project.path)
    monkeypatch.chdir(project.path / start)
    project.record(str(test)).assert_outcomes(passed=1)
    found = [path.relative_to(project.path) for path in project.path.rglob("test_it.yaml")]
    assert ["packages/one/cassettes/tests/test_app/test_it.yaml"] == list(map(str, found))
    monkeypatch.chdir(project.path)
    project.run("packages/one").assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


INI = "[tool.pytest.ini_options]\n"


@pytest.fixture
def package(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of a monorepo whose own ini file has a root of cassettes of its own."""
    monkeypatch.syspath_prepend(project.path)
    project.write("pyproject.toml", INI)
    project.write("packages/one/pyproject.toml", f"{INI}llm_cassettes = 'recorded'\n")
    project.tests(ASK.format(""), "packages/one/tests/test_app.py")
    return project.path / "packages/one"


@pytest.mark.parametrize("recorded_in", ["", "packages/one"])
def test_a_package_keeps_the_root_of_its_own_ini_file(
    project: Project, package: Path, monkeypatch: pytest.MonkeyPatch, recorded_in: str
) -> None:
    """Whichever ini file pytest reads, one place is recorded, played and replayed."""
    monkeypatch.chdir(project.path / recorded_in)
    project.record().assert_outcomes(passed=1)
    cassette = package / "recorded/tests/test_app/test_it.yaml"
    assert [cassette] == [*project.path.rglob("test_it.yaml")]
    for start in (package, project.path):
        monkeypatch.chdir(start)
        project.run().assert_outcomes(passed=1)
        project.run("--llm-replay").assert_outcomes(passed=1)
    project.run("-n1").assert_outcomes(passed=1)
    project.run("--llm-replay", "--llm-fresh").assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize(
    "path",
    [
        "packages",
        "packages/one",
        "packages/one/recorded",
        "packages/one/tests",
        "packages/one/tests/test_app.py",
        "packages/one/tests/test_app.py::test_it",
        "packages/one/recorded/tests/test_app/test_it.yaml",
    ],
)
def test_a_replay_finds_the_cassettes_of_a_package_by_any_path(
    project: Project, package: Path, path: str
) -> None:
    """Beside another path pytest reads the ini file above both, which names no root."""
    project.record().assert_outcomes(passed=1)
    project.tests(ASK.format(""), "tests/test_other.py")
    project.record("tests").assert_outcomes(passed=1)
    project.run("--llm-replay", path, "tests").assert_outcomes(passed=2)
    assert package.is_dir()


def test_the_commands_know_the_root_of_a_package(
    project: Project, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by what its keys are made, in whichever directory they are typed."""
    own = package / "pyproject.toml"
    own.write_text(f"{own.read_text()}llm_match_ignore = ['user']\n")
    project.record().assert_outcomes(passed=1)
    cassette = "recorded/tests/test_app/test_it.yaml"
    for here, shown in ((project.path, f"packages/one/{cassette}"), (package, cassette)):
        monkeypatch.chdir(here)
        for paths in ((), (str(package),)):
            checked = inside("check", *paths, cwd=here)
            assert (0, "1 cassette, 1 event: all is well\n") == (checked.returncode, checked.stdout)
            assert shown in inside("list", *paths, cwd=here).stdout


def test_the_command_line_goes_before_the_ini_file_of_a_package(
    project: Project, package: Path
) -> None:
    """The option, `-o`, and an ini file that a person names."""
    project.write("other.ini", "[pytest]\nllm_cassettes = named\n")
    project.record("--llm-cassettes=option").assert_outcomes(passed=1)
    project.record("-o", "llm_cassettes=override").assert_outcomes(passed=1)
    project.record("-c", "other.ini").assert_outcomes(passed=1)
    roots = {path.relative_to(package).parts[0] for path in package.rglob("test_it.yaml")}
    assert {"option", "override", "named"} == roots
    project.run("--llm-replay", "--llm-fresh", "-c", "other.ini").assert_outcomes(passed=1)


def test_packages_that_are_run_together_do_not_read_each_other(
    project: Project, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is above both, pytest reads the ini file of the first, for all."""
    (project.path / "pyproject.toml").unlink()
    project.write("packages/two/pyproject.toml", INI)
    project.tests(ASK.format(""), "packages/two/tests/test_two.py")
    project.record("packages/one", "packages/two").assert_outcomes(passed=2)
    assert (package / "recorded/tests/test_app/test_it.yaml").is_file()
    monkeypatch.chdir(project.path / "packages/two")
    project.run().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)


def test_what_counts_in_a_call_is_what_the_package_says(
    project: Project, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys of matching are those that are recorded, from wherever."""
    lines = "llm_match_ignore = ['user']\nllm_match_replace = ['[0-9]+ => N']\n"
    project.write("packages/one/pyproject.toml", INI + lines)
    project.tests(
        """
        import time

        @pytest.mark.llm_cassette
        def test_it():
            now = str(time.time_ns())
            chat(f"at {now}", user=now)
        """,
        "packages/one/tests/test_app.py",
    )
    project.record().assert_outcomes(passed=1)
    text = (package / "cassettes/tests/test_app/test_it.yaml").read_text()
    project.run().assert_outcomes(passed=1)
    monkeypatch.chdir(package)
    project.run().assert_outcomes(passed=1)
    assert "--- # key r1-" in text
    assert 1 == len(project.server.seen)


def test_what_is_redacted_adds_up(project: Project, package: Path) -> None:
    """What either ini file keeps out of cassettes stays out of them."""
    project.write("pyproject.toml", f"{INI}llm_redact = ['email']\n")
    project.write("packages/one/pyproject.toml", f"{INI}llm_redact = ['ticket-[0-9]+']\n")
    said = ASK.format("").replace("'x'", "'ada@example.org ticket-77'")
    project.tests(said, "packages/one/tests/test_app.py")
    project.tests(said, "tests/test_two.py")
    project.record().assert_outcomes(passed=2)
    one = (package / "cassettes/tests/test_app/test_it.yaml").read_text()
    assert ("ada@" in one, "ticket-77" in one) == (False, False)
    two = project.cassette("tests/test_two/test_it.yaml").read_text()
    assert ("ada@" in two, "ticket-77" in two) == (False, True)


def test_what_one_package_lets_through_another_does_not(project: Project, package: Path) -> None:
    """Neither in its cassette nor in the file of a run over both, whose ini file pytest reads."""
    two = package.parent / "two"
    (project.path / "pyproject.toml").unlink()
    allowed = f"llm_redact_allow = ['{hash_of('portal')}']\n"
    (package / "pyproject.toml").write_text(f"{INI}{allowed}")
    project.write("packages/two/pyproject.toml", INI)
    said = ASK.format("").replace("'x'", '\'{"passphrase": "portal"}\'')
    project.tests(said, "packages/one/tests/test_app.py")
    project.tests(said, "packages/two/tests/test_two.py")
    both = list(map(str, (package, two)))
    project.record(*both).assert_outcomes(passed=2)
    texts = [path.read_text() for path in sorted(project.path.rglob("test_it.yaml"))]
    assert [True, False] == ["portal" in text for text in texts]
    project.replay("--llm-check=answered", *both).assert_outcomes(passed=2)
    (run,) = project.path.rglob("run-*.jsonl")
    assert "portal" not in run.read_text()


def test_events_that_are_left_are_what_the_package_says(project: Project, package: Path) -> None:
    """Its tests pass or fail as they do where pytest reads its ini file."""
    test = "packages/one/tests/test_app.py"
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('x'); chat('y')\n", test)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK.format(""), test)
    project.run().assert_outcomes(passed=1, errors=1)
    own = package / "pyproject.toml"
    own.write_text(f"{own.read_text()}llm_unused = 'ignore'\n")
    project.run().assert_outcomes(passed=1)
    project.run("--llm-unused=fail").assert_outcomes(passed=1, errors=1)


def test_keys_of_a_package_that_do_not_count_are_told(
    project: Project, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a test run those that decide about tests, of a replay the others, each in one line."""
    own = package / "pyproject.toml"
    own.write_text(f"{own.read_text()}llm_guard = true\nllm_checks = ['answered']\n")
    said = "packages/one/pyproject.toml says {}, but this run reads pyproject.toml*"
    project.record().stdout.fnmatch_lines([said.format("llm_guard")])
    project.run("--llm-replay", "-q").stdout.fnmatch_lines([said.format("llm_checks")])
    monkeypatch.chdir(package)
    for option in ("--llm-unused=fail", "--llm-replay"):
        assert "but this run reads" not in project.run(option).stdout.str()


def test_a_package_that_names_no_root_is_told_where_it_would_be(
    project: Project, package: Path
) -> None:
    """Its ini file is the one that pytest reads where it is started there."""
    project.write("pyproject.toml", f"{INI}llm_cassettes = 'kept'\n")
    project.write("packages/one/pyproject.toml", f"{INI}testpaths = ['tests']\n")
    result = project.record()
    assert (package / "kept/tests/test_app/test_it.yaml").is_file()
    result.stdout.fnmatch_lines(["pyproject.toml says llm_cassettes = kept, and packages/one/*"])
    project.write("packages/one/pyproject.toml", "[project]\nname = 'one'\n")
    assert "says llm_cassettes" not in project.run().stdout.str()


@pytest.mark.parametrize("option", ["--llm-record", "--llm-replay"])
def test_a_slip_in_the_ini_file_of_a_package_stops_the_run(
    project: Project, package: Path, option: str
) -> None:
    """As it does where pytest reads that file, which warns of it at least."""
    project.record().assert_outcomes(passed=1)
    (package / "pyproject.toml").write_text(f"{INI}llm_redcat = 'email'\n")
    project.write("packages/one/cassettes/test_app/test_it.yaml", "cassette: 1\n")
    result = project.run(option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: packages/one/pyproject.toml: no key 'llm_redcat'; did *"])
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize("arguments", [["--llm-record"], ["--llm-replay", "packages", "app.py"]])
def test_an_ini_file_of_a_package_that_cannot_be_read_stops_the_run(
    project: Project, package: Path, arguments: list[str]
) -> None:
    """Nobody knows what it keeps out of cassettes."""
    (package / "pyproject.toml").write_text("[tool.pytest\n")
    project.write("packages/one/cassettes/test_app/test_it.yaml", "cassette: 1\n")
    result = project.run(*arguments)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: packages/one/pyproject.toml: cannot be read: *"])
    assert [] == project.server.seen


def test_a_call_to_a_host_of_a_package_is_recorded(project: Project, package: Path) -> None:
    """Where it is not known, it goes out past the cassette; also where calls are guarded."""
    own = package / "pyproject.toml"
    host = project.server.openai.split("/")[2]
    own.write_text(f"{own.read_text()}llm_hosts = ['{host}']\n")
    project.tests(
        """
        import urllib.request

        @pytest.mark.llm_cassette
        def test_it():
            url = os.environ["CHAT_URL"] + "/summary"
            urllib.request.urlopen(urllib.request.Request(url, b'{"input": "x"}')).close()
        """,
        "packages/one/tests/test_app.py",
    )
    project.record("-o", "llm_guard=true").assert_outcomes(passed=1)
    assert (package / "recorded/tests/test_app/test_it.yaml").is_file()


@pytest.mark.parametrize("start", ["", "packages/two", "packages/two/tests"])
def test_a_package_without_an_ini_file_has_its_cassettes_at_the_top_of_the_checkout(
    project: Project, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    """What pytest takes for its rootdir depends on its arguments; the place does not."""
    (project.path / "pyproject.toml").unlink()
    (project.path / ".git").mkdir()
    project.write("packages/one/pyproject.toml", "[project]\nname = 'one'\n")
    one = project.tests(ASK.format(""), "packages/one/tests/test_one.py")
    two = project.tests(ASK.format(""), "packages/two/tests/test_two.py")
    monkeypatch.syspath_prepend(project.path)
    project.record(str(two)).assert_outcomes(passed=1)
    assert project.cassette("packages/two/tests/test_two/test_it.yaml").is_file()
    monkeypatch.chdir(project.path / start)
    project.record(str(one), str(two)).assert_outcomes(passed=2)
    project.run(str(two)).assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)


def test_where_nothing_says_what_the_project_is_a_recording_says_so(project: Project) -> None:
    """Rootdir stands in, of which users should know that it may be another one tomorrow."""
    (project.path / "pyproject.toml").unlink()
    project.tests(ASK.format(""))
    result = project.record()
    result.stdout.fnmatch_lines(["*cassettes are below pytest's rootdir (.)*empty pytest.ini*"])
    assert "rootdir (" not in project.run().stdout.str()
    project.write("pytest.ini", "")
    assert "rootdir (" not in project.run("--llm-record-mode=all").stdout.str()


def test_tests_outside_of_rootdir_keep_their_cassettes_beside_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place names no directory of this machine, so that it is the same on another one."""
    (project.path / "pyproject.toml").unlink()
    project.write("one/pytest.ini", "[pytest]\n")
    project.tests(ASK.format(""), "two/test_two.py")
    monkeypatch.syspath_prepend(project.path)
    project.record("--rootdir=one", "two").assert_outcomes(passed=1)
    assert (project.path / "two/cassettes/test_two/test_it.yaml").is_file()


def test_the_command_of_a_miss_fits_the_directory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are as the user would type them where pytest was started."""
    project.write("packages/one/pyproject.toml", "")
    project.tests(ASK.format(""), "packages/one/tests/test_app.py")
    monkeypatch.syspath_prepend(project.path)
    monkeypatch.chdir(project.path / "packages")
    result = project.run()
    result.stdout.fnmatch_lines(["*pytest one/tests/test_app.py::test_it --llm-record*"])


def test_the_root_of_the_cassettes_is_an_option(project: Project) -> None:
    """`--llm-cassettes` and the ini key move them."""
    project.tests(ASK.format(""))
    project.record("--llm-cassettes=tests/recorded").assert_outcomes(passed=1)
    assert (project.path / "tests/recorded/tests/test_app/test_it.yaml").is_file()
    project.write("pytest.ini", "[pytest]\nllm_cassettes = tests/recorded\n")
    project.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("given", ["../recorded", "{elsewhere}"])
def test_a_root_of_cassettes_outside_of_the_project_is_refused(
    project: Project, tmp_path: Path, given: str
) -> None:
    """Where it is named, as nothing may be recorded there."""
    given = given.format(elsewhere=tmp_path)
    project.write("pytest.ini", f"[pytest]\nllm_cassettes = {given}\n")
    project.tests(ASK.format(""))
    for arguments in ([], ["--llm-record"], ["--llm-replay"], ["--llm-replay", "tests"]):
        result = project.run(*arguments)
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines([f"ERROR: llm_cassettes: '{given}' leads out of *below it*"])
    assert [] == project.server.seen


CLASSES = """
    class TestA:
        @pytest.mark.llm_cassette
        def test_it(self): assert "Echo: x" == chat("x")

    class Testa:
        @pytest.mark.llm_cassette
        def test_it(self): assert "Echo: y" == chat("y")

    class TestB(TestA): ...
"""


def test_classes_that_differ_in_case_have_cassettes_of_their_own(project: Project) -> None:
    """Also where case does not count; whichever of them is run, and beside others, unchanged."""
    project.tests(CLASSES)
    for name in ("TestA", "Testa"):
        project.record(f"tests/test_app.py::{name}").assert_outcomes(passed=1)
    project.record().assert_outcomes(passed=3)
    names = [path.name for path in (project.path / "cassettes").rglob("*.yaml")]
    assert 3 == len({name.casefold() for name in names})
    assert "TestB.test_it.yaml" in names
    project.run().assert_outcomes(passed=3)
    assert 3 == len(project.server.seen)


def test_folders_of_cassettes_that_differ_in_case_alone_are_told(project: Project) -> None:
    """They stay where they are; on other machines one would be recorded over the other."""
    project.tests(ASK.format("(name='refund/late')"))
    project.tests(ASK.format("(name='Refund/late')"), "tests/test_other.py")
    result = project.record()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["cassettes/Refund/late.yaml is one file with cassettes/refund/late.yaml where case *"]
    )
    assert 1 == result.stdout.str().count("is one file with")
    assert "is one file with" not in project.run("-v").stdout.str()


def test_a_cassette_stays_where_it_was_recorded_before_a_class_like_its_own_came(
    project: Project,
) -> None:
    """Names in the repositories of users do not move."""
    project.tests(CLASSES.replace("Testa", "TestC"))
    project.record().assert_outcomes(passed=3)
    project.tests(CLASSES)
    project.record().assert_outcomes(passed=3)
    assert 4 == len(project.server.seen)
    assert project.cassette("tests/test_app/TestA.test_it.yaml").exists()
    project.run("--llm-record-mode=none").assert_outcomes(passed=3)


def test_a_name_may_hold_folders(project: Project) -> None:
    """The marker's name is a path below the cassettes."""
    project.tests(ASK.format('(name="refund/late")'))
    project.record().assert_outcomes(passed=1)
    assert project.cassette("refund/late.yaml").is_file()


@pytest.mark.parametrize("name", ["../late", "refund/../../late", "/etc/late", "", "a//b"])
def test_a_name_does_not_leave_the_cassettes(project: Project, name: str) -> None:
    """Refused before anything is asked."""
    project.tests(ASK.format(f"(name={name!r})"))
    result = project.record()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*expected a name below the cassettes*"])
    assert [] == project.server.seen


def test_a_cassette_behind_a_link_is_not_written(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A link that leads out of the project is refused, before anything is paid."""
    (project.path / "cassettes").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    project.tests(ASK.format(""))
    result = project.record()
    result.stdout.fnmatch_lines(["*leads out of*remove the link*"])
    assert pytest.ExitCode.TESTS_FAILED == result.ret
    assert [] == project.server.seen

"""What a replay collects: node ids, selection, paths of all kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_cassettes import cassette, event
from projects import Project

IT = "cassettes/tests/test_app/test_it.yaml"
GERMAN = "cassettes/tests/test_app/test_it[german].yaml"
CLASS = "cassettes/tests/test_app/TestBot.test_late.yaml"


@pytest.fixture
def debate(project: Project) -> Project:
    """A project with three cassettes."""
    project.tests("def test_it(): ...")
    project.write(IT, cassette(event(1, name="greet"), event(2), marks=["slow", "skipif"]))
    project.write(
        GERMAN, cassette(event(1, name="greet"), test="tests/test_app.py::test_it[german]")
    )
    late = "tests/test_app.py::TestBot::test_late"
    project.write(CLASS, cassette(event(1, name="late"), test=late))
    return project


def collected(project: Project, *arguments: str) -> list[str]:
    """Node ids that a replay with these arguments collects."""
    result = project.run("--llm-replay", "--co", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


def test_node_ids_name_cassette_event_and_target(debate: Project) -> None:
    """An event without a prompt name is its number alone; targets stand side by side."""
    models = ["--llm-model", "gpt-5-mini", "--llm-model", "openrouter/anthropic/x"]
    assert [
        f"{IT}::0001-greet[gpt-5-mini]",
        f"{IT}::0001-greet[openrouter/anthropic/x]",
        f"{IT}::0002[gpt-5-mini]",
        f"{IT}::0002[openrouter/anthropic/x]",
    ] == collected(debate, *models, IT)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-k", "greet and not german"], [f"{IT}::0001-greet[recorded]"]),
        (["-k", "TestBot"], [f"{CLASS}::0001-late[recorded]"]),
        (["-m", "slow"], [f"{IT}::0001-greet[recorded]", f"{IT}::0002[recorded]"]),
        ([f"{IT}::0002[recorded]"], [f"{IT}::0002[recorded]"]),
        ([f"{IT}::0002"], [f"{IT}::0002[recorded]"]),
        ([f"{IT}::0001"], [f"{IT}::0001-greet[recorded]"]),
        ([f"{GERMAN}::1[recorded]"], [f"{GERMAN}::0001-greet[recorded]"]),
        ([f"{GERMAN}::0001-greet[recorded]"], [f"{GERMAN}::0001-greet[recorded]"]),
        ([f"{GERMAN}::0001-greet", f"{IT}::0002"], 2),
        (["tests/test_app.py::TestBot"], [f"{CLASS}::0001-late[recorded]"]),
        (["tests/test_app.py::test_it[german]"], [f"{GERMAN}::0001-greet[recorded]"]),
        (["tests/test_app.py::test_it"], 3),
        (["tests/test_app.py"], 4),
        (["tests"], 4),
        (["."], 4),
        (["cassettes"], 4),
        (["cassettes/tests/test_app"], 4),
        ([], 4),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_selection(debate: Project, arguments: list[str], expected: list[str] | int) -> None:
    """Tests, folders, cassettes and node ids stand for the events that they recorded."""
    found = collected(debate, *arguments)
    assert expected == (len(found) if isinstance(expected, int) else found)


def test_a_replay_from_a_sub_directory(debate: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are read from where pytest was started; without one, all below rootdir is meant."""
    monkeypatch.chdir(debate.path / "tests")
    assert 4 == len(collected(debate))
    assert 3 == len(collected(debate, "test_app.py::test_it"))


def test_testpaths_do_not_narrow_a_replay(debate: Project) -> None:
    """A `testpaths` that knows only tests hides no cassette."""
    debate.write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    assert 4 == len(collected(debate))


@pytest.mark.parametrize("ini", [True, False], ids=["with ini files", "without"])
def test_two_packages_of_one_repository(project: Project, *, ini: bool) -> None:
    """Cassettes of all packages are found, and those of one by its tests."""
    for name in ("one", "two"):
        project.write(f"{name}/tests/test_app.py", "")
        base, test = (name, "tests/test_app.py") if ini else (".", f"{name}/tests/test_app.py")
        if ini:
            project.write(f"{name}/pytest.ini", "[pytest]\n")
        path = test.removesuffix(".py")
        project.write(f"{base}/cassettes/{path}/test_it.yaml", cassette(test=f"{test}::test_it"))
        with (project.path / f"{base}/cassettes/{path}/test_it.yaml").open("a") as file:
            file.write(event(1))
    assert 2 == len(collected(project))
    assert 1 == len(collected(project, "two"))
    assert 1 == len(collected(project, "two/tests/test_app.py"))
    assert 2 == len(collected(project, "one", "two/tests"))


@pytest.mark.parametrize(
    ("path", "text", "arguments"),
    [
        ("conftest.py", "", ["--ignore=two"]),
        ("conftest.py", "", ["--ignore=two/cassettes"]),
        ("conftest.py", "", ["--ignore-glob=tw?"]),
        ("conftest.py", "collect_ignore = ['two']\n", []),
        ("pytest.ini", "[pytest]\nnorecursedirs = two cassettes\n", []),
    ],
)
def test_what_pytest_is_told_to_leave_alone(
    project: Project, path: str, text: str, arguments: list[str]
) -> None:
    """Nobody pays for a package that is ignored, unless it is named; roots are looked into."""
    for name in ("one", "two"):
        project.write(f"{name}/pyproject.toml", "")
        project.write(f"{name}/cassettes/it.yaml", cassette(event(1)))
    project.write(path, text)
    assert ["one/cassettes/it.yaml::0001[recorded]"] == collected(project, *arguments)
    assert 1 == len(collected(project, *arguments, "two/cassettes"))


def test_where_pytest_begins_nothing_is_ignored(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `testpaths`, or as it is started there: it runs the tests of that package, too."""
    for name in ("one", "slow/two"):
        project.write(f"{name}/pyproject.toml", "")
        project.write(f"{name}/cassettes/it.yaml", cassette(event(1)))
    project.write("pytest.ini", "[pytest]\nnorecursedirs = slow\n")
    assert 1 == len(collected(project))
    project.write("pytest.ini", "[pytest]\nnorecursedirs = slow\ntestpaths = one slow/two\n")
    assert 2 == len(collected(project))
    monkeypatch.chdir(project.path / "slow/two")
    assert 2 == len(collected(project))


def test_a_replay_of_which_all_is_ignored(debate: Project) -> None:
    """It is no project without recordings."""
    debate.refuses("--ignore=cassettes", "ERROR: every directory 'cassettes' of recordings is wh*")


def test_cassettes_with_another_root(debate: Project) -> None:
    """`--llm-cassettes` is where they are looked for, however it is written."""
    here = debate.path / "cassettes"
    for given in ("recorded", "./recorded", str(debate.path / "recorded"), ".llm/build"):
        (debate.path / given).parent.mkdir(exist_ok=True)
        here = here.rename(debate.path / given)
        assert 4 == len(collected(debate, "--llm-cassettes", given)), given
        assert 4 == len(collected(debate, "--llm-cassettes", given, "tests")), given


@pytest.mark.parametrize("name", ["tests.test_app", "tests.test_app::test_it"])
def test_a_package_stands_for_its_cassettes(debate: Project, name: str) -> None:
    """With `--pyargs`, as it stands for its tests; no package is a path that is not there."""
    debate.pytester.syspathinsert(debate.path)
    assert collected(debate, "--pyargs", name)
    for nowhere in ("tests.nowhere", "nowhere.at_all"):
        result = debate.run("--llm-replay", "--pyargs", nowhere)
        result.stderr.fnmatch_lines([f"ERROR: file or directory not found: {nowhere}"])


def test_a_text_with_doctests_stands_for_its_cassette(project: Project) -> None:
    """As a test file does."""
    project.write("pytest.ini", "[pytest]\nllm_autouse = true\n")
    project.write("guide.md", ">>> from app import chat\n>>> chat('x')\n'Echo: x'\n")
    project.record("--doctest-glob=*.md", "guide.md").assert_outcomes(passed=1)
    assert 1 == len(collected(project, "guide.md"))


def test_cassettes_behind_a_link(debate: Project) -> None:
    """Tests play them, so a replay finds them; those of a link that leads out it leaves alone."""
    (debate.path / "cassettes").rename(debate.path / "data")
    link = debate.path / "cassettes"
    link.symlink_to("data")
    for given in ((), ("tests/test_app.py",), ("cassettes",), (f"{IT}::0002",)):
        assert collected(debate, *given), given
    assert 4 == len(collected(debate))
    debate.run("--llm-replay").assert_outcomes(passed=4)
    outside = debate.path.parent / f"{debate.path.name}-data"
    (debate.path / "data").rename(outside)
    link.unlink()
    link.symlink_to(outside)
    assert pytest.ExitCode.USAGE_ERROR == debate.run("--llm-replay").ret


def test_links_among_cassettes_are_not_followed(debate: Project) -> None:
    """What a link in a pull request points at is sent nowhere, as `check` does not read it."""
    outside = debate.path.parent / f"{debate.path.name}-outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text(cassette(event(1, says="needle")))
    root = debate.path / "cassettes"
    (root / "linked").symlink_to(outside)
    assert 4 == len(collected(debate))
    (root / "linked.yaml").symlink_to(outside / "secret.yaml")
    result = debate.run("--llm-replay")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*cassettes/linked.yaml: is a link; a cassette is a plain file*"])
    assert "needle" not in result.stdout.str()


@pytest.mark.parametrize("mark", ["", "---\n"])
@pytest.mark.parametrize("begin", ["interactions:", "http_interactions:", "version: 2"])
def test_cassettes_of_other_tools_are_left_alone(debate: Project, mark: str, begin: str) -> None:
    """The file of vcrpy, VCR or go-vcr in the same folder is no damaged cassette."""
    debate.write("cassettes/other.yaml", f"{mark}{begin}\n")
    assert 4 == len(collected(debate))


def test_a_folder_of_cassettes_of_other_tools_is_no_root(debate: Project) -> None:
    """The tests beside it are not imported, as pytest imports what stands beside an argument."""
    debate.write("old/tests/cassettes/test_a/test_it.yaml", "interactions: []\n")
    debate.write("old/tests/conftest.py", "raise ImportError")
    assert 4 == len(collected(debate))


def test_a_project_with_cassettes_of_other_tools_alone(project: Project) -> None:
    """The message names the command that takes them over."""
    project.write("tests/cassettes/test_it.yaml", "interactions: []\n")
    result = project.run("--llm-replay")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: no directory 'cassettes'*`pytest-llmreplay import`*"])


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("nowhere.py", "file or directory not found: nowhere.py"),
        (
            "tests/test_app.py::test_new",
            "no cassette was recorded by 'tests/test_app.py::test_new'",
        ),
        ("app.py", "no cassette was recorded by 'app.py'"),
        (f"{IT}::0009", "not found: *::0009"),
    ],
)
def test_a_path_without_a_cassette(debate: Project, argument: str, said: str) -> None:
    """It is a usage error with the command that records, not an empty run."""
    result = debate.run("--llm-replay", argument)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: {said}*"])


def test_a_project_without_cassettes(project: Project) -> None:
    """The message says how to record, and how to say where they are."""
    result = project.run("--llm-replay")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: no directory 'cassettes'*--llm-record*--llm-cassettes*"])


def test_nothing_collected(debate: Project) -> None:
    """A filter that nothing passes ends as pytest does."""
    assert pytest.ExitCode.NO_TESTS_COLLECTED == debate.run("--llm-replay", "-k", "nothing").ret


def test_marks_of_the_tests_select_and_do_nothing_else(debate: Project) -> None:
    """A recorded `skipif` has lost its condition; unknown marks are no error."""
    debate.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    debate.run("--llm-replay").assert_outcomes(passed=4)
    debate.run("--llm-replay", "-m", "skipif").assert_outcomes(passed=2, deselected=2)


MARK_HOOKS = """
    def pytest_collection_modifyitems(items):  # as time-machine, and pytest-freezer
        for item in items:
            if item.get_closest_marker("time_machine") or item.get_closest_marker("freeze_time"):
                item.fixturenames.insert(0, "time_machine")

    def pytest_runtest_setup(item):  # as allure-pytest
        for mark in item.iter_markers("allure_label"):
            mark.kwargs["label_type"]

    def pytest_runtest_call(item):  # as pytest-trio
        if item.get_closest_marker("trio"):
            item.obj
"""


def test_marks_of_the_tests_mean_nothing_to_the_plugins_that_define_them(project: Project) -> None:
    """They look for the arguments of the mark, and for the function and fixtures of the test."""
    marks = ["allure_label", "freeze_time", "time_machine", "trio"]
    project.write(IT, cassette(event(1), marks=marks))
    project.write("conftest.py", MARK_HOOKS)
    project.run("--llm-replay", "-m", "trio").assert_outcomes(passed=1)


@pytest.mark.parametrize("flag", ["--lf", "--ff"])
def test_the_failed_are_found_again(debate: Project, flag: str) -> None:
    """The cache of pytest knows the items, whose names have brackets."""
    cached, replay = (
        debate.pytester.runpytest_inprocess,
        ("--llm-replay", "--llm-check", "tokens<=1"),
    )
    cached(*replay, IT).assert_outcomes(failed=2)
    result = cached(*replay, flag)
    result.stdout.fnmatch_lines(["*run-last-failure: rerun previous 2 failures*"])
    result.stdout.fnmatch_lines(["again *pytest --llm-replay --llm-check 'tokens<=1' --lf"])
    result.assert_outcomes(failed=2 if flag == "--lf" else 4)


def test_damage_is_told_by_file_and_line(debate: Project) -> None:
    """A cassette that cannot be read is an error of collection, without a traceback.

    The short summary says what is wrong, not where once more.
    """
    path = debate.path / IT
    path.write_text(path.read_text().replace("cassette: 1", "cassette: [1"))
    result = debate.run("--llm-replay")
    assert pytest.ExitCode.INTERRUPTED == result.ret
    result.stdout.fnmatch_lines([f"{IT}:*"])
    (short,) = (line for line in result.outlines if line.startswith("ERROR "))
    assert short.startswith(f"ERROR {IT} - ")
    assert 1 == short.count(IT)
    assert "Traceback" not in result.stdout.str()
    assert str(Path(debate.path)) not in "".join(
        line for line in result.outlines if not line.startswith("rootdir")
    )


def test_a_cassette_of_a_later_version(debate: Project) -> None:
    """It asks for an upgrade."""
    path = debate.path / IT
    path.write_text(path.read_text().replace("cassette: 1", "cassette: 2"))
    result = debate.run("--llm-replay")
    result.stdout.fnmatch_lines([f"{IT}:1: format 2*upgrade*"])


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [("status: 200", "status: twohundred"), ("response:", "answer: [{txt: x}]\nresponse:")],
)
def test_a_damaged_event_fails_alone(debate: Project, sound: str, damaged: str) -> None:
    """The other events of the cassette are replayed, be it seen before or after it was sent."""
    path = debate.path / IT
    path.write_text(path.read_text().replace(sound, damaged, 1))
    for model in ("recorded", "simulated/steady"):
        result = debate.run("--llm-replay", "--llm-model", model, IT)
        result.assert_outcomes(failed=1, passed=1)
        result.stdout.fnmatch_lines([f"error: {IT}:*"])
        assert "Traceback" not in result.stdout.str()


def test_a_directory_of_another_name_is_meant_where_it_holds_cassettes(project: Project) -> None:
    """As that of an import; without its name it is not collected."""
    project.write("imported/deep/one.yaml", cassette(event(1)))
    project.write("imported/deep/notes.yaml", "interactions: []\n")
    for folder in ("imported/deep", "imported"):
        project.run("--llm-replay", folder).assert_outcomes(passed=1)
    assert pytest.ExitCode.USAGE_ERROR == project.run("--llm-replay").ret


def test_a_record_mode_is_for_tests_alone(debate: Project) -> None:
    """A replay that ignored it would look as if it had recorded."""
    debate.refuses("--llm-record-mode=all", "*--llm-record-mode says how tests record*")

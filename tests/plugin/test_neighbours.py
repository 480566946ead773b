"""Beside other plugins: pytest-mockllm, vcrpy, and without us at all."""

from __future__ import annotations

import pytest
from projects import Project

ASK = "@pytest.mark.llm_cassette\ndef test_it(): chat('x')\n"
MOCKLLM = """
def pytest_addoption(parser):
    parser.addoption("--llm-record", action="store_true", default=False)
"""


@pytest.fixture
def mockllm(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in which something like pytest-mockllm is installed."""
    place = project.path / "installed"
    project.write("installed/pytest_mockllm/__init__.py", "")
    project.write("installed/pytest_mockllm/plugin.py", MOCKLLM)
    info = "installed/pytest_mockllm-1.0.dist-info"
    project.write(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pytest-mockllm\nVersion: 1.0\n")
    project.write(f"{info}/entry_points.txt", "[pytest11]\nmockllm = pytest_mockllm.plugin\n")
    monkeypatch.setenv("PYTHONPATH", str(place), prepend=":")
    return project


def test_the_same_option_twice_is_one_clear_line(mockllm: Project) -> None:
    """It names the other plugin and the way out."""
    mockllm.tests(ASK)
    result = mockllm.run_apart()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    text = result.stdout.str() + result.stderr.str()
    assert "pytest-mockllm both define --llm-record" in text
    assert "-p no:mockllm" in text
    assert "Traceback" not in text


def test_the_other_plugin_can_be_switched_off(mockllm: Project) -> None:
    """Then ours works as ever."""
    mockllm.tests(ASK)
    mockllm.run_apart("-p", "no:mockllm", "--llm-record").assert_outcomes(passed=1)
    assert mockllm.cassette().is_file()


def test_ours_can_be_switched_off(mockllm: Project) -> None:
    """Then the other one works, and nothing of ours is left."""
    mockllm.tests("def test_it(): pass\n")
    result = mockllm.run_apart("-p", "no:llmreplay", "--llm-record")
    result.assert_outcomes(passed=1)
    assert not (mockllm.path / "cassettes").exists()


UNDER_VCRPY = """
    import json, os, urllib.request
    import aiohttp
    import requests
    import vcr

    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    url = os.environ["CHAT_URL"] + "/chat/completions"

    async def aiohttp_post():
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
            return await response.json()

    def urllib_post():
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()))

    CALLS = {
        "httpx2": lambda: chat("x"),
        "asynchronous httpx2": lambda: asyncio.run(achat("x")),
        "a stream": lambda: stream("x"),
        "requests": lambda: requests.post(url, json=body),
        "urllib": urllib_post,
        "aiohttp": lambda: asyncio.run(aiohttp_post()),
    }

    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("mode", ["once", "none"])
    @pytest.mark.parametrize("call", CALLS)
    def test_it(call, mode):
        with vcr.use_cassette("theirs.yaml", record_mode=mode):
            CALLS[call]()

    @pytest.mark.llm_cassette
    def test_both():
        with vcr.use_cassette("both.yaml", record_mode="once"):
            assert chat("x") == "Echo: x"
            requests.post(os.environ["MESSAGES_URL"] + "/telemetry", json={"a": 1})
"""
CALLS = 12


def test_llm_calls_under_vcrpy_are_ours(project: Project) -> None:
    """Its cassettes would hold the key, as vcrpy filters no header by itself; it gets the rest."""
    pytest.importorskip("vcr")
    project.tests(UNDER_VCRPY)
    project.run_apart("--llm-record").assert_outcomes(passed=CALLS + 1)
    project.run_apart().assert_outcomes(passed=CALLS + 1)
    assert CALLS + 2 == len(project.server.seen)
    assert not (project.path / "theirs.yaml").exists()
    assert "telemetry" in (project.path / "both.yaml").read_text()
    assert "chat/completions" not in (project.path / "both.yaml").read_text()
    assert "telemetry" not in project.cassette("tests/test_app/test_both.yaml").read_text()


def test_help_markers_and_fixtures_read_well(project: Project) -> None:
    """Every option, marker and fixture explains itself."""
    text = project.run("--help").stdout.str()
    assert "--llm-record-mode=MODE" in text
    assert "llm_match_ignore" in text
    text = project.run("--markers").stdout.str()
    assert "@pytest.mark.llm_cassette(name=None" in text
    text = project.run("--fixtures").stdout.str()
    assert "llm_cassette" in text
    assert "The cassette that is open for this test." in text


def test_recording_and_playing_need_no_terminal(project: Project) -> None:
    """Pytest has none with `-p no:terminal`, as some programs start it."""
    project.tests(ASK)
    assert 0 == project.record("-p", "no:terminal").ret
    assert 0 == project.run("-p", "no:terminal").ret
    assert 1 == len(project.server.seen)
    project.tests(ASK.replace("'x'", "'y'"))
    assert pytest.ExitCode.TESTS_FAILED == project.run("-p", "no:terminal").ret


def test_repetitions_of_a_test_share_its_cassette(project: Project) -> None:
    """As pytest-repeat makes them for `--count 2`, beside parameters and under a name."""
    project.write(
        "tests/conftest.py",
        """
        import pytest

        @pytest.fixture
        def __pytest_repeat_step_number(request):
            return request.param

        @pytest.hookimpl(trylast=True)
        def pytest_generate_tests(metafunc):
            metafunc.fixturenames.append("__pytest_repeat_step_number")
            ids = ["1-2", "2-2"]
            metafunc.parametrize("__pytest_repeat_step_number", range(2), indirect=True, ids=ids)
    """,
    )
    project.tests(
        """
        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("word", ["3-4", "b"])
        def test_it(word):
            chat(word)

        @pytest.mark.llm_cassette(name="other")
        def test_named():
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=6)
    project.server.stop()
    project.run().assert_outcomes(passed=6)
    names = sorted(path.name for path in (project.path / "cassettes").rglob("*.yaml"))
    assert ["other.yaml", "test_it[3-4].yaml", "test_it[b].yaml"] == names


def test_the_group_of_a_test_is_no_part_of_its_name(project: Project) -> None:
    """pytest-xdist writes it into node ids for `--dist loadgroup`, and only for that."""
    project.pytester.syspathinsert(project.path)
    project.write(
        "grouping.py",
        """
        def pytest_collection_modifyitems(items):
            for item in items:
                names = {mark.args[0] for mark in item.iter_markers("xdist_group")}
                named = f"{item.nodeid}@{'_'.join(sorted(names))}"
                item._nodeid = named
                if hasattr(item, "_id"):  # since pytest 9.2
                    item._id = type(item._id).parse(named)
        """,
    )
    project.tests(
        """
        @pytest.mark.llm_cassette
        @pytest.mark.xdist_group("slow")
        @pytest.mark.xdist_group("gpu")
        @pytest.mark.parametrize("word", ["a"])
        def test_it(word):
            chat(word)
    """
    )
    project.record("-p", "grouping").assert_outcomes(passed=1)
    assert project.cassette("tests/test_app/test_it[a].yaml").is_file()
    project.run().assert_outcomes(passed=1)
    project.run("-p", "grouping").assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


FORKING = """
    import json, os
    from _pytest.runner import runtestprotocol

    def pytest_runtest_protocol(item, nextitem):
        hook, config = item.config.hook, item.config
        reading, writing = os.pipe()
        if not (child := os.fork()):
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
            told = [hook.pytest_report_to_serializable(config=config, report=r) for r in reports]
            os.write(writing, json.dumps(told).encode())
            os._exit(0)
        os.waitpid(child, 0)
        for data in json.loads(os.read(reading, 60_000)):
            report = hook.pytest_report_from_serializable(config=config, data=data)
            hook.pytest_runtest_logreport(report=report)
        return True
"""


def test_a_test_that_runs_in_a_process_of_its_own_is_recorded(project: Project) -> None:
    """As with pytest-forked: the process that hears of the test has no cassette of it."""
    project.write("tests/conftest.py", FORKING)
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            return chat("choose a topic")

        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("number", range(2))
        def test_it(topic, number):
            chat(f"say {number}")

        @pytest.mark.llm_cassette
        def test_bad():
            chat("bad")
            assert False
    """
    )
    result = project.run_apart("--llm-record")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["No cassette was written; kept 1 call *", "*test_it[[]1].yaml: 1 recorded*"]
    )
    assert ["test_bad.jsonl"] == [path.name for path in project.partials]
    project.run_apart("-k", "test_it").assert_outcomes(passed=2, deselected=1)
    assert 4 == len(project.server.seen)


def test_a_run_inside_a_test_leaves_the_test_its_cassette(project: Project) -> None:
    """As the tests of plugins do with pytester; what it asked afterwards went out live."""
    project.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('inside')\n", "inner/test_in.py")
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it(pytestconfig):
            chat("before")
            mode = pytestconfig.option.llm_record_mode or "none"
            inside = ["--llm-record-mode", mode, "-p", "no:cacheprovider"]
            assert 0 == pytest.main(["inner", *inside])
            chat("after")

        def test_guarded():
            chat("unknown")
    """
    )
    for options in (["--llm-record-mode=all"], []):
        result = project.run(*options, "tests")
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["*LLM call outside a cassette*"])
        assert 3 == len(project.server.seen)

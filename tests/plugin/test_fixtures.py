"""Calls that fixtures make: each belongs to the cassette of the test, or of the wide fixture."""

from __future__ import annotations

import pytest
from projects import Project
from servers.provider_server import fails

WIDE = """
    @pytest.fixture(scope="{scope}")
    def topic():
        return chat("choose a topic")

    class TestIt:
        @pytest.mark.llm_cassette
        def test_one(self, topic):
            assert chat("one") == "Echo: one"

        @pytest.mark.llm_cassette
        def test_two(self, topic):
            assert topic == "Echo: choose a topic"
            chat("two")
"""


def asked(project: Project) -> list[str]:
    """The user's words that reached the server."""
    return [seen.json["messages"][0]["content"] for seen in project.server.seen]


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_a_wide_fixture_has_a_cassette_of_its_own(project: Project, scope: str) -> None:
    """Recorded once, played whichever test comes first, alone or not."""
    project.tests(WIDE.format(scope=scope))
    project.record().assert_outcomes(passed=2)
    assert ["choose a topic", "one", "two"] == asked(project)
    (path,) = (project.path / "cassettes/tests/test_app").glob("fixture.topic*")
    assert "tests/test_app.py::fixture.topic" in path.read_text()
    project.run().assert_outcomes(passed=2)
    project.run("-k", "test_two").assert_outcomes(passed=1)
    project.run("--llm-record").assert_outcomes(passed=2)
    assert 3 == len(project.server.seen)


def test_a_function_fixture_belongs_to_the_test(project: Project) -> None:
    """Set-up and teardown of a function fixture are in the cassette of its test."""
    project.tests(
        """
        @pytest.fixture
        def topic():
            yield chat("before")
            chat("after")

        @pytest.mark.llm_cassette
        def test_it(topic):
            chat("in between")
    """
    )
    project.record().assert_outcomes(passed=1)
    assert ["before", "in between", "after"] == asked(project)
    assert 3 == project.cassette().read_text().count("\nevent:")
    project.run().assert_outcomes(passed=1)
    assert 3 == len(project.server.seen)


def test_the_teardown_of_a_wide_fixture_is_recorded_apart(project: Project) -> None:
    """It runs after the last test, whichever that is, so it belongs to no test."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            yield chat("before")
            chat("after")

        @pytest.mark.llm_cassette
        def test_one(topic):
            chat("one")

        @pytest.mark.llm_cassette
        def test_two(topic):
            chat("two")
    """
    )
    project.record().assert_outcomes(passed=2)
    assert ["before", "one", "two", "after"] == asked(project)
    project.run().assert_outcomes(passed=2)
    project.run("-k", "test_one").assert_outcomes(passed=1)
    project.run("-k", "test_two").assert_outcomes(passed=1)
    assert 4 == len(project.server.seen)
    assert project.cassette("tests/test_app/fixture.topic.teardown.yaml").is_file()


def test_a_wide_fixture_first_used_by_a_test_without_a_cassette(project: Project) -> None:
    """The order of tests does not decide whether the fixture is played."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            return chat("choose a topic")

        def test_plain(topic):
            pass

        @pytest.mark.llm_cassette
        def test_marked(topic):
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert 2 == len(project.server.seen)


def test_parameters_of_a_wide_fixture_have_cassettes_of_their_own(project: Project) -> None:
    """One file for each parameter."""
    project.tests(
        """
        @pytest.fixture(scope="module", params=["tents", ("a", 1)])
        def topic(request):
            return chat(f"topic {request.param}")

        @pytest.mark.llm_cassette
        def test_it(topic):
            assert topic.startswith("Echo: topic")
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert 4 == len(project.server.seen)
    names = sorted(path.name for path in (project.path / "cassettes/tests/test_app").iterdir())
    assert ["fixture.topic[1].yaml", "fixture.topic[tents].yaml"] == names[:2]


def test_a_wide_fixture_that_fails_keeps_its_calls(project: Project) -> None:
    """Nothing becomes a cassette, and the next recording does not pay again."""
    tests = """
        @pytest.fixture(scope="module")
        def topic():
            found = chat("choose a topic")
            assert BROKEN
            return found

        @pytest.mark.llm_cassette
        def test_it(topic):
            chat("x")
    """
    project.tests(tests.replace("BROKEN", "False"))
    result = project.record()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*kept 1 call in .llmreplay/partial/*fixture.topic.jsonl*"])
    assert not (project.path / "cassettes").exists()
    project.tests(tests.replace("BROKEN", "True"))
    project.record().assert_outcomes(passed=1)
    assert ["choose a topic", "x"] == asked(project)


def test_a_miss_in_a_wide_fixture_is_its_text(project: Project) -> None:
    """The command records the tests of the file, for no path selects a fixture."""
    project.tests(WIDE.format(scope="module"))
    result = project.run("--tb=long", "-l")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["*no recording for LLM call 1*", "*fixture.topic.yaml*", "*pytest tests/test_app.py*"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_fixture_of_a_conftest_is_recorded_from_its_directory(project: Project) -> None:
    """A conftest.py cannot be selected, its directory can."""
    project.write(
        "tests/conftest.py",
        """
        import pytest
        from app import *

        @pytest.fixture(scope="session")
        def topic():
            return chat("choose a topic")
    """,
    )
    project.tests("@pytest.mark.llm_cassette\ndef test_it(topic): chat('x')\n")
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pytest tests --llm-record*"])
    project.record().assert_outcomes(passed=1)
    assert project.cassette("tests/conftest/fixture.topic.yaml").is_file()
    project.run().assert_outcomes(passed=1)


BY_MODULE = """
    import pytest
    from app import *

    @pytest.fixture(scope="module")
    def topic(request):
        yield chat(f"a topic for {request.module.__name__}")
        chat(f"goodbye from {request.module.__name__}")
"""
BY_CLASS = """
    @pytest.fixture(scope="class")
    def theme(request):
        return chat(f"a theme for {request.cls.__name__}")
"""
USERS = """
    pytestmark = pytest.mark.llm_cassette

    def test_it(topic):
        assert topic == "Echo: a topic for " + __name__

    class TestOne:
        def test_it(self, theme):
            assert theme == "Echo: a theme for TestOne"

    class TestTwo:
        def test_it(self, theme):
            assert theme == "Echo: a theme for TestTwo"
"""


def test_a_fixture_is_recorded_for_each_module_and_class_that_it_is_set_up_for(
    project: Project,
) -> None:
    """What it asks may depend on whom it serves; each plays alone, and one is recorded alone."""
    project.write("tests/conftest.py", BY_MODULE + BY_CLASS)
    for name in ("one", "more/two"):
        folder, _, file = name.rpartition("/")
        project.tests(USERS, f"tests/{folder}/test_{file}.py")
    project.record().assert_outcomes(passed=6)
    assert 8 == len(project.server.seen)
    kept = project.path / "cassettes/tests/conftest"
    told = {path.read_text().splitlines()[1] for path in kept.iterdir()}
    users = ("more.test_two", "test_one")
    assert {
        *(f"test: tests/conftest.py::fixture.topic@{user}" for user in users),
        *(f"test: tests/conftest.py::fixture.topic@{user}.teardown" for user in users),
        *(f"test: tests/conftest.py::fixture.theme@{user}.TestOne" for user in users),
        *(f"test: tests/conftest.py::fixture.theme@{user}.TestTwo" for user in users),
    } == told
    assert (kept / "fixture.topic@more.test_two.yaml").is_file()
    project.run().assert_outcomes(passed=6)
    project.run("tests/more").assert_outcomes(passed=3)
    project.record("tests/test_one.py").assert_outcomes(passed=3)
    project.run().assert_outcomes(passed=6)
    assert 8 == len(project.server.seen)


def test_a_fixture_of_a_module_beside_the_tests_is_recorded_for_each_of_them(
    project: Project,
) -> None:
    """Users above the folder of the fixture are named from there."""
    project.write("tests/fixtures/topics.py", BY_MODULE)
    with (project.path / "conftest.py").open("a") as file:
        file.write('pytest_plugins = ["tests.fixtures.topics"]\n')
    project.tests("@pytest.mark.llm_cassette\ndef test_it(topic): pass\n")
    project.record().assert_outcomes(passed=1)
    assert project.cassette("tests/fixtures/topics/fixture.topic@__.test_app.yaml").is_file()
    project.run().assert_outcomes(passed=1)


def test_a_class_has_the_calls_of_a_fixture_of_its_own_file(project: Project) -> None:
    """Two classes of one file are served apart, too."""
    project.tests(BY_CLASS + USERS.replace("def test_it(topic)", "def no_test(topic)"))
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert 2 == len(project.server.seen)


def test_a_cassette_that_is_named_after_a_fixture_alone_serves_all_its_users(
    project: Project,
) -> None:
    """Until each of them has recorded its own."""
    project.write("tests/conftest.py", BY_MODULE.replace("{request.module.__name__}", "all"))
    for name in ("one", "two"):
        project.tests(
            "@pytest.mark.llm_cassette\ndef test_it(topic): pass\n", f"tests/test_{name}.py"
        )
    project.record("tests/test_one.py").assert_outcomes(passed=1)
    folder = project.path / "cassettes/tests/conftest"
    for path in sorted(folder.iterdir()):
        path.rename(folder / path.name.replace("@test_one", ""))
    project.run().assert_outcomes(passed=2)
    assert 2 == len(project.server.seen)
    project.record().assert_outcomes(passed=2)
    assert 6 == len(project.server.seen)
    project.run().assert_outcomes(passed=2)


def test_a_guarded_wide_fixture_is_played(project: Project) -> None:
    """With `llm_autouse` fixtures have cassettes too."""
    project.write("pytest.ini", "[pytest]\nllm_autouse = true\n")
    project.tests(WIDE.format(scope="session").replace("@pytest.mark.llm_cassette", ""))
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert 3 == len(project.server.seen)


def test_unused_calls_of_a_wide_fixture_are_told(project: Project) -> None:
    """A fixture that no longer asks is as suspicious as a test."""
    project.tests(WIDE.format(scope="module"))
    project.record().assert_outcomes(passed=2)
    project.tests(WIDE.format(scope="module").replace('chat("choose a topic")', '"a topic"'))
    result = project.run("-k", "test_one")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*1 of 1 recorded events were not played*"])
    project.record("-k", "test_one").assert_outcomes(passed=1)
    project.run("-k", "test_one").assert_outcomes(passed=1)
    assert not project.cassette("tests/test_app/fixture.topic.yaml").exists()


def test_a_client_made_in_a_fixture_is_captured_in_every_test(project: Project) -> None:
    """What counts is which test runs when the call is made, not where the client was made."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def client():
            return openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"])

        def ask(client, text):
            message = {"role": "user", "content": text}
            client.chat.completions.create(model="m", messages=[message])

        @pytest.mark.llm_cassette
        def test_one(client):
            ask(client, "one")

        @pytest.mark.llm_cassette
        def test_two(client):
            ask(client, "two")
    """
    )
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert 2 == len(project.server.seen)
    assert project.cassette("tests/test_app/test_two.yaml").is_file()


def test_an_error_in_the_teardown_of_another_fixture_keeps_the_old_cassette(
    project: Project,
) -> None:
    """A test has passed only when its last finalizer has."""
    project.tests(
        """
        @pytest.fixture
        def broken():
            yield
            raise RuntimeError("no")

        @pytest.mark.llm_cassette
        def test_it(broken, llm_cassette):
            chat("x")
    """
    )
    result = project.record()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*kept 1 call*"])
    assert not project.cassette().exists()
    assert 1 == len(project.partials)


def test_the_fixture_knows_the_cassette(project: Project) -> None:
    """Path and events so far, in the order of sending; the fixture alone makes a cassette."""
    project.tests(
        """
        def test_it(llm_cassette):
            chat("one")
            assert [event.model for event in llm_cassette.events] == ["gpt-5-mini"]
            assert llm_cassette.events[0].response.text == "Echo: one"
            assert llm_cassette.path.name == "test_it.yaml"
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_a_refused_call_in_a_fixture_is_recorded_as_it_is(project: Project) -> None:
    """A wide fixture that handles an error plays the error."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            try:
                return chat("choose a topic")
            except openai.BadRequestError:
                return "none"

        @pytest.mark.llm_cassette
        def test_it(topic):
            assert topic == "none"
            chat("x")
    """
    )
    project.server.next(fails(400))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)


SET_UPS = """
    import unittest

    pytestmark = pytest.mark.llm_cassette

    def setup_module():
        chat("module of " + __name__)

    class TestX:
        @classmethod
        def setup_class(cls):
            chat("class of " + __name__)

        def test_it(self):
            chat("x")

    class TestY(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            chat("set up")

        @classmethod
        def tearDownClass(cls):
            chat("tear down")

        def test_it(self):
            chat("y")
"""


def test_set_up_functions_of_modules_and_classes_have_cassettes_beside_their_tests(
    project: Project,
) -> None:
    """Also where two files have a class of one name; the same wherever pytest is installed."""
    for name in ("one", "two"):
        project.tests(SET_UPS, f"tests/test_{name}.py")
    project.record().assert_outcomes(passed=4)
    root = project.path / "cassettes"
    names = ["TestX.setup_class", "TestY.setUpClass", "TestY.setUpClass.teardown", "setup_module"]
    for folder in (root / "tests/test_one", root / "tests/test_two"):
        found = {path.read_text().splitlines()[1] for path in folder.glob("fixture.*.yaml")}
        file = f"tests/{folder.name}.py"
        assert {f"test: {file}::fixture.{name}" for name in names} == found
    assert ["tests"] == [path.name for path in root.iterdir()]
    recorded = len(project.server.seen)
    project.run().assert_outcomes(passed=4)
    assert recorded == len(project.server.seen)


def test_a_fixture_of_an_installed_plugin_is_known_by_its_module(project: Project) -> None:
    """Its cassette is in the same place on every machine, and the command records it."""
    project.write(
        "env/lib/python3.11/site-packages/acme/fixtures.py",
        """
        import pytest
        from app import chat

        @pytest.fixture(scope="session")
        def topic():
            return chat("choose a topic")
        """,
    )
    project.write("env/lib/python3.11/site-packages/acme/__init__.py", "")
    project.pytester.syspathinsert(project.path)
    project.pytester.syspathinsert(project.path / "env/lib/python3.11/site-packages")
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it(topic):
            assert topic == "Echo: choose a topic"
    """
    )
    missed = project.run("-p", "acme.fixtures")
    missed.stdout.fnmatch_lines(["*pytest --llm-record*"])
    project.record("-p", "acme.fixtures").assert_outcomes(passed=1)
    assert project.cassette("acme/fixtures/fixture.topic.yaml").is_file()
    project.run("-p", "acme.fixtures").assert_outcomes(passed=1)
    assert ["choose a topic"] == asked(project)


def test_fixtures_that_no_source_defines_have_cassettes_too(project: Project) -> None:
    """One that code has written and one that is an object, beside one that asks nothing."""
    project.tests(
        """
        class Asks:
            __name__ = "asks"

            def __call__(self):
                return chat("from an object")

        written = {"chat": chat}
        exec("def asks(): return chat('from code')", written)
        exec("def silent(): return 1", written)
        by_code = pytest.fixture(scope="session")(written["asks"])
        silent = pytest.fixture(scope="session")(written["silent"])
        by_object = pytest.fixture(scope="module")(Asks())

        @pytest.mark.llm_cassette
        def test_it(by_code, by_object, silent):
            assert ["Echo: from code", "Echo: from an object", 1] == [by_code, by_object, silent]
    """
    )
    project.record().assert_outcomes(passed=1)
    assert project.cassette("tests/test_app/fixture.by_object.yaml").is_file()
    project.run().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)


def test_the_fixtures_have_types_that_a_program_can_name(project: Project) -> None:
    """As `pytest.MonkeyPatch` for `monkeypatch`; known to checkers of types and at run time."""
    project.tests(
        """
        from pytest_llmreplay import LlmCassette, LlmServer, ReplayEngine

        @pytest.mark.llm_cassette(mode="live")
        def test_it(llm_cassette: LlmCassette, llm_server: LlmServer, llm_replay: ReplayEngine):
            assert isinstance(llm_cassette, LlmCassette)
            assert isinstance(llm_server, LlmServer)
            assert isinstance(llm_replay, ReplayEngine)
    """
    )
    project.run().assert_outcomes(passed=1)

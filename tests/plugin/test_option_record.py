"""`--llm-record` and `--llm-record-mode`: what a run asks live, writes, plays and drops."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from projects import Project
from servers.provider_server import Exchange, fails, raw, says, streams

from pytest_llmreplay import Cassette

IT = "cassettes/tests/test_app/test_it.yaml"
ONE = """
    @pytest.mark.llm_cassette
    def test_it():
        assert chat("Say hello") == "Hello."
"""

TWO = """
    @pytest.mark.llm_cassette
    def test_it():
        chat("one")
        chat("two")
"""


def test_a_recorded_test_plays_without_the_provider(project: Project) -> None:
    """One live call is recorded; afterwards plain pytest needs no server."""
    project.tests(ONE)
    project.server.next(says("Hello."))
    project.record().assert_outcomes(passed=1)
    assert len(project.server.seen) == 1
    project.run().assert_outcomes(passed=1)
    assert len(project.server.seen) == 1


def test_a_stream_comes_back_in_the_same_pieces(project: Project) -> None:
    """A played stream has the chunks of the live one."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            pieces = stream("Say hello")
            print("PIECES", pieces)
            assert "".join(pieces) == "Hello there, friend."
    """
    )
    project.server.next(says("Hello there, friend."))
    live = project.record("-s")
    live.assert_outcomes(passed=1)
    played = project.run("-s")
    played.assert_outcomes(passed=1)
    assert len(project.server.seen) == 1
    pieces = [line for line in live.outlines if "PIECES" in line]
    assert pieces == [line for line in played.outlines if "PIECES" in line]


@pytest.mark.parametrize("odd", ["[" * 500 + "]" * 500, "1e400"], ids=["deep", "infinite"])
def test_an_answer_that_yaml_cannot_tell_is_kept_as_text(project: Project, odd: str) -> None:
    """Such an answer is recorded and played, and the run goes on."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            print("SAID", chat("Say hello"))
    """
    )
    told = '{"id":"x","choices":[{"message":{"content":"Hello."},"finish_reason":"stop"}],"odd":%s}'
    project.server.next(raw((told % odd).encode()))
    project.record("-s").assert_outcomes(passed=1)
    played = project.run("-s")
    played.assert_outcomes(passed=1)
    played.stdout.fnmatch_lines(["*SAID Hello."])
    project.run("--llm-replay", "--llm-check=answered").assert_outcomes(passed=1)


def test_an_event_of_a_stream_that_is_nested_too_deep_is_recorded(project: Project) -> None:
    """No reader of JSON follows it; it is recorded, and the application sees it when it plays."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            with pytest.raises(RecursionError):
                stream("Say hello")
    """
    )
    deep = b'data: {"choices": [], "odd": ' + b"[" * 5_000 + b"]" * 5_000 + b"}\n\n"
    project.server.next(raw(deep, content_type="text/event-stream"))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_both_sdks_in_one_test(project: Project) -> None:
    """Calls of the OpenAI and the Anthropic SDK share a cassette, in the order of sending."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            assert message("to anthropic") == "Echo: to anthropic"
            assert chat("to openai") == "Echo: to openai"
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert text.index("api: messages") < text.index("api: chat_completions")


def test_update_asks_only_what_changed_and_drops_what_is_unused(project: Project) -> None:
    """A changed call is asked again, an equal one is played, an unused one is dropped."""
    project.tests(TWO)
    project.record().assert_outcomes(passed=1)
    project.tests(TWO.replace('"two"', '"three"'))
    project.record().assert_outcomes(passed=1)
    assert [seen.json["messages"][0]["content"] for seen in project.server.seen] == [
        "one",
        "two",
        "three",
    ]
    text = project.cassette().read_text()
    assert "content: three" in text
    assert "content: two" not in text


def test_update_without_a_change_leaves_the_file_untouched(project: Project) -> None:
    """Recording an unchanged test asks nothing and writes nothing."""
    project.tests(TWO)
    project.record().assert_outcomes(passed=1)
    before = project.cassette().stat()
    project.record().assert_outcomes(passed=1)
    after = project.cassette().stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert len(project.server.seen) == 2


def test_once_records_only_where_there_is_no_cassette(project: Project) -> None:
    """With a cassette, `once` plays and misses like `none`."""
    project.tests(TWO)
    project.run("--llm-record-mode=once").assert_outcomes(passed=1)
    project.tests(TWO.replace('"two"', '"three"'))
    result = project.run("--llm-record-mode=once")
    result.assert_outcomes(failed=1)
    assert len(project.server.seen) == 2


def test_new_keeps_what_is_there(project: Project) -> None:
    """`new` adds the unknown call and keeps the one that is no longer made."""
    project.tests(TWO)
    project.record().assert_outcomes(passed=1)
    project.tests(TWO.replace('"two"', '"three"'))
    project.run("--llm-record-mode=new", "--llm-unused=ignore").assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert ["content: one" in text, "content: two" in text, "content: three" in text] == [True] * 3


def test_all_asks_everything_again(project: Project) -> None:
    """`all` plays nothing."""
    project.tests(TWO)
    project.record().assert_outcomes(passed=1)
    project.run("--llm-record-mode=all").assert_outcomes(passed=1)
    result = project.run("--llm-record-mode=all")
    assert len(project.server.seen) == 6
    result.stdout.fnmatch_lines(["*test_it.yaml: 2 recorded"])
    assert "dropped" not in result.stdout.str()


def test_a_stream_that_comes_again_changes_the_measured_lines_alone(project: Project) -> None:
    """However fast it comes, and with other ids; one that says something else is told anew."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            assert stream("one")
            assert stream("two")
    """
    )
    told: list[list[str]] = []
    second = "Four five six."
    for delay, last in ((0.0, second), (0.02, second), (0.0, "Other words.")):
        project.server.next(streams("One two three.", delay), streams(last, delay))
        project.run("--llm-record-mode=all").assert_outcomes(passed=1)
        told.append((project.path / IT).read_text().splitlines())
    measured = [[line for line in lines if line.startswith("measured")] for lines in told]
    others = [[line for line in lines if not line.startswith("measured")] for lines in told]
    assert others[0] == others[1]
    assert 4 == len({*measured[0], *measured[1]})
    event = others[0].index("event: 2")
    assert others[1][:event] == others[2][:event]
    assert others[1][event:] != others[2][event:]


def test_a_damaged_stream_is_recorded_again(project: Project) -> None:
    """Whatever stood there before."""
    project.tests(ONE.replace('chat("Say hello")', '"".join(stream("Say hello"))'))
    project.server.next(says("Hello."), says("Hello."))
    project.record().assert_outcomes(passed=1)
    whole = (project.path / IT).read_text()
    project.write(IT, whole.replace("[DONE]", "odd"))
    project.run("--llm-record-mode=all").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_a_cassette_goes_when_the_test_makes_no_call_any_more(project: Project) -> None:
    """Otherwise playback would complain of it for ever."""
    project.tests(ONE)
    project.server.next(says("Hello."))
    project.record().assert_outcomes(passed=1)
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): pass\n")
    result = project.record()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*recorded 0 events*cassettes/tests/test_app/test_it.yaml*removed*"]
    )
    project.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("flag", ["--setup-plan", "--setup-only"])
@pytest.mark.parametrize("record", [(), ("--llm-record",)])
def test_a_test_that_is_not_run_leaves_its_cassettes_alone(
    project: Project, flag: str, record: tuple[str, ...]
) -> None:
    """Where pytest sets up alone, no call is missing; what a fixture asks is played."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def asked():
            return chat("wide")

        @pytest.mark.llm_cassette
        def test_it(asked):
            chat("one")
    """
    )
    project.record().assert_outcomes(passed=1)
    kept = sorted(project.cassette().parent.iterdir())
    recorded = [path.read_bytes() for path in kept]
    result = project.run(flag, *record)
    assert pytest.ExitCode.OK == result.ret
    result.assert_outcomes()
    assert (2, kept) == (len(kept), sorted(project.cassette().parent.iterdir()))
    assert recorded == [path.read_bytes() for path in kept]
    assert 2 == len(project.server.seen)


def test_an_unknown_mode_is_a_usage_error(project: Project) -> None:
    """The message names the value and the choices."""
    result = project.run("--llm-record-mode=rewrite")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'rewrite' is none of none, once, new, update, all*"])


def test_a_failing_test_keeps_the_old_cassette_and_its_calls(project: Project) -> None:
    """What a failed recording asked is kept apart, and the next recording plays it."""
    project.tests(TWO)
    project.record().assert_outcomes(passed=1)
    before = project.cassette().read_bytes()
    project.tests(TWO.replace('"two"', '"three"') + "        assert False\n")
    result = project.record()
    result.assert_outcomes(failed=1)
    assert before == project.cassette().read_bytes()
    assert len(project.partials) == 1
    result.stdout.fnmatch_lines(["*kept 1 call*.llmreplay/partial/*", "*--llm-record*"])
    project.tests(TWO.replace('"two"', '"three"'))
    project.record().assert_outcomes(passed=1)
    assert len(project.server.seen) == 3
    assert project.partials == []
    assert "content: three" in project.cassette().read_text()


def test_attempts_that_the_sdk_retried_are_noted_and_not_played(project: Project) -> None:
    """A 429 that the SDK retried stands in `measured`; playback answers at once."""
    project.tests(ONE)
    project.server.next(fails(429, retry_after=0.01), says("Hello."))
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert text.count("event:") == 1
    assert "attempts: [{status: 429" in text
    project.run().assert_outcomes(passed=1)


def test_a_repeated_call_is_one_event_for_its_test(project: Project) -> None:
    """`llm_cassette.events` holds the call once, while it is recorded as when it is played."""
    project.tests(
        """
        def test_it(llm_cassette):
            chat("x")
            (event,) = llm_cassette.events
            assert [429, 500] == [attempt.status for attempt in event.measured.attempts]
            assert event.response.text == "Hello."
    """
    )
    throttled, broken = fails(429, retry_after=0.01), fails(500, retry_after=0.01)
    project.server.next(throttled, broken, says("Hello."))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_a_final_error_is_an_event_and_is_played_at_once(project: Project) -> None:
    """Playing a recorded 500 raises it without any further attempt or waiting."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            with pytest.raises(openai.InternalServerError):
                chat("x")
    """
    )
    project.server.next(*[fails(500, retry_after=0.01)] * 3)
    project.record().assert_outcomes(passed=1)
    assert len(project.server.seen) == 3
    assert project.cassette().read_text().count("event:") == 1
    project.run().assert_outcomes(passed=1)


def test_a_call_that_its_server_refused_as_malformed_is_an_event(project: Project) -> None:
    """What a server on loopback says to messages of a wrong kind plays when it is gone."""
    project.tests(
        """
        import os
        import anthropic
        import openai

        OPENAI = openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"])
        ANTHROPIC = anthropic.Anthropic(api_key="k", base_url=os.environ["MESSAGES_URL"])

        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("asked", [OPENAI.chat.completions, ANTHROPIC.messages])
        def test_it(asked):
            with pytest.raises(Exception, match="Expected an array"):
                asked.create(model="tiny", max_tokens=9, messages="hello")
    """
    )
    refusal = fails(400, "Expected an array")
    project.server.next(refusal, refusal)
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    assert len(project.server.seen) == 2
    result = project.run("--llm-replay")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["not replayed * 2", "  recorded error * 2"])


MANY = """
    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("number", range({asking}))
    def test_asking(number):
        chat(str(number))
        if number % 2:
            chat("again")

    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("number", range({quiet}))
    def test_quiet(number): ...
"""


def test_of_many_recordings_the_first_and_the_sums_are_told(project: Project) -> None:
    """Of as many as fit on a screen, each is; as are all of them with `-v`."""
    project.tests(MANY.format(asking=12, quiet=11))
    result = project.record()
    result.assert_outcomes(passed=23)
    told = "\n".join(result.outlines).partition(" llm cassettes ")[2].splitlines()[1:-1]
    quiet = "tests/test_app.py::test_quiet[{}] recorded 0 events: "
    begins = [
        "cassettes/tests/test_app/test_asking[0].yaml: 1 recorded",
        "cassettes/tests/test_app/test_asking[1].yaml: 2 recorded",
        "cassettes/tests/test_app/test_asking[2].yaml: 1 recorded",
        "and 9 more cassettes: 14 recorded (-v tells of each)",
        *(quiet.format(number) for number in range(3)),
        "and 8 more tests recorded 0 events (-v tells of each)",
    ]
    assert len(begins) == len(told)
    assert [] == [line for line, begin in zip(told, begins, strict=True) if begin not in line]
    shown = project.run("--llm-record-mode=all", "-v").stdout.str()
    assert 23 == shown.count(".yaml: ") + shown.count(" recorded 0 events: ")
    assert " more " not in shown


@pytest.mark.parametrize("distributed", [[], ["-n2"]])
def test_of_ten_recordings_each_is_told(project: Project, distributed: list[str]) -> None:
    """Of workers of pytest-xdist, too."""
    project.tests(MANY.format(asking=10, quiet=10))
    shown = project.record(*distributed).stdout.str()
    assert 20 == shown.count(" recorded\n") + shown.count(" recorded 0 events: ")
    assert " more " not in shown


def test_a_test_that_recorded_nothing_is_told_so(project: Project) -> None:
    """A cassette test without an LLM call hears that it has 0 events."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            pass
    """
    )
    result = project.record()
    result.assert_outcomes(passed=1)
    told = "*test_it*recorded 0 events*a mock*programs*llm_server*paths of no known API*llm_hosts*"
    result.stdout.fnmatch_lines([told])
    assert not project.cassette().exists()


def test_a_test_whose_fixture_asks_is_not_told_that_it_recorded_nothing(project: Project) -> None:
    """Its calls are in the cassette of the fixture; one that uses no such fixture is told."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            return chat("Name a topic")

        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("number", range(2))
        def test_topic(topic, number):
            assert topic

        @pytest.mark.llm_cassette
        def test_quiet():
            pass
    """
    )
    for option in ("--llm-record", "--llm-record-mode=all", "--llm-record"):
        result = project.run(option)
        result.assert_outcomes(passed=3)
        result.stdout.fnmatch_lines(["*test_quiet recorded 0 events*"])
        result.stdout.no_fnmatch_line("*test_topic*recorded 0 events*")


def test_the_key_is_in_no_file(project: Project) -> None:
    """Neither the cassette nor a partial file holds the API key."""
    project.tests(ONE + "        assert False\n" + ONE.replace("test_it", "test_other"))
    project.server.next(says("Hello."), says("Hello."))
    project.record()
    files = [*project.partials, *project.path.rglob("*.yaml")]
    assert len(files) == 2
    assert all(b"sk-test" not in path.read_bytes() for path in files)


OUTCOMES = """
    import unittest

    @pytest.mark.llm_cassette
    @pytest.mark.xfail
    def test_xfails():
        chat("x")
        assert False

    @pytest.mark.llm_cassette
    @pytest.mark.xfail
    def test_xpasses():
        chat("x")

    @pytest.mark.llm_cassette
    @pytest.mark.xfail(strict=True)
    def test_xpasses_strictly():
        chat("x")

    @pytest.mark.llm_cassette
    def test_skips_inside():
        chat("x")
        pytest.skip("no")

    class TestCase(unittest.TestCase):
        @pytest.mark.llm_cassette
        def test_fails_in_a_subtest(self):
            chat("x")
            with self.subTest("one"):
                self.fail()

        @pytest.mark.llm_cassette
        def test_passes(self):
            with self.subTest("one"):
                self.assertEqual("Echo: x", chat("x"))
"""


def test_only_a_test_that_passed_becomes_a_cassette(project: Project) -> None:
    """Decided at the last report: sub-tests, expected failures and skips count."""
    project.tests(OUTCOMES)
    project.record()
    names = sorted(path.stem for path in (project.path / "cassettes").rglob("*.yaml"))
    passing = ["TestCase.test_passes", "test_skips_inside", "test_xfails", "test_xpasses"]
    assert passing == names
    assert 2 == len(project.partials)
    wanted = " or ".join(["TestCase and test_passes", *passing[1:]])
    result = project.run("-k", f"({wanted}) and not strictly")
    result.assert_outcomes(passed=1, skipped=1, xfailed=1, xpassed=1)
    result.stdout.fnmatch_lines(["*.llmreplay/partial/*holds 1 call of an earlier recording*"])


def test_a_test_that_skips_after_a_call_plays_offline(project: Project) -> None:
    """What it asked is added to its cassette; what it did not come to ask this time stays there."""
    test = """
        import unittest

        class TestIt(unittest.TestCase):
            @pytest.mark.llm_cassette
            def test_it(self):
                chat("before")
                {skip}
                chat("after")
                with self.subTest("one"):
                    self.skipTest("only this one")
    """
    project.tests(test.format(skip=""))
    assert pytest.ExitCode.OK == project.record().ret
    project.tests(test.format(skip='chat("new")\n                pytest.skip("not today")'))
    project.record().assert_outcomes(skipped=1)
    project.server.stop()
    project.run().assert_outcomes(skipped=1)
    path = project.cassette("tests/test_app/TestIt.test_it.yaml")
    said = [event.response.text for event in Cassette.load(path).events]
    assert ["Echo: before", "Echo: after", "Echo: new"] == said
    assert [] == project.partials


@pytest.mark.parametrize("flag", ["--setup-only", "--setup-plan"])
def test_setting_up_alone_keeps_all_cassettes(project: Project, flag: str) -> None:
    """The tests make no call then, and with `--setup-plan` their fixtures do not either."""
    project.tests(
        """
        @pytest.fixture(scope="module")
        def topic():
            yield chat("choose a topic")
            chat("goodbye")

        @pytest.fixture
        def greeted():
            chat("hello")

        @pytest.mark.llm_cassette
        def test_it(topic, greeted):
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=1)
    recorded = {path: path.read_bytes() for path in project.path.rglob("cassettes/**/*.yaml")}
    assert 3 == len(recorded)
    for mode in ("--llm-record-mode=none", "--llm-record"):
        result = project.run(flag, mode)
        result.assert_outcomes()
        assert pytest.ExitCode.OK == result.ret
    assert recorded == {path: path.read_bytes() for path in recorded if path.exists()}
    assert 4 == len(project.server.seen)
    assert [] == project.partials


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="pytest has sub-tests since 9.0")
def test_a_sub_test_that_failed_keeps_the_old_cassette(project: Project) -> None:
    """Also where its report comes before or after that of its test."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_fails_in_a_subtest(subtests):
            chat("x")
            with subtests.test("one"):
                assert False

        @pytest.mark.llm_cassette
        def test_passes_with_subtests(subtests):
            with subtests.test("one"):
                chat("x")
    """
    )
    project.record()
    assert project.cassette("tests/test_app/test_passes_with_subtests.yaml").is_file()
    assert ["test_fails_in_a_subtest"] == [path.stem for path in project.partials]


def test_a_test_that_never_starts_leaves_its_cassette_alone(project: Project) -> None:
    """Skipped before its set-up, or not run because it would fail: nothing is dropped or missed."""
    project.tests(ONE)
    project.server.next(says("Hello."))
    project.record().assert_outcomes(passed=1)
    for mark in ("skip", "xfail(run=False)"):
        project.tests(ONE.replace("@pytest.mark.llm", f"@pytest.mark.{mark}\n    @pytest.mark.llm"))
        before = project.cassette().read_bytes()
        for arguments in ([], ["--llm-record"]):
            result = project.run(*arguments)
            outcomes = result.parseoutcomes()
            assert outcomes in ({"skipped": 1}, {"xfailed": 1})
        assert before == project.cassette().read_bytes()


def test_odd_ids_are_recorded_and_played(project: Project) -> None:
    """Long ids, slashes, colons, other alphabets, ids that differ only in case."""
    project.tests(
        """
        IDS = ["a/b", "a::b", "x" * 300, "\\u00fc\\u4e2d", "Case", "case", "", "..", "CON", "a b'c"]

        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("text", IDS, ids=IDS)
        def test_it(text):
            assert chat(f"say {text}") == f"Echo: say {text}"
    """
    )
    project.record().assert_outcomes(passed=10)
    assert 10 == len(list((project.path / "cassettes/tests/test_app").iterdir()))
    project.run().assert_outcomes(passed=10)
    assert 10 == len(project.server.seen)


def test_two_tests_that_name_one_cassette_are_not_recorded(project: Project) -> None:
    """Each would replace what the other recorded, so neither pays."""
    project.tests(
        """
        @pytest.mark.llm_cassette(name="shared/one")
        def test_one():
            chat("x")

        @pytest.mark.llm_cassette("shared/one")
        def test_two():
            chat("x")
    """
    )
    result = project.record()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*name='shared/one'*test_two names the same cassette*"])
    assert project.server.seen == []
    project.record("-k", "test_one").assert_outcomes(passed=1)
    assert project.cassette("shared/one.yaml").is_file()
    project.run().assert_outcomes(passed=2)


def test_a_killed_recording_is_told_and_played(project: Project) -> None:
    """What was finished before `kill -9` is not paid for again."""
    killed = TWO.replace('chat("two")', "os.kill(os.getpid(), 9)")
    project.tests(killed)
    project.run_apart("--llm-record")
    assert 1 == len(project.partials)
    project.tests(TWO)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it.jsonl holds 1 call of an earlier recording*"])
    result = project.record()
    result.assert_outcomes(passed=1)
    assert "earlier recording" not in result.stdout.str()  # it took the call over
    assert ["one", "two"] == [seen.json["messages"][0]["content"] for seen in project.server.seen]
    assert [] == project.partials
    assert "earlier recording" not in project.run().stdout.str()


@pytest.mark.parametrize(("first", "then"), [(("one",), ()), ((), ("one",))])
def test_what_was_kept_is_found_wherever_pytest_starts(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    first: tuple[str, ...],
    then: tuple[str, ...],
) -> None:
    """Its place is that of the project of the test, whatever pytest takes for its rootdir."""
    monkeypatch.syspath_prepend(project.path)
    project.write("one/pyproject.toml", "")
    where = "one/tests/test_app.py"
    project.tests(TWO + "        assert False\n", where)
    result = project.record(*first)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*kept 2 calls in one/.llmreplay/partial/*"])
    result = project.run(*then)
    result.stdout.fnmatch_lines([f"*holds 2 calls of*`pytest {where}::test_it --llm-record*"])
    project.tests(TWO, where)
    project.record(*then).assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    assert [] == [*project.path.rglob("*.jsonl")]
    assert (project.path / "one/cassettes/tests/test_app/test_it.yaml").is_file()


def test_an_error_that_was_kept_is_asked_for_again(project: Project) -> None:
    """What was answered is played by the next recording, and nobody promises more."""
    project.tests(TWO)
    project.server.next(says("One."), fails(400))
    project.record().stdout.fnmatch_lines(
        ["*kept 2 calls in *test_it.jsonl.", "*plays what was answered before it pays*"]
    )
    project.record().stdout.fnmatch_lines(["*test_it.yaml: 1 recorded, 1 played"])
    assert 3 == len(project.server.seen)


@pytest.mark.parametrize("scope", ["function", "module"])
def test_nothing_is_kept_of_a_recording_whose_calls_all_failed(
    project: Project, scope: str
) -> None:
    """A refused key leaves no file behind, of which every later run would tell."""
    project.tests(
        f"""
        @pytest.fixture(scope="{scope}")
        def answer():
            return chat("one")

        @pytest.mark.llm_cassette
        def test_it(answer): ...
    """
    )
    project.server.next(fails(401))
    result = project.record()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["No cassette was written: every call of the recording failed."])
    assert [] == project.partials
    assert "earlier recording" not in project.run().stdout.str()
    project.record().assert_outcomes(passed=1)
    project.tests(
        f"""
        @pytest.fixture(scope="{scope}")
        def answer():
            return chat("two")

        @pytest.mark.llm_cassette
        def test_it(answer): ...
    """
    )
    project.server.next(fails(401))
    told = "The cassette was left as it was: every call of the recording failed."
    project.record().stdout.fnmatch_lines([told])
    assert [] == project.partials


def test_an_answer_of_an_earlier_recording_outlives_one_that_failed(project: Project) -> None:
    """What was paid for stays, however often the calls behind it fail."""
    project.tests(TWO)
    for status in (400, 400):
        project.server.next(*([says("One.")] if not project.partials else []), fails(status))
        project.record().assert_outcomes(failed=1)
        assert 1 == len(project.partials)
    project.record().stdout.fnmatch_lines(["*test_it.yaml: 1 recorded, 1 played"])


def test_an_interrupted_recording_keeps_its_calls(project: Project) -> None:
    """Ctrl-C writes no cassette and loses no call, and says so."""
    project.tests(TWO.replace('chat("two")', "raise KeyboardInterrupt"))
    result = project.run_apart("--llm-record")
    assert pytest.ExitCode.INTERRUPTED == result.ret
    result.stdout.fnmatch_lines(["No cassette was written; kept 1 call in *test_it.jsonl."])
    assert 1 == len(project.partials)
    assert not project.cassette().exists()


def test_a_partial_file_of_another_version_is_told_and_stays(project: Project) -> None:
    """It is in nobody's way, and nothing in it is lost."""
    old = project.path / ".llmreplay/partial/cassettes/tests/test_app/test_it.yaml"
    old.parent.mkdir(parents=True)
    old.write_text("cassette: 1\ntest: tests/test_app.py::test_it\n--- # key r1:0\nevent: 1\n...\n")
    project.tests(TWO)
    result = project.record()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_it.yaml holds calls that another version of*cannot read*"])
    assert old.is_file()
    assert 2 == len(project.server.seen)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"number": 1}', "*test_it.jsonl:2: * is missing; it holds text*delete the file*"),
        ('{"partial": 7}', "*test_it.jsonl: a partial file of format 7*upgrade it*"),
    ],
)
def test_a_damaged_partial_file_is_one_message(project: Project, line: str, message: str) -> None:
    """Nothing is paid for and nothing is lost; plain pytest does not mind."""
    partial = project.path / ".llmreplay/partial/cassettes/tests/test_app/test_it.jsonl"
    partial.parent.mkdir(parents=True)
    partial.write_text('{"partial": 1, "test": "tests/test_app.py::test_it"}\n' + line + "\n")
    before = partial.read_bytes()
    project.tests(TWO)
    result = project.record()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()
    assert "INTERNALERROR" not in result.stdout.str()
    assert before == partial.read_bytes()
    assert [] == project.server.seen


def test_people_keep_their_placeholders_when_a_failed_recording_is_played(project: Project) -> None:
    """And nobody who comes later gets the placeholder of another."""
    project.write("pytest.ini", "[pytest]\nllm_redact = email\n")
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("Write to ada@example.org")
            assert False
    """
    )
    project.record().assert_outcomes(failed=1)
    assert "[EMAIL_1]" in project.partials[0].read_text()
    assert "ada@" not in project.partials[0].read_text()
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("Write to ada@example.org")
            chat("Write to bob@example.org, not to ada@example.org")
    """
    )
    project.record().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    assert "Write to [EMAIL_2], not to [EMAIL_1]" in project.cassette().read_text()
    project.run().assert_outcomes(passed=1)


def test_a_test_that_sets_the_clock_is_measured_by_the_real_one(project: Project) -> None:
    """A year that no calendar has ends no run, and a clock that stands still measures nothing."""

    async def late(exchange: Exchange) -> None:
        await asyncio.sleep(0.05)
        await says("Hello.")(exchange)

    project.server.next(late)
    project.tests(
        """
        import time

        @pytest.mark.llm_cassette
        def test_it(monkeypatch):
            monkeypatch.setattr(time, "time", lambda: -1e12)
            monkeypatch.setattr(time, "perf_counter", lambda: 5.0)
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=1)
    (event,) = Cassette.load(project.cassette()).events
    assert str(datetime.now(UTC).year) == (event.measured.at or "")[:4]
    assert 0 < (event.measured.duration or 0)
    project.run().assert_outcomes(passed=1)


TRAVELS = """
    import ctypes, time

    class Method(ctypes.Structure):
        _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p)]

    class Function(ctypes.Structure):
        _fields_ = [
            ("references", ctypes.c_ssize_t),
            ("type", ctypes.c_void_p),
            ("method", ctypes.POINTER(Method)),
        ]

    def method(function):
        return Function.from_address(id(function)).method.contents

    @pytest.mark.llm_cassette
    def test_it():
        clock = method(time.time)
        here, clock.function = clock.function, method(time.perf_counter).function
        try:
            assert time.localtime(time.time()).tm_year < 2000
            chat("x")
        finally:
            clock.function = here
"""


def test_a_call_of_a_test_that_travels_in_time_has_the_date_of_today(project: Project) -> None:
    """As with time-machine, which changes `time.time` itself, whoever holds it.

    A recording that seems to be of long ago is stale in a replay with `llm_max_age`.
    """
    project.tests(TRAVELS)
    project.record().assert_outcomes(passed=1)
    (event,) = Cassette.load(project.cassette()).events
    assert str(datetime.now(UTC).year) == (event.measured.at or "")[:4]

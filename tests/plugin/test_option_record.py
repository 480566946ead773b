"""`--llm-record` and `--llm-record-mode`: what a run asks live, writes, plays and drops."""

from __future__ import annotations

import pytest
from projects import Project
from servers.provider_server import fails, says

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
    assert [
        seen.json["messages"][0]["content"] for seen in project.server.seen
    ] == ["one", "two", "three"]
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
    assert len(project.server.seen) == 4


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
    result.stdout.fnmatch_lines(["*test_it*recorded 0 events*"])
    assert not project.cassette().exists()


def test_the_key_is_in_no_file(project: Project) -> None:
    """Neither the cassette nor a partial file holds the API key."""
    project.tests(ONE + "        assert False\n" + ONE.replace("test_it", "test_other"))
    project.server.next(says("Hello."), says("Hello."))
    project.record()
    files = [path for path in project.path.rglob("*") if path.is_file() and path.suffix == ".yaml"]
    assert len(files) == 2
    assert all(b"sk-test" not in path.read_bytes() for path in files)

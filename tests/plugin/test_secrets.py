"""No secret reaches a file or a report."""

from __future__ import annotations

import re

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import breaks_head, raw, resets, says

from pytest_llmreplay.cassette.redaction.secret_scan import hash_of

KEY = "sk-proj-Zk3vQ9xL0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd"
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
AWS = "AKIAIOSFODNN7EXAMPLQ"

TESTS = """
    def client(**options):
        return openai.OpenAI(
            api_key=os.environ["THE_KEY"],
            base_url=os.environ["CHAT_URL"],
            default_query={"api_key": os.environ["THE_KEY"]},
            default_headers={"x-goog-api-key": os.environ["THE_KEY"]},
            max_retries=0,
            **options,
        )

    @pytest.mark.llm_cassette
    def test_it():
        answer = client().chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "My token is " + os.environ["THE_TOKEN"]}],
            stream=STREAM,
        )
        list(answer)
        END
"""


@pytest.fixture(autouse=True)
def _needles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.setenv("THE_TOKEN", TOKEN)


def holding(project: Project) -> list[str]:
    """Files that hold a needle."""
    needles = [needle.encode() for needle in (KEY, TOKEN, AWS)]
    files = [path for path in project.path.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return [str(path) for path in files if any(one in path.read_bytes() for one in needles)]


@pytest.mark.parametrize("streams", ["True", "False"])
@pytest.mark.parametrize("end", ["assert True", "assert False"])
def test_secrets_are_in_no_file(project: Project, streams: str, end: str) -> None:
    """Headers, URL, prompt and answer; in cassette and partial file; and it still matches."""
    project.tests(TESTS.replace("STREAM", streams).replace("END", end))
    project.server.next(says(f"Your token {TOKEN} and {AWS} are safe."))
    project.record("-l", "--tb=long", "--junitxml=report.xml")
    assert 1 == len(project.server.seen)
    assert [] == holding(project)
    if end == "assert True":
        project.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("end", ["connection", "assertion"])
def test_secrets_are_in_no_report(project: Project, end: str) -> None:
    """Our own frames show no header when every local variable is printed."""
    project.tests(TESTS.replace("STREAM", "False").replace("END", "assert False"))
    project.server.next(resets if end == "connection" else says("Hello."))
    result = project.record("-l", "--tb=long", "--full-trace", "--junitxml=report.xml")
    result.assert_outcomes(failed=1)
    ours = [line for line in result.outlines if KEY in line and "pytest_llmreplay" in line]
    assert [] == ours
    assert not any("RawRequest(" in line and KEY in line for line in result.outlines)


@pytest.mark.parametrize("arguments", [(), ("--llm-replay",)])
def test_a_misspelt_key_is_told_before_anything_is_kept(
    project: Project, arguments: tuple[str, ...]
) -> None:
    """Pytest only warns of it, and people would stay in cassettes."""
    project.write("pytest.ini", "[pytest]\nllm_redcat = email\n")
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('I am ann@example.com')\n")
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event()))
    result = project.run(*arguments)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    told = "ERROR: pytest.ini: no key 'llm_redcat'; did you mean 'llm_redact'?"
    result.stderr.fnmatch_lines([told])


def test_a_miss_shows_no_secret(project: Project) -> None:
    """The diff is made of redacted requests."""
    project.tests(TESTS.replace("STREAM", "False").replace("END", ""))
    project.record().assert_outcomes(passed=1)
    project.tests(TESTS.replace("STREAM", "False").replace("END", "").replace("My token", "A key"))
    result = project.run("-l", "--tb=long")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "no recording for LLM call 1" in text
    assert KEY not in text
    assert TOKEN not in text


def test_a_secret_in_an_error_page(project: Project) -> None:
    """Text answers are redacted as well."""
    project.tests(
        TESTS.replace("STREAM", "False")
        .replace("END", "")
        .replace("list(answer)", "")
        .replace("answer =", "with pytest.raises(openai.APIStatusError):\n            answer =")
    )
    project.server.next(raw(f"<p>bad key {KEY}</p>".encode(), status=401, content_type="text/html"))
    project.record().assert_outcomes(passed=1)
    assert [] == holding(project)
    project.run().assert_outcomes(passed=1)


def test_headers_of_an_answer_that_broke_off_amid_them(project: Project) -> None:
    """The error of aiohttp names them all, in the place of words."""
    project.tests("""
        import aiohttp

        async def ask():
            url = os.environ["CHAT_URL"] + "/chat/completions"
            async with aiohttp.ClientSession() as session:
                await session.post(url, json={"model": "m", "messages": []})

        @pytest.mark.llm_cassette
        def test_it():
            with pytest.raises(aiohttp.ServerDisconnectedError):
                asyncio.run(ask())
    """)
    project.server.next(*[breaks_head("set-cookie: sid=wholly-private", "x-tenant: acme")] * 2)
    project.record().assert_outcomes(passed=1)
    written = project.cassette().read_text()
    assert "wholly-private" not in written
    assert "acme" not in written
    assert "error: {kind: cut, message: ServerDisconnectedError}" in written
    project.run().assert_outcomes(passed=1)


ENTERS = """
    def given(chunks):
        calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
        return "".join(call.function.arguments or "" for call in calls)

    def enter(**options):
        with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
            answer = client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "Let me in"}], **options
            )
            if options:
                return given([chunk for chunk in answer if chunk.choices])
            return answer.choices[0].message.tool_calls[0].function.arguments

    @pytest.mark.llm_cassette
    def test_it():
        assert "portal" in enter(OPTIONS)
"""


@pytest.mark.parametrize("options", ["", "stream=True"])
def test_what_only_a_name_makes_a_secret_is_told_with_what_lets_it_through(
    project: Project, options: str
) -> None:
    """The passphrase that a tool is to take: file, field and hash, and never the text."""
    project.tests(ENTERS.replace("OPTIONS", options))
    arguments = {"passphrase": "portal", "door": 2, "api_key": KEY}
    project.server.next(says("", calls=(("enter", arguments),)))
    first = project.record()
    told = re.findall(
        r"cassettes/\S+yaml: '(\w+)' of an answer plays .* Add (\w+) to", first.stdout.str()
    )
    assert [("passphrase", hash_of("portal"))] == told
    assert [] == [line for line in first.outlines if "portal" in line]
    project.run().assert_outcomes(failed=1)  # the tool would not take what is played
    project.write("pytest.ini", f"[pytest]\nllm_redact_allow = {hash_of('portal')}\n")
    project.server.next(says("", calls=(("enter", arguments),)))
    assert "plays as" not in project.record("--llm-record-mode=all").stdout.str()
    project.run().assert_outcomes(passed=1)
    assert KEY not in project.cassette().read_text()


PEOPLE = """
    @pytest.mark.llm_cassette
    def test_it(): chat("ada@example.org has ticket-77", user="Ada")
"""
RULES = "redaction:\n- email, phone\n- name: user\n- ticket-[0-9]+\n"


@pytest.mark.parametrize("started", ["", "packages/one"])
def test_rules_of_redaction_of_the_config_file(
    project: Project, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    """The nearest one in the checkout counts, wherever pytest is started, beside `llm_redact`."""
    (project.path / ".git").mkdir()
    project.write("llmreplay.yaml", RULES.replace("- email, phone\n", ""))
    project.write("packages/one/tox.ini", "[pytest]\nllm_redact = email\n")
    project.tests(PEOPLE, "packages/one/test_app.py")
    monkeypatch.syspath_prepend(project.path)
    monkeypatch.chdir(project.path / started)
    project.record().assert_outcomes(passed=1)
    text = (project.path / "packages/one/cassettes/test_app/test_it.yaml").read_text()
    assert "[EMAIL_1] has [REDACTED]" in text
    assert "user: '[REDACTED]'" in text
    project.run().assert_outcomes(passed=1)
    project.run("--llm-replay").assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_rules_of_config_files_above_one_another_add_up(project: Project) -> None:
    """A nearer one, for other targets or checks, lets nothing through that one above keeps out."""
    project.write("llmreplay.yaml", "redaction: email\n")
    project.write("cassettes/llmreplay.yaml", "checks: [answered]\nredaction: ticket-[0-9]+\n")
    project.tests(PEOPLE)
    project.record().assert_outcomes(passed=1)
    assert "[EMAIL_1] has [REDACTED]" in project.cassette().read_text()
    project.run().assert_outcomes(passed=1)


def test_the_config_file_that_is_named_says_what_is_redacted(project: Project) -> None:
    """In the place of the nearest one."""
    project.write("llmreplay.yaml", "redaction: ticket-[0-9]+\n")
    project.write("other.yaml", "redaction: [email]\n")
    project.tests(PEOPLE)
    project.record("--llm-config=other.yaml").assert_outcomes(passed=1)
    assert "[EMAIL_1] has ticket-77" in project.cassette().read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("redaction:\n- email\n- emial\n", "3: redaction: 'emial' is no kind of personal data*"),
        ("redaction: ['(']\n", "1: redaction: '(', character 1: no regular expression*"),
        ("redaction:\n- {field: user}\n", "2: redaction: {'field': 'user'} is no rule; write*"),
        (
            "checks: [text]\nredact: [email]\n",
            "2: unknown key 'redact'; did you mean 'redaction'?*",
        ),
        ("redaction: [email\n", "2: not valid YAML: *"),
        ("- redaction: [email]\n", "1: the file is not a mapping of keys to values"),
    ],
)
@pytest.mark.parametrize("option", ["--llm-record", "--llm-replay"])
def test_a_wrong_rule_of_the_config_file_stops_the_run(
    project: Project, text: str, said: str, option: str
) -> None:
    """With its line, before anything is asked."""
    project.write("llmreplay.yaml", text)
    project.write("cassettes/tests/test_app/test_it.yaml", cassette(event()))
    project.tests(PEOPLE)
    result = project.run(option)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: llmreplay.yaml:{said.replace('[', '[[]')}"])
    assert [] == project.server.seen


def test_answers_of_a_replay_are_redacted_by_the_config_file(project: Project) -> None:
    """In what is kept of the run, and where they are accepted."""
    project.write("llmreplay.yaml", RULES)
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('Who has it?')\n")
    project.record().assert_outcomes(passed=1)
    project.server.next(says("ada@example.org has ticket-77"))
    assert {"changed": 1} == project.replay("--llm-record", "--llm-check=answered").parseoutcomes()
    kept = [project.cassette(), *(project.path / ".llmreplay/runs").glob("*.jsonl")]
    assert 2 == len(kept)
    for path in kept:
        assert ("ada@" in path.read_text(), "ticket-77" in path.read_text()) == (False, False)


def test_a_redaction_rule_added_later_forces_no_recording(project: Project) -> None:
    """Keys are made anew from the stored requests, under today's rules."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("Write to ada@example.org")
    """
    )
    project.record().assert_outcomes(passed=1)
    project.write("pytest.ini", "[pytest]\nllm_redact = email\n")
    project.run().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


@pytest.mark.parametrize("later", [False, True])
def test_a_person_whose_address_names_a_field_is_in_no_file(
    project: Project, *, later: bool
) -> None:
    """Recorded under the rule or before there was one: it plays."""
    rule = "[pytest]\nllm_redact = email\n"
    project.write("pytest.ini", "[pytest]\n" if later else rule)
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            both = {"ada@example.org": "to", "bob@example.org": "cc"}
            chat("Write to both", extra_body={"metadata": both})
    """
    )
    project.record().assert_outcomes(passed=1)
    assert later == ("ada@example.org" in project.cassette().read_text())
    project.write("pytest.ini", rule)
    project.run().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_people_who_name_fields_play_where_an_answer_was_the_first_to_tell_of_one(
    project: Project,
) -> None:
    """Their numbers are others then: the played answer tells the placeholder of one."""
    project.write("pytest.ini", "[pytest]\nllm_redact = email\n")
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("Who is in charge?")
            chat("Write to both", metadata={"ada@example.org": "to", "bob@example.org": "cc"})
    """
    )
    project.server.next(says("Ask bob@example.org."))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_another_rule_added_later_forces_no_recording_of_a_talk_with_people(
    project: Project,
) -> None:
    """Keys are made anew then, and the people of the recordings are not numbered with today's."""
    rule = "[pytest]\nllm_redact = email\n"
    project.write("pytest.ini", rule)
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            asked = [{"role": "user", "content": "I am ada@example.org"}]
            with openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client:
                create = client.chat.completions.create
                said = create(model="gpt-5-mini", messages=asked).choices[0].message.content
                asked.append({"role": "assistant", "content": said})
                asked.append({"role": "user", "content": "Thank you"})
                create(model="gpt-5-mini", messages=asked)
    """
    )
    project.server.next(says("Hello ada@example.org, ask bob@example.org."))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.write("pytest.ini", f"{rule}llm_match_ignore = user\n")
    project.run().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)

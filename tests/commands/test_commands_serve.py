"""`pytest-llmreplay serve` records and plays from the shell, and keeps what was finished."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import httpx2
import pytest
from servers.provider_server import ProviderServer, hangs
from shell import Serving, command, environment, inside

from pytest_llmreplay.cassette import Cassette

KEY = "sk-test-0123456789abcdef0123"


def ask(env: dict[str, str], text: str, timeout: float = 30) -> httpx2.Response:
    """One call of a client that was told the address."""
    return httpx2.post(
        f"{env['OPENAI_BASE_URL']}/chat/completions",
        json={"model": "m", "messages": [{"role": "user", "content": text}]},
        headers={"authorization": f"Bearer {KEY}"},
        timeout=timeout,
    )


def words(answer: httpx2.Response) -> str:
    """What was said."""
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_record_stop_and_play(tmp_path: Path, provider_server: ProviderServer, number: int) -> None:
    """Recorded until the signal, committed, and played without provider and key."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        assert "recording (new) c.yaml at http://127.0.0.1:" in serving.said
        assert "OPENAI_API_KEY" not in serving.env
        assert "Echo: hi" == words(ask(serving.env, "hi"))
        code, said = serving.stop(number)
    assert (0, "c.yaml: 1 recorded\n") == (code, said)
    assert KEY not in (tmp_path / "c.yaml").read_text()
    provider_server.reset()
    with Serving("c.yaml", cwd=tmp_path, env=environment()) as serving:
        assert "no-key-needed" == serving.env["OPENAI_API_KEY"]
        assert "Echo: hi" == words(ask(serving.env, "hi"))
        assert (0, "") == serving.stop(number)
    assert [] == provider_server.seen


def test_terminated_in_the_middle_of_a_call(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """Finished calls are in the cassette though another one was still waiting for its answer."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        ask(serving.env, "one")
        ask(serving.env, "two")
        provider_server.next(hangs)
        waiting = threading.Thread(target=_fails, args=(serving.env,))
        waiting.start()
        while len(provider_server.seen) < 3:
            time.sleep(0.02)
        code, _ = serving.stop()
        waiting.join()
    assert 0 == code
    texts = [event.response.text for event in Cassette.load(tmp_path / "c.yaml").events]
    assert ["Echo: one", "Echo: two"] == texts[:2]


def _fails(env: dict[str, str]) -> None:
    with pytest.raises(httpx2.HTTPError):
        ask(env, "three")


def test_killed(tmp_path: Path, provider_server: ProviderServer) -> None:
    """What a killed server had finished is played, not paid for again, by the next one."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        ask(serving.env, "hi")
        serving.stop(signal.SIGKILL)
    assert not (tmp_path / "c.yaml").exists()
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        assert "Echo: hi" == words(ask(serving.env, "hi"))
        assert 0 == serving.stop()[0]
    assert 1 == len(provider_server.seen)
    assert 1 == len(Cassette.load(tmp_path / "c.yaml").events)


def test_record_adds(tmp_path: Path, provider_server: ProviderServer) -> None:
    """`--record` keeps what the cassette holds; a run without a call changes nothing."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    for text in ("one", "two", None):
        with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
            if text:
                ask(serving.env, text)
            assert 0 == serving.stop()[0]
    assert 2 == len(Cassette.load(tmp_path / "c.yaml").events)


def test_what_is_added_is_of_the_session(tmp_path: Path, provider_server: ProviderServer) -> None:
    """A call that `--record` adds belongs to the session that the cassette declares."""
    path, env = tmp_path / "c.yaml", environment(OPENAI_BASE_URL=provider_server.openai)
    for text in ("one", "two"):
        with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
            ask(serving.env, text)
            assert 0 == serving.stop()[0]
        if text == "one":
            recorded = path.read_text(encoding="utf-8")
            declared = recorded.replace("---", "session: {id: s1}\n---", 1)
            path.write_text(declared, encoding="utf-8")
    assert ["s1", "s1"] == [one.session and one.session.id for one in Cassette.load(path).events]


def test_rules_of_the_project_hold(tmp_path: Path, provider_server: ProviderServer) -> None:
    """What its ini file takes out of recordings is in none of ours, and does not count."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nllm_redact = email\nllm_match_replace = on \\d+ => on N\n"
    )
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        ask(serving.env, "Write to ann@example.com on 12")
        serving.stop()
    text = (tmp_path / "c.yaml").read_text(encoding="utf-8")
    assert ("[EMAIL_1]" in text, "ann@" in text) == (True, False)
    with Serving("c.yaml", cwd=tmp_path, env=environment()) as serving:
        assert 200 == ask(serving.env, "Write to bob@example.com on 13").status_code
        serving.stop()


def test_other_calls_to_a_gateway_of_this_machine(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """Refused with the ini key that says that all its calls are those of models, and then kept."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    host = f"127.0.0.1:{provider_server.port}"
    for status, keys in ((404, ""), (200, f"llm_hosts = {host}\n")):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\n{keys}")
        with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
            answer = httpx2.post(
                f"{serving.env['OPENAI_BASE_URL']}/moderations",
                json={"model": "m", "input": "hi"},
                headers={"authorization": f"Bearer {KEY}"},
            )
            serving.stop()
        assert status == answer.status_code
        assert (status == 404) == (f"llm_hosts = {host}" in answer.text)
    assert ["other"] == [event.api for event in Cassette.load(tmp_path / "c.yaml").events]


def test_kinds_of_a_conftest_are_taken_out(tmp_path: Path, provider_server: ProviderServer) -> None:
    """By the word `own`, recorded and played; without it, no code of the project runs."""
    (tmp_path / "conftest.py").write_text(
        "import re\ndef pytest_llmreplay_redact():\n"
        "    return {'customer': re.compile('Bo Ek|Al Im').findall}\n"
    )
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    words = ("--redact", "email,own")
    with Serving("c.yaml", "--record", *words, cwd=tmp_path, env=env) as serving:
        ask(serving.env, "Write to Bo Ek")
        assert 0 == serving.stop()[0]
    text = (tmp_path / "c.yaml").read_text(encoding="utf-8")
    assert ("[REDACTED_CUSTOMER_1]" in text, "Bo Ek" in text) == (True, False)
    with Serving("c.yaml", *words, cwd=tmp_path, env=environment()) as serving:
        assert 200 == ask(serving.env, "Write to Al Im").status_code
        serving.stop()
    (tmp_path / "conftest.py").write_text("raise SystemExit('loaded')\n")
    with Serving("c.yaml", cwd=tmp_path, env=environment()) as serving:
        assert 400 == ask(serving.env, "Write to Al Im").status_code
        serving.stop()


def test_a_miss_is_said_and_is_a_finding(tmp_path: Path, provider_server: ProviderServer) -> None:
    """The shell shows what differs and how to record it; the exit code is 1."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        ask(serving.env, "hi")
        serving.stop()
    with Serving("c.yaml", cwd=tmp_path, env=environment()) as serving:
        assert 400 == ask(serving.env, "ho").status_code
        code, said = serving.stop()
    assert 1 == code
    assert "no recording for LLM call 1: body.messages[0].content differs" in said
    assert "pytest-llmreplay serve c.yaml --record" in said
    assert "--match-ignore 'messages[0].content'" in said
    assert "pytest.mark" not in said


def test_what_cannot_be_written_is_kept(tmp_path: Path, provider_server: ProviderServer) -> None:
    """Something else stands in the cassette's place: no call that was paid for is lost."""
    env = environment(OPENAI_BASE_URL=provider_server.openai)
    with Serving("c.yaml", "--record", cwd=tmp_path, env=env) as serving:
        ask(serving.env, "hi")
        (tmp_path / "c.yaml").mkdir()
        code, said = serving.stop()
    assert 1 == code
    assert "not written; finished calls are kept in " in said
    assert "Traceback" not in said


def test_upstream_and_port(tmp_path: Path, provider_server: ProviderServer) -> None:
    """Where calls go and where they come from can be said."""
    words_of = ("c.yaml", "--record-mode", "all", "--upstream", provider_server.openai)
    with Serving(*words_of, "--port", "0", cwd=tmp_path, env=environment()) as serving:
        assert {"OPENAI_BASE_URL", "OLLAMA_HOST", "GOOGLE_GEMINI_BASE_URL"} <= set(serving.env)
        assert 200 == ask(serving.env, "hi").status_code
        port = serving.env["OPENAI_BASE_URL"].split(":")[2].partition("/")[0]
        taken = command("serve", "d.yaml", "--record", "--port", port, cwd=tmp_path)
    assert 2 == taken.returncode
    assert taken.stderr.startswith("pytest-llmreplay: --port: cannot listen there")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["c.yaml"], "there is no such cassette; --record makes it"),
        (["c.txt", "--record"], "ends in .yaml"),
        (["c.yaml", "--record", "--upstream", "nonsense"], "--upstream: cannot be used"),
        (["c.yaml", "--record", "--port", "99999"], "--port: 99999 is no port"),
        (["damaged.yaml"], "damaged.yaml"),
        (["c.yaml", "--record", "--match-ignore", "]["], "llm_match_ignore"),
        (["c.yaml", "--record", "--record-mode", "all"], "not allowed with"),
        ([], "required: CASSETTE"),
    ],
)
def test_wrong_use(tmp_path: Path, given: list[str], said: str) -> None:
    """One clear line, exit code 2, nothing written."""
    (tmp_path / "damaged.yaml").write_text("no: cassette\n")
    done = inside("serve", *given, cwd=tmp_path)
    assert 2 == done.returncode
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "" == done.stdout
    assert ["damaged.yaml"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("entries", ["openai", "llm.corp.example"])
def test_an_upstream_that_the_project_does_not_allow(
    tmp_path: Path, provider_server: ProviderServer, entries: str
) -> None:
    """Told before the server listens; nobody is asked."""
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nllm_targets_allow = {entries}\n")
    done = inside("serve", "c.yaml", "--record", f"--upstream={provider_server.url}", cwd=tmp_path)
    assert (2, "") == (done.returncode, done.stdout)
    assert "--upstream: this project does not allow 127.0.0.1:" in " ".join(done.stderr.split())
    assert [] == provider_server.seen

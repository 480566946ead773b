"""Streams: left early, cut, cancelled, compressed; played back as they came."""

from __future__ import annotations

import pytest
from projects import Project, recorded_then_played
from servers.provider_server import Behaviour, Exchange, cuts, fails, hangs, raw, resets, says

CLIENT = """
    def client(**options):
        return openai.OpenAI(
            api_key="sk-test", base_url=os.environ["CHAT_URL"], max_retries=0, **options
        )

    def ask(text="x", **options):
        return client(**options).chat.completions.create(
            model="m", messages=[{"role": "user", "content": text}], stream=True
        )

"""
LEFT_AT_THE_FIRST_WORDS = (
    CLIENT
    + """
    @pytest.mark.llm_cassette
    def test_it():
        with ask() as stream:
            next(chunk for chunk in stream if chunk.choices[0].delta.content)
"""
)


async def stalls(exchange: Exchange) -> None:
    """Begin an answer and say no more until the client leaves."""
    await exchange.plain(b'{"id": ', headers={"content-length": "100"})
    await hangs(exchange)


def test_a_stream_left_early(project: Project) -> None:
    """What was read is recorded, and the reader may leave again."""
    project.tests(
        CLIENT
        + """
    @pytest.mark.llm_cassette
    def test_it():
        with ask() as stream:
            first = [chunk.choices[0].delta.content for chunk, _ in zip(stream, range(2))]
        print("SAID", first)
    """
    )
    project.server.next(says("one two three four five six", delay=0.02))
    said, text = recorded_then_played(project)
    assert "one" in said
    assert "ended: left" in text


@pytest.mark.parametrize("model", ["same", "simulated/steady"])
def test_a_stream_left_early_is_compared_as_far_as_it_was_read(
    project: Project, model: str
) -> None:
    """The same model says the same, and what comes behind the part that was read is nobody's."""
    project.tests(LEFT_AT_THE_FIRST_WORDS)
    words = "one two three four five six"
    project.server.next(says(words, delay=0.02))
    project.record().assert_outcomes(passed=1)
    project.run("--llm-replay").assert_outcomes(passed=1)
    where = ("--llm-base-url", project.server.openai) if model == "same" else ()
    project.server.next(says(words))
    project.run("--llm-replay", f"--llm-model={model}", *where).assert_outcomes(passed=1)


def test_a_stream_left_early_differs_where_it_was_read(project: Project) -> None:
    """Another beginning is a divergence like any other."""
    project.tests(LEFT_AT_THE_FIRST_WORDS)
    project.server.next(says("one two three four five six", delay=0.02), says("seven eight"))
    project.record().assert_outcomes(passed=1)
    result = project.run("--llm-replay", f"--llm-base-url={project.server.openai}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["text: says 'sev', recorded 'one'*"])


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_is_not_the_gzip_it_says_it_is(project: Project, *, stream: bool) -> None:
    """No client could read it, and it plays to an error of the connection as well."""
    project.tests(
        CLIENT
        + f"""
    import httpx2

    @pytest.mark.llm_cassette
    def test_it():
        with pytest.raises((openai.APIConnectionError, httpx2.RequestError)):
            list(client().chat.completions.create(
                model="m", messages=[{{"role": "user", "content": "x"}}], stream={stream}
            ))
    """
    )
    kind = "text/event-stream" if stream else "application/json"
    project.server.next(raw(b"no gzip", content_type=kind, content_encoding="gzip"))
    _, text = recorded_then_played(project)
    assert "ended: cut" in text
    assert "no gzip" not in text


def test_a_stream_that_is_cut(project: Project) -> None:
    """The client gets the same pieces and then its own error."""
    project.tests(
        CLIENT
        + """
    @pytest.mark.llm_cassette
    def test_it():
        pieces = []
        try:
            for chunk in ask():
                pieces.append(chunk.choices[0].delta.content)
        except Exception as error:
            print("SAID", pieces, type(error).__name__)
        else:
            raise AssertionError("no error")
    """
    )
    project.server.next(cuts())
    said, text = recorded_then_played(project)
    assert "Error" in said
    assert "ended: cut" in text


def test_a_stream_that_times_out(project: Project) -> None:
    """A read timeout is the end of the recording and of the playback."""
    project.tests(
        CLIENT
        + """
    @pytest.mark.llm_cassette
    def test_it():
        try:
            client(timeout=0.3).chat.completions.create(model="m", messages=[])
        except openai.APITimeoutError as error:
            print("SAID", type(error).__name__)
        else:
            raise AssertionError("no error")
    """
    )
    project.server.next(hangs)
    _, text = recorded_then_played(project)
    assert "timeout" in text


def test_a_stream_that_is_cancelled(project: Project) -> None:
    """A task that is cancelled in the middle of a stream."""
    project.tests(
        """
    async def read(pieces):
        async with openai.AsyncOpenAI(
            api_key="sk-test", base_url=os.environ["CHAT_URL"]
        ) as client:
            stream = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "x"}], stream=True
            )
            async for chunk in stream:
                pieces.append(chunk.choices[0].delta.content)
                if len(pieces) == 3:
                    await asyncio.sleep(30)

    async def main():
        pieces = []
        task = asyncio.create_task(read(pieces))
        while len(pieces) < 3:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return pieces

    @pytest.mark.llm_cassette
    def test_it():
        print("SAID", asyncio.run(main()))
    """
    )
    project.server.next(says("one two three four five six", delay=0.02))
    _, text = recorded_then_played(project)
    assert "ended: cancelled" in text or "ended: left" in text


@pytest.mark.parametrize("streams", [True, False])
def test_compressed_answers(project: Project, streams: bool) -> None:
    """The cassette shows the words, and the client gets them."""
    call = "''.join(stream('x'))" if streams else "chat('x')"
    project.tests(f"@pytest.mark.llm_cassette\ndef test_it():\n    print('SAID', {call})\n")
    project.server.next(says("Hello there.", compressed=True))
    said, text = recorded_then_played(project)
    assert "Hello there." in said
    assert "Hello there." in text
    assert "gzip" not in text


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_final_errors(project: Project, status: int) -> None:
    """The class of the error and its body are the same in playback, at once."""
    project.tests(
        """
    @pytest.mark.llm_cassette
    def test_it():
        with pytest.raises(openai.APIStatusError) as caught:
            chat("x")
        print("SAID", type(caught.value).__name__, caught.value.body)
    """
    )
    project.server.next(*[fails(status, retry_after=0.01)] * 3)
    said, text = recorded_then_played(project)
    assert "imitated failure" in said
    assert 1 == text.count("\nevent:")


def test_a_refused_connection(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """That nobody listened is recorded and played."""
    monkeypatch.setenv("CHAT_URL", "http://127.0.0.1:9/v1")
    project.tests(
        """
    @pytest.mark.llm_cassette
    def test_it():
        with pytest.raises(openai.APIConnectionError) as caught:
            chat("x")
        print("SAID", type(caught.value).__name__, type(caught.value.__cause__).__name__)
    """
    )
    said, text = recorded_then_played(project)
    assert "ConnectError" in said
    assert 1 == text.count("\nevent:")


def test_a_reset_that_the_sdk_retried(project: Project) -> None:
    """Only the attempt that was answered is an event."""
    project.tests("@pytest.mark.llm_cassette\ndef test_it():\n    print('SAID', chat('x'))\n")
    project.server.next(resets, says("Hello."))
    _, text = recorded_then_played(project)
    assert 1 == text.count("\nevent:")
    assert "attempts: [{" in text


@pytest.mark.parametrize("behaviour", [cuts(), stalls])
def test_an_answer_that_broke_off_each_time_the_sdk_asked(
    project: Project, behaviour: Behaviour
) -> None:
    """Its last attempt is the event, and the SDK may try as often as it did."""
    project.tests(
        """
    @pytest.mark.llm_cassette
    def test_it():
        client = openai.OpenAI(
            api_key="sk-test", base_url=os.environ["CHAT_URL"], timeout=0.3, max_retries=1
        )
        with pytest.raises(openai.APIConnectionError) as caught:
            client.chat.completions.create(model="m", messages=[])
        print("SAID", type(caught.value).__name__, type(caught.value.__cause__).__name__)
    """
    )
    project.server.next(behaviour, behaviour)
    _, text = recorded_then_played(project)
    assert 1 == text.count("\nevent:")


def test_a_multipart_upload(project: Project) -> None:
    """The random boundary does not count in a match."""
    project.write("pytest.ini", "[pytest]\nllm_hosts = 127.0.0.1\n")
    project.tests(
        """
    import io

    @pytest.mark.llm_cassette
    def test_it():
        client = openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"])
        audio = io.BytesIO(bytes(range(256)))
        audio.name = "speech.wav"
        print("SAID", client.audio.transcriptions.create(model="whisper-1", file=audio).text)
    """
    )
    project.server.next(raw(b'{"text": "Hello."}'))
    said, _ = recorded_then_played(project)
    assert "Hello." in said


def test_an_answer_that_is_no_json(project: Project) -> None:
    """A proxy's page of HTML comes back as it was."""
    project.tests(
        """
    @pytest.mark.llm_cassette
    def test_it():
        with pytest.raises(openai.APIStatusError) as caught:
            chat("x")
        print("SAID", repr(caught.value.response.text))
    """
    )
    page = b"<html>\r\n<b>Bad</b>\tgateway</html>"
    project.server.next(*[raw(page, status=400, content_type="text/html")] * 3)
    said, _ = recorded_then_played(project)
    assert "gateway" in said

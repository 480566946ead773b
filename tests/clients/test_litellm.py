"""litellm, whose asynchronous calls go over aiohttp: one call is one event, and plays back."""

from __future__ import annotations

import os
from typing import Any

import pytest
from clients.client_project import NO_KEY, TEXT, Call, ClientProject, arefused, refused

# No list of prices from elsewhere, also where its modules come again as the process ends.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

ECHO = f"Echo: {TEXT}"
GPT, CLAUDE = "openai/gpt-5-mini", "anthropic/claude-sonnet-4-6"


def asked(model: str) -> dict[str, Any]:
    """A call of a model of either provider."""
    address = "MESSAGES_URL" if model.startswith("anthropic/") else "CHAT_URL"
    return {
        "model": model,
        "api_base": os.environ[address],
        "api_key": "sk-test-0123456789abcdef0123",
        "messages": [{"role": "user", "content": TEXT}],
        "num_retries": 0,
    }


def text(chunk: Any) -> str:
    """What a piece of a stream says."""
    return chunk.choices[0].delta.content or ""


def plain(model: str) -> Any:
    """An ordinary answer."""
    import litellm  # noqa: PLC0415  # may be missing

    return litellm.completion(**asked(model)).choices[0].message.content


def stream() -> Any:
    """The words of a stream."""
    import litellm  # noqa: PLC0415  # may be missing

    return "".join(map(text, litellm.completion(**asked(GPT), stream=True)))


async def aplain(model: str) -> Any:
    """An ordinary answer, asynchronously."""
    import litellm  # noqa: PLC0415  # may be missing

    return (await litellm.acompletion(**asked(model))).choices[0].message.content


async def astream() -> Any:
    """The words of a stream, asynchronously."""
    import litellm  # noqa: PLC0415  # may be missing

    chunks = await litellm.acompletion(**asked(GPT), stream=True)
    return "".join([text(chunk) async for chunk in chunks])


DENIED = ["AuthenticationError", 401]
CALLS = {
    "plain": Call(make=lambda: plain(GPT), says=ECHO),
    "stream": Call(make=stream, says=ECHO),
    "claude": Call(make=lambda: plain(CLAUDE), says=ECHO),
    "401": Call(make=lambda: refused(lambda: plain(GPT)), says=DENIED, answers=(NO_KEY,)),
    "async": Call(make=lambda: aplain(GPT), says=ECHO),
    "async-stream": Call(make=astream, says=ECHO),
    "async-claude": Call(make=lambda: aplain(CLAUDE), says=ECHO),
    "async-401": Call(make=lambda: arefused(aplain(CLAUDE)), says=DENIED, answers=(NO_KEY,)),
}


# It leaves its connections to the garbage collector, and its modules warn when they are imported.
@pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_litellm(client_project: ClientProject) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    pytest.importorskip("litellm")
    client_project.prove(__name__, "CALLS", CALLS, client="litellm", left_open=True)

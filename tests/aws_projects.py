"""Projects of users who ask Bedrock, by botocore or one of the libraries upon it."""

from __future__ import annotations

import pytest
from projects import Project
from servers.bedrock import bedrock
from servers.provider_server import ProviderServer

__all__ = ["CALLS", "SECRET", "SIGNATURE", "BedrockProject", "aws"]

KEY_ID = "AKIA2OGYBAH6STPLUVXQ"
SECRET = "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"
SIGNATURE = ("AWS4-HMAC-SHA256", "Signature=", "x-amz-date", "X-Amz-Date", KEY_ID, SECRET)
"""What no file may hold."""

CALLS = """
MODEL = "us.anthropic.claude-sonnet-4-20250514-v1:0"
ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456"
MESSAGES = [{"role": "user", "content": [{"text": "What about jobs?"}]}]
CLAUDE = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "What about jobs?"}],
    }
)

def texts(events):
    return [
        event["contentBlockDelta"]["delta"]["text"]
        for event in events
        if "contentBlockDelta" in event
    ]

def inner(events):
    return [json.loads(event["chunk"]["bytes"]) for event in events]
"""


class BedrockProject(Project):
    """A project whose application talks to a loopback Bedrock."""

    def __init__(
        self, pytester: pytest.Pytester, server: ProviderServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(pytester, server)
        monkeypatch.setenv("BEDROCK_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def asks(self, test: str, client: str) -> None:
        """Write the application, and a test that prints what it was answered."""
        self.write("app.py", f"import json, os\n{client}\n{CALLS}")
        self.tests(test)

    def recorded_then_played(self, calls: int = 4) -> str:
        """Record the calls of a test, play them without a server; the cassette's text."""
        self.server.next(*[bedrock] * calls)
        live = self.record("-s", "-vv")
        live.assert_outcomes(passed=1)
        assert calls == len(self.server.seen)
        assert all("authorization" in seen.headers for seen in self.server.seen)
        self.server.stop()
        played = self.run("-s", "-vv")
        played.assert_outcomes(passed=1)
        said = [line for line in live.outlines if "SAID" in line]
        assert calls == len(said)
        assert said == [line for line in played.outlines if "SAID" in line]
        return self.cassette().read_text()


@pytest.fixture
def aws(
    pytester: pytest.Pytester, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> BedrockProject:
    """A project whose application talks to a loopback Bedrock."""
    monkeypatch.setenv("COLUMNS", "100")
    return BedrockProject(pytester, provider_server, monkeypatch)

"""Real model servers for tests: tiny random models, llama.cpp, no download."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Self

from servers.llama_model import write_model

__all__ = ["LlamaServer", "LlamaServers"]

PROCESS = Path(__file__).with_name("llama_process.py")


class LlamaServer:
    """One model, served by one process on a port that the system chose.

    Args:
        model: The GGUF file; its stem is the model's name.
        key: The API key without which calls get a 401; every call is served where there is none.
    """

    def __init__(self, model: Path, *, key: str | None = None) -> None:
        self._model, self._keys = model, [] if key is None else [key]
        self.name = model.stem

    @property
    def openai(self) -> str:
        """Base URL for OpenAI's SDK."""
        return f"{self.url}/v1"

    @property
    def anthropic(self) -> str:
        """Base URL for Anthropic's SDK."""
        return self.url

    @property
    def tokens_read(self) -> int:
        """Prompt tokens so far: it stands still as long as nobody asks the model."""
        metrics = urllib.request.Request(f"{self.url}/metrics")
        for key in self._keys:
            metrics.add_header("authorization", f"Bearer {key}")
        with urllib.request.urlopen(metrics, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        (line,) = (line for line in lines if line.startswith("llamacpp:prompt_tokens_total "))
        return int(float(line.split()[1]))

    def __enter__(self) -> Self:
        command = [sys.executable, str(PROCESS), str(self._model), self.name, *self._keys]
        log = self._model.with_suffix(".log").open("wb")
        with log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.url = self._address()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _address(self) -> str:
        assert self._process.stdout is not None
        address = self._process.stdout.readline().strip()
        if not address:
            self.__exit__()
            log = self._model.with_suffix(".log").read_text(errors="replace")
            raise RuntimeError(f"llama.cpp did not start:\n{log[-2000:]}")
        with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
            assert answer.status == 200, answer.read()
        return address


class LlamaServers:
    """The model servers of a test session, each started when it is first asked for.

    Args:
        folder: Where models and logs are written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, LlamaServer] = {}

    def __call__(self, name: str = "tiny") -> LlamaServer:
        """The server of a model of `llama_model.MODELS`."""
        if name not in self._running:
            path = self._folder / f"{name}.gguf"
            write_model(path, name)
            self._running[name] = LlamaServer(path).__enter__()
        return self._running[name]

    def stop(self) -> None:
        """End all processes."""
        while self._running:
            self._running.popitem()[1].__exit__()

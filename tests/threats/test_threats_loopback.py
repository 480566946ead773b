"""E6, T17: a simulated model answers those who were told its address, and nobody else.

The matrix of host, origin, content type, secret and method is in
`tests/replay/simulated/test_simulated_gate.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pytest_llmreplay.replay.simulated import Line, Script, SimulatedServer, When

STRANGER = """
import encodings.idna, http.client, json, os, sys

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
host, port, owner = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
found = []
for path in ("/", "/v1/models", "/v1/chat/completions", "//v1/models", "/../v1/models"):
    asking = http.client.HTTPConnection(host, port, timeout=5)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    method = "GET" if "models" in path else "POST"
    asking.request(method, path, None if method == "GET" else body,
                   {"content-type": "application/json"})
    answer = asking.getresponse()
    found.append([answer.status, "answer" in answer.read().decode().lower().split("secret")[0]])
places = []
for name in ("environ", "maps", "mem", "fd"):
    try:
        path = f"/proc/{owner}/{name}"
        places.append(os.listdir(path) if name == "fd" else open(path, "rb").read(1))
    except OSError:
        pass
command = open(f"/proc/{owner}/cmdline").read()
print(json.dumps({"uid": os.getuid(), "found": found, "open": len(places), "command": command}))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs a second user")
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_another_user_of_the_machine() -> None:
    """He finds the port; the secret is in no place that he can read, and without it he gets 403."""
    script = Script([Line(When(), "The answer.")])
    with SimulatedServer("steady", script=script) as server:
        host, port = server.url.removeprefix("http://").partition("/")[0].split(":")
        secret = server.url.rpartition("/")[2]
        done = subprocess.run(
            [sys.executable, "-I", "-c", STRANGER, host, port, str(os.getpid())],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
    assert 0 == done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert 65534 == told["uid"]
    assert [[403, False]] * 5 == told["found"]
    assert 0 == told["open"]
    assert secret not in told["command"]
    assert len(secret) > 20

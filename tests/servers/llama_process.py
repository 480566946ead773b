"""llama.cpp's own HTTP server in a process: `python llama_process.py MODEL.gguf NAME [KEY]`.

Prints its address when it listens, and ends when its standard input does, so that it never
outlives the tests.
"""

from __future__ import annotations

import sys

import xllamacpp


def main() -> None:
    """Serve until nobody holds the other end of standard input."""
    path, name, *keys = sys.argv[1:]
    wanted = xllamacpp.CommonParams()
    wanted.model.path = path
    wanted.model_alias = {name}
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = 0
    wanted.api_keys = keys
    wanted.n_ctx = 2 * 8192
    wanted.n_parallel = 2
    wanted.n_predict = 40
    wanted.n_gpu_layers = 0
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
    wanted.sampling.temp = 0.0
    wanted.sampling.seed = 7
    wanted.cache_prompt = False  # with the cache an equal prompt may have another answer
    wanted.use_jinja = True
    wanted.endpoint_metrics = True
    wanted.warmup = False
    wanted.ui = False
    server = xllamacpp.Server(wanted)
    print(server.listening_address, flush=True)  # noqa: T201  # how the parent learns it
    sys.stdin.read()


if __name__ == "__main__":
    main()

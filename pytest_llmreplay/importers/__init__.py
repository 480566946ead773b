"""Other people's logs → cassettes, one source per file.

Finding calls
    `source` says what an importer is and what it finds, `registry` names those there are: `har`,
    `helicone`, `jsonl`, `langfuse`, `langsmith`, `leanllm`, `mlflow`, `openai_batch`,
    `openai_finetune`, `openllm_monitor`, `opik`, `otel`, `pytest_recording`, `vcrpy` (with
    `interaction`, one call as vcrpy and its likes keep it); `own` is one of a user. A source never
    loads a whole log of lines; it redacts nothing, sorts nothing and writes nothing.

What sources share
    `reading` opens files within bounds, `bounded_json` reads JSON within some, `bodies` makes
    bodies of bytes, `calls` tells whose call an exchange is, in which format, and when (`moments`);
    `shown` and `addresses` where it went, for logs that do not say. `fetching` gets what a log
    points at.

Logs that tell calls in words of their own
    `records` finds what tells one call each, `logs` is a source of such; `neutral` puts a call
    into the wire format of its provider.

Writing them down
    `run` leads it all: calls of a session wait in `spool`, as `spooled` writes them, until all
    have come; `clean` redacts them, `events` makes events of them; `naming` finds the place of a
    cassette, `cassettes` writes it, and `tally` counts.
"""

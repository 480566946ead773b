"""Other people's logs → cassettes, one source per file.

Finding calls
    `source` says what an importer is and what it finds, `registry` names those there are, and whose
    log a file is likely to be: `har`, `helicone`, `jsonl`, `langfuse`, `langsmith`, `leanllm`,
    `mlflow`, `openai_batch`, `openai_finetune`, `openllm_monitor`, `opik`, `otel`,
    `pytest_recording`, `vcrpy` (with `interaction`, one call as vcrpy and its likes keep it),
    `weave`; `own` is one of a user. A source never loads a whole log of lines; it redacts nothing,
    sorts nothing and writes nothing.

What sources share
    `reading` opens files and reads what stands in them within bounds, `calls` tells whose call an
    exchange is, in which format, and when; `shown` where it went, for logs that do not say.

Logs that tell calls in words of their own
    `records` finds what tells one call each; `neutral` puts a call into the wire format of its
    provider.

Writing them down
    `run` leads it all, `writing` makes cassettes of calls as their sessions are complete.
"""

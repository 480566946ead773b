"""Other people's logs → cassettes, one source per file.

Finding calls
    `source` says what an importer is and what it finds, `registry` names those there are: `har`,
    `jsonl`, `openai_batch`, `openai_finetune`, `pytest_recording`, `vcrpy`. A source never loads a
    whole log of lines; it redacts nothing, sorts nothing and writes nothing.

What sources share
    `reading` opens files within bounds, `bodies` makes bodies of bytes, `calls` tells whose call
    an exchange is, in which format, and where it went.

Writing them down
    `run` leads it all: calls of a session wait in `spool`, as `spooled` writes them, until all
    have come; `events` redacts them; `naming` finds the place of a cassette, `cassettes` writes
    it, and `tally` counts.
"""

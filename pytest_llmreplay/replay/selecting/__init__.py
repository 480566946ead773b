"""Which events are meant: by prompt, session, path, model, provider, format and labels.

`selector` says what to match and why nothing did, `filters` reads `--llm-filter`.
"""

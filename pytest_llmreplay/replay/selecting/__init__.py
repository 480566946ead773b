"""Which events are meant: by prompt, session, path, model, provider, format and labels.

`selector` says what to match, `filters` reads `--llm-filter`, `seen_values` tells why nothing did.
"""

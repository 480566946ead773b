"""Event against event: what a replayed answer is judged by.

`check` is the Protocol, `checks/` holds one rule per file, `spec` reads how people write them,
`layers` says which are in force and who asked for them, `judging` asks them, `outcome` is the one
word for all that was found. `prices` knows what a call costs, `local_tokens` how many tokens it is
where nobody reports them; `schemas` judges values by JSON Schema. deepdiff is loaded when items of
a list have moved, jsonschema when there is a schema, genai-prices when the first cost is asked for.
"""

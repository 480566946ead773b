"""Event against event: what a replayed answer is judged by.

`check` is the Protocol, `checks/` holds one rule per file, `spec` reads how people write them,
`layers` says which are in force and who asked for them, `outcome` is the one word for all that
was found. `prices` knows what a call costs. deepdiff, jsonschema and
genai-prices are loaded when items of a list have moved, when there is a schema, and when the
first cost is asked for.
"""

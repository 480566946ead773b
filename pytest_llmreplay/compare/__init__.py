"""Event against event: what a replayed answer is judged by.

* `check` is the Protocol, `checks` holds one rule per file; they look at `answers` and `figures`,
  and judge values by JSON Schema with `schemas`.
* `specs` reads how people write them, of the parts in `syntax`, and says which are in force.
* `judging` asks them. `outcome` is the one word for all that was found, `ladder` how grave it is,
  `judged` what a judge said.
* `statistics` decides over a run.
* `code_digest` sees that a user's function changed; `project_file` is a file that a check names.

deepdiff is loaded when items of a list have moved, jsonschema when there is a schema, genai-prices
when the first cost is asked for.
"""

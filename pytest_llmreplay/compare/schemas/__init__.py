"""JSON Schemas of tools and of structured answers.

`validity` judges values by the jsonschema library, and does without it where a value is `certain`
to be valid; `places` finds the parts of a schema, `patterns` its regular expressions, which anybody
may have written, and `words` says what is wrong.
"""

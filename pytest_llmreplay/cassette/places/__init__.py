"""Where cassettes are, and what else lies in a project.

`naming` is the place of a test's cassette, `roots` finds cassettes below a place. `twins` are files
that differ by case alone, `gone_tests` those whose test has left. `own_directory` is `.llmreplay`,
`locks` lets one process write at a time.
"""

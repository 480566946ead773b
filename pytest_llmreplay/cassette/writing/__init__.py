"""A cassette's new text, compared with what was meant, and the file replaced whole.

`draft` puts the text together, `rewrite` does so for events and redacts them, `readback` compares,
`writer` replaces the file and `side_writer` those beside it.
"""

"""Media and vectors that stand in files beside a cassette.

`files` reads them, `extractor` takes them out of a body, `media_kinds` knows what they are.
"""

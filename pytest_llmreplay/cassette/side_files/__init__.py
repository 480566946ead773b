"""Media and vectors that stand in files beside a cassette.

`files` reads them, `told` tells a body by them, `media_kinds` knows what they are.
"""

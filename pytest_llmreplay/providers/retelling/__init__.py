"""An answer told in another format than the one it came in.

`answer` is what can be told of a whole one, `stream` tells one while it comes; `streamed_words` are
its words, as far as they have come.
"""

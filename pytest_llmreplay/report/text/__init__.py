"""Text on its way to a reader.

`sanitise` makes text from outside safe to show. `layout` knows how wide text is and puts it in
columns, `diff` shows the smallest useful difference.
"""

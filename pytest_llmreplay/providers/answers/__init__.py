"""What is the same in the answers of all API formats.

`reading` makes a neutral answer of an exchange; `envelope` is what stands around its words: an id,
why it ended, counts of tokens. `citations` are the pages that it names.
"""

"""What is the same in the answers of all API formats.

`reading` makes a neutral answer of an exchange; `counts` are those of tokens, `endings` why it
ended, `citations` the pages that it names. `ids` makes an id for an answer that has none.
"""

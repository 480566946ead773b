"""Recorded events that are not sent, and why.

`unsendable` has the reasons; `hosted` finds bodies that act with the account they are sent to,
`wordless` calls that ask for no answer in words.
"""

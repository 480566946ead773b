"""Judges of users: any `function` of a question and an answer makes an `own_judge`.

`workers` are the threads that call it.
"""

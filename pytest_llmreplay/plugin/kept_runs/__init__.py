"""The file of a replay's run, from which a later one resumes or is judged again.

`keeping` opens and closes it, `selection` says what the run asks for, `earlier_runs` are those
whose answers it takes over, `rejudged` is one that is judged anew, `notices` what is said of them.
"""

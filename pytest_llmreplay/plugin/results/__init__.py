"""What came of the items: judged once, counted, told, and what to do next.

`judgements` judges, `tallies` counts, `telling` hands results to the report stage,
`replay_commands` and `stored_commands` are the commands to go on with, `accepting` brings answers
into cassettes.
"""

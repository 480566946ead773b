"""What came of the items: judged once, counted, told, and what to do next.

`judgements` judges, `tallies` counts, `telling` hands results to the report stage,
`next_commands` are those to go on with, `accepting` brings answers into cassettes.
"""

"""What pytest collects in a replay: cassettes as files, their events as items.

`arguments` turns paths of the command line into cassettes, `collection` has the files and items,
`shelf` keeps a few cassettes open, `sampled` holds the samples of an item. Behind the events stand
`scope_items` (sessions and the run) and `verdict_items`. `own_words_item` fails without a
traceback.
"""

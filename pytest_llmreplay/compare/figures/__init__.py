"""What calls took: tokens, seconds, dollars.

`call_figures` of calls and `measured` of a pair. `prices` is what a call costs (`own_price` what
a person wrote down), `tokens` how many tokens a text is and `local_tokens` those of a call where
nobody reports them. `numbers` writes figures for people.
"""

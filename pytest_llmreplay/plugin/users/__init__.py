"""What users add by hooks: checks, importers, kinds of personal data, variants, clients, tools.

`given_functions` reads functions that a hook names, for the hooks that need no more as well; each
other module is one hook.
"""

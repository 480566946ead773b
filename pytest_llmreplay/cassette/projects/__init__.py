"""What each project says of its cassettes, whichever directory pytest is started in.

`projects` are those of a run, `settings` what one of them says: in its own `ini_file`, read as
pytest reads it, and in the nearest `config_file`.
"""

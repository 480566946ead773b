"""What a command knows of the project around its paths: ini keys, and what `conftest.py` adds."""

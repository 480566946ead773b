"""Stored runs as commands look at them: where they are, and what their answers come to."""

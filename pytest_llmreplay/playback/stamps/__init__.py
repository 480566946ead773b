"""What is said of a call by those who make it: its prompt's name, its session, its labels."""

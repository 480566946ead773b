"""What the user asked for, by options and ini keys: read once, refused where it makes no sense."""

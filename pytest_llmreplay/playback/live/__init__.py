"""From the bytes of a live call to a line of the partial file, and from there to its event."""

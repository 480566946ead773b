"""From a call to its match key, to the recorded event with that key, to the answer played."""

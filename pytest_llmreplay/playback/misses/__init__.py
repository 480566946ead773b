"""Why a call was not found in its cassette, as data: what is nearest, and what differs."""

"""Helicone: `source` reads its records, `bodies` finds what was sent and what came."""

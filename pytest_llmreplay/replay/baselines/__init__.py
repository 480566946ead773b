"""What answers are compared with, and where accepted ones are stored.

`baseline` is the accepted answer of an event, `accept` stores it; `replacing` says whether one may
take the place of a recording. `identities` know events from run to run, `calibration` keeps how
often the recorded model's own answers hold.
"""

"""Streams as lines that a reviewer can read, and from which every byte comes back.

`block` writes and reads the lines, `template` tells the texts of pieces that are else alike,
`framing` is what stands around the payload of a piece, `aws_lines` are frames of AWS.
`kept_stream` keeps the lines of a stream that says the same again.
"""

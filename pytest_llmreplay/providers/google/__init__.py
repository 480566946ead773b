"""What Google's two formats share: the spelling of `keys`, and `files` that an account keeps."""

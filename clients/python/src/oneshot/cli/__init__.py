"""The command `oneshot`: runs a file as `python3 FILE` would."""

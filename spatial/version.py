"""The version of the program, told by `/health` and `--version`."""

VERSION = "0.1.0"

"""Commands of the command line, a module per subject. Thin, as `cli.py`, which they are part of."""

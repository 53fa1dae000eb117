"""The one kind of error that a user is meant to read: what was expected, what was found, where, and what to do."""


class CasualtyError(Exception):
    """Wrong use or unreadable input. The command line prints the message and exits with 2; it never shows a traceback."""

"""The one kind of error that a user is meant to read: what was expected, what was found, where, and what to do."""


class CasualtyError(Exception):
    """Wrong use or unreadable input. The command line prints the message and exits with 2; it never shows a traceback.

    The message may name files, rows and values, so it is for the operator alone: Dagster gets a reference to it.
    """


class OperationalError(CasualtyError):
    """An error whose message holds nothing of what captures say: months, processes, settings, folders of the home.

    Dagster may show it as it stands. What quotes a value, a file's name or another library's message isn't one.
    """

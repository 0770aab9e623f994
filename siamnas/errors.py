"""The one exception a user sees for bad input."""


class InputError(ValueError):
    """Bad input: the message names the key or file, the value and what is allowed.

    `siamnas.run` prints the message without a traceback and exits with status 2.
    """

"""What a user sees, in one sentence: bad input, and work of which a part has failed."""

LONGEST = 250  # characters of what others have written or said


class InputError(ValueError):
    """Bad input: the message names the key or file, the value and what is allowed.

    `siamnas.run` prints the message without a traceback and exits with status 2.
    """


class PartlyFailed(Exception):
    """A part of the work has failed, the rest is done: said without a traceback, and with status 1."""


def reason(error: BaseException) -> str:
    """What an error of another library says, in one line that is short enough to be read."""
    try:
        return shown(" ".join(str(error).split())) or type(error).__name__
    except Exception:  # it can't be said
        return type(error).__name__


def literal(given: object) -> str:
    """A value of anybody for a message, as Python writes it; there are some that can't be written."""
    try:
        return shown(repr(given))
    except Exception:
        return f"a value of type {type(given).__name__}"


def shown(text: str, longest: int = LONGEST) -> str:
    """A text for a message, cut off where it is too long to be read."""
    return text if len(text) <= longest else f"{text[:longest]}..."

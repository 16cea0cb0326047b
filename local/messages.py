"""What an error says to the user, in one line."""

import errno

# What the system may refuse -> what to do.
REMEDIES = {
    errno.EACCES: "get the right to, or give another path",
    errno.ENOSPC: "make room, or give another folder",
}


def plain_message(error):
    """Return what an error says; of one in a loader process, without its traceback.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    message : str
        In one line; of what the system refuses, with the path first and what to do.

    Examples
    --------
    >>> lines = ["Caught ValueError in process 0.", "Traceback ...", "ValueError: no"]
    >>> plain_message(ValueError(chr(10).join(lines)))
    'no'
    >>> plain_message(OSError(errno.ENOTDIR, "Not a directory", "a.txt/b"))
    'a.txt/b: not a directory; give another path'
    """
    if isinstance(error, OSError) and error.filename:  # the system's words
        remedy = REMEDIES.get(error.errno, "give another path")
        return f"{error.filename}: {error.strerror.lower()}; {remedy}"
    message = str(error).rstrip()
    if message.startswith(f"Caught {type(error).__name__} in "):  # torch's DataLoader
        message = message.splitlines()[-1].removeprefix(f"{type(error).__name__}: ")
    return message

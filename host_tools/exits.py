"""What the exit code of every `kerb` command means. Scripts may rely on these numbers."""

OK = 0
FAILED = 1  # the work was tried and did not succeed; the reason is on stderr
USAGE = 2  # the command line was wrong (argparse's own code)
NO_DEVICE = 3  # no board answered on the port
BUSY = 4  # the port or the board is in use by someone else
NOT_VERIFIED = 5  # written, but what was read back differs
PARTIAL = 6  # some of several pieces of work failed
MISSING = 7  # it could not be tried: this machine lacks something, or cannot fetch it
INTERRUPTED = 130  # Ctrl-C or a polite kill; everything was cleaned up

MEANING = {
    OK: "ok",
    FAILED: "failed",
    USAGE: "wrong usage",
    NO_DEVICE: "no device",
    BUSY: "device busy",
    NOT_VERIFIED: "verification failed",
    PARTIAL: "partly done",
    MISSING: "missing on this machine",
    INTERRUPTED: "interrupted",
}


def as_text():
    """Give the codes as one line for a help text."""
    return ", ".join("{} {}".format(code, text) for code, text in MEANING.items())


class Failure(Exception):
    """Work that ended for a reason the user can act on.

    `next_step` says what to do about it; `code` is one of the numbers above.
    """

    def __init__(self, reason, next_step="", code=FAILED):
        super().__init__(reason)
        self.reason = reason
        self.next_step = next_step
        self.code = code

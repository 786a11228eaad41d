"""What the process of a virtual board runs: boot.py and main.py, unchanged, in real time.

Usage: micropython start.py (or python3 start.py), in the folder that is the board's flash. boot.py
and main.py come from there, else from firmware/. Environment and exit codes are in README.md.
"""

import gc
import os
import sys

HERE = sys.argv[0].rpartition("/")[0] or "."
ROOT = HERE + "/../.."
EXITS = {"hard": 44, "soft": 45, "deep_sleep": 46}
EXIT_GONE = 43
EXIT_RAISED = 1
EXIT_CTRL_C = 130
ON_CPYTHON = sys.implementation.name == "cpython"


def search_path(lib):
    """Where a board finds modules: its flash, then what the checkout has in place of it."""
    own = ["", "lib", ROOT + "/firmware", HERE, lib]
    if ON_CPYTHON:
        import os.path

        own = [os.path.abspath(folder) for folder in own]
        return own + [folder for folder in sys.path if folder not in own]
    return own + [".frozen"]


def leave(code):
    """Ends the process as a chip stops: no `finally` runs where that can be had."""
    if ON_CPYTHON:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run_file(name, scope):
    """Runs a script of the flash, or the firmware's, in the names that it shares with the REPL."""
    for folder in ("", ROOT + "/firmware/"):
        try:
            with open(folder + name) as file:
                source = file.read()
        except OSError:
            continue
        exec(compile(source, folder + name, "exec"), scope)
        return


def main():
    """Gives the exit code."""
    sys.path[:] = search_path(os.getenv("KERB_LIB") or ROOT + "/build/lib")
    if ON_CPYTHON:
        import cpython  # noqa: F401
        from sim.follow_cpython import follow
    else:
        # What a compilation leaves is collected before the next: the heap stays in few pieces.
        gc.threshold(4096)
        from sim.follow_micropython import follow
    from binascii import unhexlify

    from sim.chip import Chip, Gone, Reset
    from sim.clock import Clock

    here = Chip(
        Clock(),
        os.getenv("KERB_RESET_CAUSE") or "power_on",
        unhexlify(os.getenv("KERB_UNIQUE_ID") or "6b657262686f7374"),
    )
    wire = None
    try:
        address = os.getenv("KERB_WORLD")
        if address:
            # Without a world a board keeps the memory.
            import link

            wire = link.Link(here, address)
            wire.hello()
        if ON_CPYTHON:
            # asyncio would keep the exception of a reset in the task that it happened in.
            here.clock.on_death = lambda exc: leave(exit_code(exc, wire))
        follow(here.clock, wire)
        if not ON_CPYTHON:
            gc.collect()
            gc.threshold(-1)
        scope = {"__name__": "__main__"}
        run_file("boot.py", scope)
        run_file("main.py", scope)
    except (Reset, Gone) as exc:
        return exit_code(exc, wire)
    except KeyboardInterrupt:
        return EXIT_CTRL_C
    except SystemExit:
        return EXITS["soft"]
    except Exception as exc:
        sys.print_exception(exc)
        return EXIT_RAISED
    return 0


def exit_code(exc, wire):
    """The process's exit code for what ended the board's run; sends the last line before."""
    cause = getattr(exc, "cause", None)
    if cause is None:
        return EXIT_GONE
    if wire is not None:
        wire.drain()
    return EXITS[cause]


if __name__ == "__main__":
    leave(main())

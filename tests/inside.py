"""Runs the functions of one test file inside MicroPython: what runtimes.py starts and talks to.

    micropython inside.py TEST_FILE

Reads orders from stdin, one JSON object a line: {"name", "is_async", "folder"}. Answers each with
a line of \\x02 and {"failure": None or the traceback}; all other output is the test's.
"""

import gc
import io
import json
import os
import sys


def _load(path):
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder)
    try:
        return __import__(name[:-3])
    finally:
        sys.path.remove(folder)


def _run(module, order):
    world = sys.modules.get("world")
    if world is not None:
        world.clear()  # one that an earlier test made would leave virtual time on
    function = getattr(module, order["name"])
    if order["is_async"]:
        import vtime

        vtime.run(function())
    else:
        function()


def main(path):
    """Serve orders until stdin closes."""
    # This script's own folder, in which tests/host_tools would hide host_tools.
    sys.path.pop(0)
    module = None
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        order = json.loads(line)
        failure = None
        try:
            os.chdir(order["folder"])
            if module is None:
                module = _load(path)
            _run(module, order)
        except BaseException as error:
            text = io.StringIO()
            sys.print_exception(error, text)
            failure = text.getvalue()
        os.chdir("/")
        gc.collect()
        print("\x02" + json.dumps({"failure": failure}))


main(sys.argv[1])

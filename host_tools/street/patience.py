"""Ends of things that may not come: amqtt loses a cancellation now and then, and waits for ever.

(It reads with asyncio.wait_for, which before Python 3.12 swallows a cancellation that comes
together with the data; its `stop` then waits for a reader that was never told.)
"""

import asyncio

_ROUND_S = 0.2
_ROUNDS = 10


async def within(seconds, coroutine):
    """Run a coroutine for at most `seconds`, whatever it makes of being cancelled then.

    Tells whether it came to its end without an exception.
    """
    task = asyncio.ensure_future(coroutine)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
    return task.done() and not task.cancelled() and task.exception() is None


async def end_tasks_of(package):
    """Cancel every task whose code is in the folder of a package, until it is really gone."""
    for _ in range(_ROUNDS):
        left = {task for task in asyncio.all_tasks() if _is_of(package, task)}
        if not left:
            return
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_ROUND_S)


def _is_of(package, task):
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "/{}/".format(package) in code.co_filename

"""Tasks that a test has begun."""

import asyncio


async def ended(*tasks):
    """Ends them, one after the other; what else than that ended one of them is raised."""
    for task in tasks:
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass

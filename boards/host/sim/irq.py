"""Interrupts: hard ones at once with the heap locked, soft ones by the scheduler."""

import sys

if sys.implementation.name == "micropython":
    import micropython

    _lock_heap = micropython.heap_lock
    _unlock_heap = micropython.heap_unlock
else:

    def _lock_heap():
        pass

    _unlock_heap = _lock_heap


class Interrupts:
    """The interrupt controller of one board.

    lost: soft interrupts for which the scheduler had no room.
    """

    def __init__(self, clock):
        self._clock = clock
        self._waiting = []
        self.lost = 0

    def of_pin(self, state):
        """A pin's edge; while interrupts are off it is kept, one for each pin."""
        if not self._clock.irq_off:
            self.call(state.handler, state.obj, state.hard)
        elif not state.pending:
            state.pending = True
            self._waiting.append(state)

    def call(self, handler, arg, hard):
        """Calls handler(arg); on MicroPython, allocating in a hard one is a MemoryError."""
        if not hard:
            if not self._clock.defer(handler, arg):
                self.lost += 1
            return
        self._clock.hard_irqs += 1
        _lock_heap()
        try:
            handler(arg)
        finally:
            _unlock_heap()
            self._clock.hard_irqs -= 1

    def heap_on(self):
        """For a part used in a hard interrupt: the real one needs no heap, this one does."""
        depth, self._clock.hard_irqs = self._clock.hard_irqs, 0
        for _ in range(depth):
            _unlock_heap()
        return depth

    def heap_off(self, depth):
        """Locks the heap as deep again."""
        for _ in range(depth):
            _lock_heap()
        self._clock.hard_irqs = depth

    def on(self):
        """Interrupts are served again, the ones that came meanwhile first."""
        self._clock.irq_off = False
        waiting, self._waiting = self._waiting, []
        for state in waiting:
            state.pending = False
            if state.handler is not None:
                self.of_pin(state)
        self._clock.run_deferred()

    def forget(self):
        """The board is reset."""
        self._waiting = []

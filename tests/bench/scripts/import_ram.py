"""What a module with all it imports keeps of the heap: import_ram.py MODULE [ALREADY THERE]."""

import gc
import sys

for name in sys.argv[2:]:
    __import__(name)
gc.collect()
before = gc.mem_alloc()
__import__(sys.argv[1])
gc.collect()
print(gc.mem_alloc() - before)

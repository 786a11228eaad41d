# Nothing is started here: what a technician may have to stop starts in main.py.
import gc

# Collect early and often: large free blocks matter more than speed.
gc.threshold(8192)

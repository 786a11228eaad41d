"""The inner workings of the virtual board; tests and tools use world.py and vtime.py."""

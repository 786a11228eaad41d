"""Puts together under build/ what a fresh clone lacks: Python packages, MicroPython, umqtt.simple.

Each module is a command that the Makefile calls; none fetches anything that is already there.
"""

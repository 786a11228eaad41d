"""Firmware for the small computers at the kerb of a city street."""

VERSION = "0.1.0"

"""Every test session: the stand-ins for what CPython lacks, and firmware tests on all runtimes."""

import signal

import cpython  # noqa: F401  installs MicroPython's modules on CPython
import pytest
import runner


def pytest_addoption(parser):
    help_text = "firmware tests also on the emulated RP2040 (slow), and tests/emulated"
    parser.addoption("--emulated", action="store_true", help=help_text)


def pytest_configure(config):
    # Who is started in the background ignores Ctrl-C, and so would all that the tests start.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(runner.Firmware(config.rootpath / "tests" / "firmware"))


@pytest.fixture
def need():
    """need("mosquitto") gives a command's path; a missing one skips the test, in CI it fails."""
    return runner.need

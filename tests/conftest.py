"""Every test session: the stand-ins for what CPython lacks, and firmware tests on all runtimes."""

import cpython  # noqa: F401  installs MicroPython's modules on CPython
import pytest
import runner


def pytest_configure(config):
    config.pluginmanager.register(runner.Firmware(config.rootpath / "tests" / "firmware"))


@pytest.fixture
def need():
    """need("mosquitto") gives a command's path; a missing one skips the test, in CI it fails."""
    return runner.need

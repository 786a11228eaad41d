"""The network at the end of an emulated board's line, without a board."""

import subprocess
from pathlib import Path

import runner

from host_tools.setup import emulator as setup
from host_tools.setup.product import Unavailable


def test_the_far_end_speaks_ppp_tcp_and_mqtt_as_the_standards_say_and_loses_nothing():
    try:
        node = setup.node()
    except Unavailable as error:
        runner.absent(str(error))
    check = Path(__file__).with_name("net_check.mjs")
    done = subprocess.run([node, check], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "all well\n"

"""lora-packet for the tests of the LoRaWAN tools and frames."""

import pytest
import runner
from support.referee import Referee

from host_tools.setup import lora_packet
from host_tools.setup.product import Unavailable


@pytest.fixture(scope="session")
def lora_packet_home():
    """(node, folder) of lora-packet; where it is missing tests are skipped, in CI they fail."""
    try:
        return lora_packet.find()
    except Unavailable as why:
        return runner.absent(str(why))


@pytest.fixture(scope="session")
def referee(lora_packet_home):
    """lora-packet in a process of its own: a support.referee.Referee."""
    with Referee(*lora_packet_home) as asked:
        yield asked

"""npm's lora-packet, asked from a test: it makes, verifies and reads LoRaWAN 1.0 frames.

Bytes are those of the air; keys bytes(16). What it says of a frame is a dict of type (its name),
mic (whether the MIC is right) and the frame's fields, by the names of the make...() arguments.
"""

import json
import os
import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).parent / "lora_packet" / "referee.mjs"
UNCONFIRMED_UP, UNCONFIRMED_DOWN, CONFIRMED_UP, CONFIRMED_DOWN = range(2, 6)


class Referee:
    """with Referee(node, home) as referee: a node process that answers questions."""

    def __init__(self, node, home):
        self._process = subprocess.Popen(
            [node, str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "KERB_LORA_PACKET": str(home)},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def _ask(self, question, **words):
        words = {name: _as_hex(word) for name, word in words.items()}
        self._process.stdin.write(json.dumps({"ask": question, **words}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"lora-packet's process ended at {question}")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(f"lora-packet, {question} {words}: {answer['error']}")
        return {name: _of_hex(name, word) for name, word in answer.items()}

    def make_data(self, mtype, keys, dev_addr, fcnt, flags, fopts, port, payload):
        """A data frame; mtype: UNCONFIRMED_UP .. CONFIRMED_DOWN, port None: without one."""
        nwk, app = keys
        return self._ask(
            "makeData",
            mtype=mtype,
            nwk=nwk,
            app=app,
            dev_addr=dev_addr,
            fcnt=fcnt,
            flags=flags,
            fopts=fopts,
            port=port,
            payload=payload,
        )["phy"]

    def read_data(self, phy, keys, fcnt):
        """What a data frame says, its payload decrypted; fcnt: all 32 bits, as they should be."""
        return self._ask("readData", phy=phy, nwk=keys[0], app=keys[1], fcnt=fcnt)

    def make_join_request(self, app_key, join_eui, dev_eui, dev_nonce):
        """The 23 bytes of a join-request."""
        words = {"join_eui": join_eui, "dev_eui": dev_eui, "dev_nonce": dev_nonce}
        return self._ask("makeJoinRequest", app_key=app_key, **words)["phy"]

    def read_join_request(self, phy, app_key):
        """What a join-request says."""
        return self._ask("readJoinRequest", phy=phy, app_key=app_key)

    def make_join_accept(
        self, app_key, join_nonce, net_id, dev_addr, dl_settings, rx_delay, cf_list=b""
    ):
        """A join-accept as it is sent; dl_settings without OptNeg: that would be LoRaWAN 1.1."""
        return self._ask(
            "makeJoinAccept",
            app_key=app_key,
            join_nonce=join_nonce,
            net_id=net_id,
            dev_addr=dev_addr,
            dl_settings=dl_settings,
            rx_delay=rx_delay,
            cf_list=cf_list,
        )["phy"]

    def read_join_accept(self, phy, app_key, dev_nonce):
        """What a join-accept says, with the session's keys as nwk and app."""
        return self._ask("readJoinAccept", phy=phy, app_key=app_key, dev_nonce=dev_nonce)


def _as_hex(word):
    return word.hex() if isinstance(word, bytes | bytearray | memoryview) else word


def _of_hex(name, word):
    return bytes.fromhex(word) if isinstance(word, str) and name != "type" else word

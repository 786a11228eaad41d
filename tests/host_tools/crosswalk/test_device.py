"""`kerb crosswalk --port` with the real firmware on a virtual board, and a radar on its line."""

import json
import threading
import time

from support.flashing import all_contents

from host_tools import exits
from host_tools.street.crossing_sim import CrossingSim
from host_tools.vboard import image
from host_tools.vboard.running import Running

_RADAR_UART, _RADAR_BAUD = 1, 256000
_STEP_S = 0.05
_CONFIG = {
    "app": "crosswalk",
    "name": "crossing-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
}


def _feed(board, sim, over):
    """Let the radar talk at its own pace, whether somebody listens or not."""
    began_s = time.monotonic()
    while not over.wait(_STEP_S):
        data, _ = sim.run(round(1000 * (time.monotonic() - began_s)) - sim.now_ms)
        if data and board.pid:
            board.send_uart(_RADAR_UART, data, _RADAR_BAUD)


def test_the_whole_device_is_watched_at_work(tmp_path, micropython, watching, wait_for):
    sim = CrossingSim(11, None, kinds={}, weather="dry")
    config = _CONFIG | {"crosswalk": sim.site.config()}
    flash = tmp_path / "flash.img"
    image.make(flash, all_contents() | {"config.json": json.dumps(config).encode()})
    over = threading.Event()
    with Running(flash, tmp_path / "port", micropython) as board:
        feeding = threading.Thread(target=_feed, args=(board, sim, over), daemon=True)
        feeding.start()
        seen = watching("--port", board.port, "--for", "60s", "--json")
        documents, thoughts, lit = [], set(), False
        try:
            for line in seen.stdout:
                documents.append(json.loads(line))
                frame = documents[-1]
                if frame["kind"] != "frame":
                    continue
                if len(documents) % 40 == 10:
                    sim.add("cross")  # until somebody is seen to
                thoughts |= {track["thought"] for track in frame["tracks"]}
                lit |= frame["flashing_left_ms"] > 0 and frame["reason"] == "track"
                if lit and "approaching" in thoughts:
                    break
            seen.terminate()
            rest, error = seen.communicate(timeout=60)
        finally:
            seen.kill()
            over.set()
            feeding.join()
        said = [it.get("text") for it in documents[-30:]]
        assert lit, "\n".join([error, *map(str, said)])
        assert documents[0]["width_mm"] == sim.site.config()["width_mm"]
        assert seen.returncode == exits.INTERRUPTED, error
        summary = json.loads(rest.splitlines()[-1])
        assert summary["reasons"] == {"track": 1}
        assert summary["damaged"] == 0
        wait_for(lambda: board.cause == "hard")

"""Whole street lights, each a process."""

from brokers.boards import Board
from kerb.system.clock import Clock
from kerb.system.store import Store

LAMP, MOTION, SKY = 15, 18, 26
NIGHT = (9822, 14 * 3600)  # 2026-11-22, 23:00 in Busan


class _Rtc:
    def read(self):
        return None

    def write(self, day, second):
        pass


class Lamp(Board):
    """One lamp that knows the time and that it is night; nobody answers on its broker's port."""

    def __init__(self, argv, folder, config, secrets):
        self.permille = None
        super().__init__(argv, folder, config, secrets)
        self.tell(rtc=[NIGHT[0], NIGHT[1] + 60])
        self.tell(adc=SKY, mv=100)
        self.tell(network=True, ssid=config["uplink"]["wifi"]["ssid"], connect_ms=50)
        self.tell(go=True)

    def prepare(self, folder):
        Clock(_Rtc(), Store(str(folder / "data"))).set(*NIGHT, "network")

    def take(self, message):
        if message.get("pwm") == LAMP:
            self.permille = round(message["duty_u16"] * 1000 / 65535)

    def see(self, somebody):
        """What its motion sensor says."""
        self.tell(drive=MOTION, level=int(somebody))

    def wait_for(self, permille):
        """Until it burns at this level, within half a percent."""
        self.wait(
            lambda: self.permille is not None and abs(self.permille - permille) <= 5,
            f"not at {permille}",
        )

"""Captures of a simulated air, for Wireshark: pcap with LoRaTap headers (link type 270).

    with open("street.pcap", "wb") as file:
        Capture(file, air)  # from now on

The format: pcap as libpcap writes it, and LoRaTap version 0 (github.com/eriknl/LoRaTap): 15 bytes,
big-endian, with frequency, bandwidth, spreading factor, RSSI, SNR and sync word before each frame.
"""

import struct

LINK_TYPE = 270
_MAGIC = 0xA1B2C3D4
_SNAP = 65_535
_HEADER_BYTES = 15
_RSSI_ZERO_DBM = -139
_SYNC_WORD = 0x34  # of public LoRaWAN networks
_RSSI_NONE = 255


class Capture:
    """Writes frames to a binary file, which stays the caller's; with an air, each that is sent.

    start_s: Unix time of the air's zero.
    """

    def __init__(self, file, air=None, start_s=0):
        self._file = file
        self._start_s = start_s
        file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAP, LINK_TYPE))
        if air is not None:
            air.watchers.append(self._on_air)

    def write(self, us, frame, freq_hz, sf, bw_hz, rssi_dbm=None, snr_db=None):
        """A frame that began at us of the air's time; None where nobody has measured."""
        rssi = _RSSI_NONE
        if rssi_dbm is not None:
            rssi = max(0, min(_RSSI_NONE - 1, rssi_dbm - _RSSI_ZERO_DBM))
        snr = 0 if snr_db is None else max(-128, min(127, snr_db * 4))
        head = struct.pack(
            ">BBHIBBBBBbB",
            0,
            0,
            _HEADER_BYTES,
            freq_hz,
            bw_hz // 125_000,
            sf,
            rssi,
            _RSSI_NONE,
            _RSSI_NONE,
            snr,
            _SYNC_WORD,
        )
        seconds, us = self._start_s + us // 1_000_000, us % 1_000_000
        size = len(head) + len(frame)
        self._file.write(struct.pack("<IIII", seconds, us, size, size) + head + frame)
        self._file.flush()  # whoever reads along, or a program killed, has it whole

    def _on_air(self, sent):
        self.write(sent.start_us, sent.frame, sent.freq_hz, sent.sf, sent.bw_hz)

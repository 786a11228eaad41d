"""The label of a LoRaWAN device: what its QR code says, and a picture of it to print.

The text is the LoRa Alliance's TR005, "LoRaWAN Device Identification QR Codes":

    LW:D0:<JoinEUI>:<DevEUI>:<VendorID><VendorProfileID>[:O<OwnerToken>][:S<SerNum>]
        [:P<Proprietary>][:C<CheckSum>]

in hexadecimal capitals and the characters of a QR code's alphanumeric mode, which makes it small.
The checksum is the CRC-16/MODBUS of all before its colon; TR005's own example gives AF2C.
"""

import io
import re

import segno

from host_tools import exits

NO_PROFILE = "00000000"  # as The Things Stack writes a device of no vendor (U)
_EUI = re.compile(r"[0-9A-F]{16}")
_PROFILE = re.compile(r"[0-9A-F]{8}")
# Of the alphanumeric mode without the colon, which separates, and the blank.
_WORD = re.compile(r"[0-9A-Z$%*+./-]{1,40}")
_PITCH_MM = 0.6  # of a QR code's squares: a telephone reads it from an arm's length
_QUIET = 4  # squares of white around it, by ISO/IEC 18004
_TEXT_MM = 2.2  # at most: a line is as wide as the code
_ADVANCE = 0.62  # of a monospace letter, of its size


def eui(name, text):
    """Give the EUI as 16 capital digits, most significant first; Failure names what is wrong."""
    digits = re.sub(r"[-: ]", "", text).upper()
    if not _EUI.fullmatch(digits):
        raise _wrong(name, text, "16 hexadecimal digits, most significant first")
    if name == "dev-eui" and not int(digits, 16):
        raise _wrong(name, text, "the number of one device")
    return digits


def _wrong(name, found, allowed):
    return exits.Failure(f"{name}: found {found!r}, allowed {allowed}", "", exits.USAGE)


def checksum(text):
    """The CRC-16/MODBUS of a text, as 4 digits."""
    crc = 0xFFFF
    for octet in text.encode():
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return f"{crc:04X}"


def text(join_eui, dev_eui, profile=NO_PROFILE, owner="", serial="", proprietary=""):
    """Give what the QR code says; Failure names the part that can't be in it.

    `profile` is 8 hexadecimal digits: the vendor's number at the LoRa Alliance and that of the
    device's profile at the vendor. The others may be empty.
    """
    if not _PROFILE.fullmatch(profile.upper()):
        raise _wrong("profile", profile, "8 hexadecimal digits: vendor's and profile's number")
    parts = ["LW", "D0", eui("join-eui", join_eui), eui("dev-eui", dev_eui), profile.upper()]
    for letter, name, word in (
        ("O", "owner", owner),
        ("S", "serial", serial),
        ("P", "proprietary", proprietary),
    ):
        if word:
            if not _WORD.fullmatch(word):
                raise _wrong(name, word, "up to 40 of 0-9 A-Z $ % * + - . /")
            parts.append(letter + word)
    said = ":".join(parts)
    return f"{said}:C{checksum(said)}"


def terminal(said):
    """The QR code for a terminal, as text."""
    out = io.StringIO()
    _code(said).terminal(out=out, compact=True)
    return out.getvalue()


def svg(said):
    """The label as SVG: the QR code and below it, for people, the numbers."""
    code = _code(said)
    width_mm = _PITCH_MM * code.symbol_size(border=_QUIET)[0]
    _, _, join_eui, dev_eui, *more = said.split(":")
    lines = [f"DevEUI {dev_eui}", f"JoinEUI {join_eui}"]
    lines += [f"S/N {part[1:]}" for part in more if part[0] == "S"]
    size_mm = min(_TEXT_MM, width_mm / _ADVANCE / (max(map(len, lines)) + 2))
    height_mm = width_mm + (len(lines) + 0.5) * 1.3 * size_mm
    picture = code.svg_inline(scale=_PITCH_MM, border=_QUIET, omitsize=True)
    box = f'viewBox="0 0 {width_mm:.1f} {height_mm:.1f}"'
    size = f'width="{width_mm:.1f}mm" height="{height_mm:.1f}mm"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box}>',
        '<rect width="100%" height="100%" fill="#fff"/>',
        picture.replace("<svg", f'<svg width="{width_mm:.1f}" height="{width_mm:.1f}"', 1),
    ]
    style = f'font-family="monospace" font-size="{size_mm:.2f}" text-anchor="middle"'
    for n, line in enumerate(lines):
        y_mm = width_mm + (n + 0.5) * 1.3 * size_mm
        out.append(f'<text x="{width_mm / 2:.1f}" y="{y_mm:.1f}" {style}>{line}</text>')
    return "\n".join([*out, "</svg>", ""])


def _code(said):
    return segno.make(said, error="m", micro=False)

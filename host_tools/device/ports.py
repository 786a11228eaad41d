"""Which serial port a command works on."""

from host_tools import exits


def attached():
    """Give the names of the serial ports of USB devices, sorted; boards are among them."""
    from serial.tools import list_ports

    return sorted(port.device for port in list_ports.comports() if port.vid is not None)


def choose(named, found):
    """Give the port to use: the one that was named, else the only one among the `found`."""
    if named:
        return named
    if not found:
        raise exits.Failure(
            "no board found",
            "plug one in with a USB cable that carries data, or name the port: --port",
            exits.NO_DEVICE,
        )
    if len(found) > 1:
        raise exits.Failure(
            "there are several ports: {}".format(", ".join(found)),
            "say which one is the board: --port",
            exits.USAGE,
        )
    return found[0]

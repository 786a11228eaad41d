"""Values for the kinds of the wire's table, and bytes out of bits."""

from kerb.uplink.fields import parse


def from_bits(bits):
    """The bytes of a text of bits, filled up with zeros."""
    bits = bits.replace(" ", "")
    bits += "0" * (-len(bits) % 8)
    return bytes([int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)])


def random_value(rng, field):
    """A value that the field (of fields.parse) allows, now and then one at the edge."""
    _, kind, _, lo, hi, step, optional, names = field
    if optional and rng.randint(0, 3) == 0:
        return None
    if kind == "b":
        return rng.randint(0, 1) == 1
    if kind == "e":
        return rng.choice(names)
    if kind == "t":
        return "".join([chr(rng.randint(32, 126)) for _ in range(rng.randint(lo, hi))])
    if kind == "l":
        size = rng.randint(lo, hi)
        return [[random_value(rng, part) for part in names] for _ in range(size)]
    edges = (lo, hi, min(hi, lo + step), max(lo, hi - step))
    if rng.randint(0, 3) == 0:
        return rng.choice(edges)
    # In halves: randint() of MicroPython takes 30 bits at most.
    steps = (hi - lo) // step
    at = (rng.getrandbits(16) << 16 | rng.getrandbits(16)) % (steps + 1)
    return lo + at * step


def random_values(rng, text):
    """Values of all fields of a kind."""
    return {field[0]: random_value(rng, field) for field in parse(text)}


def random_bytes(rng, size):
    return bytes([rng.getrandbits(8) for _ in range(size)])

"""On MicroPython: payloads by the firmware's codec, as lines of JSON; wire_lines.py SEED ROUNDS.

Events as ["event", kind, values, age_s, hex] in each of their forms, with their age (null: not
late, "?": unknown), and commands as ["command", name, values, null, hex].
"""

import json
import random
import sys

from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS, EVENTS, name_of
from support.wire import random_values


def say(*line):
    print(json.dumps(line))


def event(text):
    """One event with random values, in all its forms."""
    kind = name_of(text)
    values = random_values(random, text)
    form = codec.encode(kind, values)
    while form:
        _, has = codec.decode(form)
        kept = {name: values[name] for name in has}
        say("event", kind, kept, None, form.hex())
        age_s = random.choice((None, random.randint(0, 700000), 0, 4, 5, 655334, 655335))
        late = codec.late(age_s, form)
        say("event", kind, kept, "?" if age_s is None else age_s, late.hex())
        form = codec.shorten(form, len(form) - 1)


def command(text):
    name = name_of(text)
    values = random_values(random, text)
    say("command", name, values, None, codec.encode(name, values, COMMANDS).hex())


random.seed(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    for text in EVENTS:
        event(text)
    for text in COMMANDS:
        command(text)

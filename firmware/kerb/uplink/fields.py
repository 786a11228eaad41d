"""What goes over the wire: the one table of events and commands.

The place of a kind in its tuple is its number on the wire: append, never insert or remove; once
devices are in the street the layout of a kind stays, and names are only added at the end of an
enum. One text a kind, "kind field field ..", because text costs a quarter of the RAM of tuples;
an event's kind is `name:priority`, 0 alarm, 1 state or 2 routine (see queue). A field is
`name:type` and then, each after a colon, what it needs of:

    u<n>    unsigned of n bits          i<n>    two's complement of n bits
    e<n>    one of the names a|b|..     b       flag of one bit
    t<n>    printable ASCII, at most n characters, on the wire after a count byte
    l<n>    list, count of n bits; the fields after it make up an item, itself a list of them
    lo..hi  allowed range (of a list: its length)
    *step   the wire counts in steps, and a value is rounded to the nearest one
    ?       may be None, unknown: on the wire all ones, of an i<n> its least number

A slash before a field's name: where a LoRaWAN frame has no room for all of it, an event may end
before this field, filled up with zeros to a whole byte. The field takes at least one byte more.

The fields lie one after the other, highest bit first, after the header byte (see codec).
"""

EVENTS = (
    (
        "boot:1 reset_cause:e4:power_on|watchdog|soft|brown_out|deep_sleep|hard|unknown"
        " boot_count:u20 /firmware:t16 /last_end:t60"
    ),
    (
        "status:2 uptime_s:u30 /heap_free_bytes:u16:*256:? dropped:u16"
        " /clock_source:e4:unset|rtc|network|gnss|lorawan|technician"
        " clock_age_s:u30:? rssi_dbm:i8:?"
    ),
    (
        "light_state:1 level_permille:u10:0..1000:? power_state:e3:bootingUp|low|off|on:?"
        " reason:e5:schedule|daylight|command|clock_lost|virtual_midnight|presence|derated"
        "|starting:?"
    ),
    (
        "light_power:2 power_mw:u20:? energy_wh:u27:? /burn_s:u30:? estimated:b"
        " /voltage_mv:u12:*100:? current_ma:u14:? power_factor_permille:u10:0..1000:?"
        " temperature_cdeg:i12:*10:?"
    ),
    (
        "fault:0 part:e6:lamp|light_sensor|clock|config|storage|task"
        "|meter|temperature|dali|supply|presence|peer|ranger"
        "|radar|car_radar|beacon|button|battery"
        " reason:e6:no_answer|out_of_range|lost|invalid|failed|restarted"
        "|lamp_failure|unexpectedly_on|cycling|power_too_high|power_too_low|power_factor_too_low"
        "|over_temperature|supply_loss|brown_out|stuck|bus_low|garbled"
        "|no_echo|blocked|low|same_pole"
        " active:b bay:u3:?"
    ),
    (
        "command_result:1 command:c:? id:u16:? result:e2:ok|refused|unknown"
        " reason:e4:bad_payload|not_supported|duplicate_step|no_network|failed|superseded"
        "|expired|not_yet|wrong_order|too_often:?"
        " /detail:t80"
    ),
    (
        "bay_state:1 bay:u3 state:e2:free|occupied|unknown"
        " reason:e4:ground|vehicle|starting|learning|no_answer|no_echo|garbled|blocked|stuck"
        "|failed"
        " confidence_permille:u5:*33:? stay_s:u18:*10:?"
    ),
    (
        "bay_report:2 bay:u3 state:e2:free|occupied|unknown"
        " reason:e4:ground|vehicle|starting|learning|no_answer|no_echo|garbled|blocked|stuck"
        "|failed"
        " confidence_permille:u5:*33:? state_s:u26 /distance_mm:u13:? /baseline_mm:u13:?"
        " /arrivals:u16 /echoes_percent:u7:0..100:? temperature_cdeg:i12:*10:?"
        " battery_mv:u11:*10:?"
    ),
    (
        "crosswalk_activation:1 reason:e4:button|track|presence|peer|command|resumed"
        " again:b waited_ms:u16:*100 period_s:u8 dim_permille:u10:0..1000"
    ),
    (
        "crosswalk_report:2 flashing:b by_button:u16 by_track:u16 by_presence:u16 /by_peer:u16"
        " /flashing_s:u24 /pedestrians:u16 /cars:u16 cars_flashing:u16 car_speed_cm_s:u13:?"
        " peer:e2:none|ok|lost /battery_mv:u15:*10:? charging:e2:no|yes:? dim_permille:u10:0..1000"
    ),
)

# issued_s: when the command was given, seconds since 2000-01-01 UTC; of two, the later holds.
COMMANDS = (
    "set_level id:u16:0..65534 level_permille:u10:0..1000 for_s:u17:1..86400 issued_s:u32:?",
    "clear_override id:u16:0..65534 issued_s:u32:?",
    (
        "set_schedule id:u16:0..65534 issued_s:u32:? steps:l5:1..16"
        " anchor:e3:clock|sunset|sunrise|dusk|dawn|midnight"
        " minute:i12:-720..1439 level_permille:u10:0..1000"
    ),
    "sync_time id:u16:0..65534",
    "send_status id:u16:0..65534",
    "clear_schedule id:u16:0..65534 issued_s:u32:?",
    "presence id:u16:0..65534 issued_s:u32:?",
    "calibrate id:u16:0..65534 bay:u3 state:e2:free|occupied|unknown",
    "activate id:u16:0..65534 issued_s:u32:?",
)


def name_of(text):
    """The kind's name in its text."""
    return text[: text.index(" ")].split(":")[0]


def priority_of(text):
    """An event's priority in its text."""
    return int(text[text.index(":") + 1])


def number_of(table, name):
    """The number on the wire of the kind `name`, or None when the table hasn't got it."""
    for number, text in enumerate(table):
        if name_of(text) == name:
            return number
    return None


def parse(text, ends=None):
    """The fields of a kind: a list of (name, type letter, bits, lo, hi, step, optional, names).

    `bits` is the width on the wire (of t and l: of the count), `lo` and `hi` what a value (of t
    and l: its length) may be, `names` the enum's names in the order of their codes, or the fields
    of a list's item. The list `ends` gets the places of the fields that an event may end before.
    """
    fields = into = []
    for item in text.split(" ")[1:]:
        name, kind, *more = item.split(":")
        if name[0] == "/":
            name = name[1:]
            if ends is not None:
                ends.append(len(into))
        bits = int(kind[1:] or 1)
        kind = kind[0]
        optional = "?" in more
        lo, step, names = 0, 1, ()
        hi = (1 << bits) - 1 - optional
        if kind == "t":
            hi, bits = bits, 8
        elif kind == "i":
            hi >>= 1
            lo = optional - 1 - hi
        elif kind == "c":  # one of the commands
            kind, bits, names = "e", 6, [name_of(t) for t in COMMANDS]
        elif kind == "e":
            names = more[0].split("|")
        elif kind == "l":
            names = []
        for word in more:
            if word[0] == "*":
                step = int(word[1:])
                lo *= step
                hi *= step
            elif ".." in word:
                lo, hi = [int(n) for n in word.split("..")]
        into.append((name, kind, bits, lo, hi, step, optional, names))
        if kind == "l":
            into = names
    return fields

"""What the four panels of the screen say: text with Rich markup, drawn from a Session."""

from rich.markup import escape

_BAR_CELLS = 24
_IN_STEP_S = 2.0
# A panel is 36 cells wide on the smallest screen.
_SHORT = {"virtual_midnight": "midnight"}


def title(session):
    """The line on top: what this is, and that it is simulated."""
    site = session.options.site
    return "[b]Kerb street[/b]  real firmware, simulated street at {} ({})".format(
        site, escape(site.tz)
    )


def _bar(permille):
    full = round(_BAR_CELLS * permille / 1000)
    if permille and not full:
        full = 1
    return "[yellow]{}[/][dim]{}[/]".format("█" * full, "░" * (_BAR_CELLS - full))


def _verdict(session):
    agreed = session.agreement.now
    if agreed is None:
        return "" if session.level_permille is None else "[dim]not heard[/]"
    if session.agreement.late:
        return "[b red]LAMP DIFFERS[/]"
    return "[green]lamp obeys[/]" if agreed else "[dim]changing[/]"


def lamp(session):
    lamp = session.lamp
    light = lamp.light_permille()
    state = session.reported.get("light_state", {})
    level = state.get("level_permille")
    said = "nothing reported yet"
    if level is not None:
        why = str(state.get("reason"))
        said = "says {:.1f} %, {}".format(level / 10, escape(_SHORT.get(why, why)))
    supply = "on" if lamp.supplied else "[b red]off[/]"
    pole = session.pole
    people = "" if not pole.people(session.elapsed_s) else "  [b]walker[/]"
    return "\n".join(
        (
            "{} {:5.1f} %".format(_bar(light), light / 10),
            "{}  {}".format(said, _verdict(session)),
            "{:.1f} W {:.0f} V PF {:.2f} {}{}".format(
                lamp.power_mw() / 1000,
                lamp.feed_mv / 1000,
                lamp.power_factor_permille() / 1000,
                _warmth(pole),
                people,
            ),
            "supply {} LED {} meter {}".format(
                supply, _state(lamp.fault), _state(pole.meter.mode)
            ),
        )
    )


def _state(name):
    return name if name == "ok" else "[b red]{}[/]".format(name)


def _warmth(pole):
    if pole.heat_cdeg is not None:
        return "[b red]{:.0f} °C[/]".format(pole.heat_cdeg / 100)
    return "{:.0f} °C".format(pole.lamp.temperature_cdeg / 100)


def sky(session):
    site = session.options.site
    now = session.clock.now()
    words = session.sky.words()
    sign = {"daylight": "[yellow]☀[/]", "twilight": "[dark_orange]☀[/]", "dark": "[blue]☾[/]"}[
        words
    ]
    rise, set_ = site.sunrise_and_sunset(now)
    return "\n".join(
        (
            "[b]{:%H:%M:%S}[/]  {:%a %d %b %Y}".format(site.local(now), site.local(now)),
            "{} {}   sun {:+.1f}°".format(sign, words, session.sky.elevation_deg()),
            "sunrise {}   sunset {}".format(_hour(site, rise), _hour(site, set_)),
            "[dim]light sensor {} mV[/]".format(session.sky.sensor_mv()),
        )
    )


def _hour(site, utc):
    return "{:%H:%M}".format(site.local(utc)) if utc else "none"


def device(session):
    return "\n".join(
        (
            runtime(session),
            "clock {}".format(_device_clock(session)),
            _watchdog(session.board.watchdog),
            boots(session),
        )
    )


def runtime(session):
    """What runs the firmware, and whether it does."""
    running = "" if session.board.running else "  [b red]not running[/]"
    return "{}{}".format(escape(session.options.runtime.title), running)


def boots(session):
    """How often it has started, why at last, and the memory that it has left."""
    board, heap = session.board, session.heap_free_bytes
    memory = "" if heap is None else ", {:.0f} kB free".format(heap / 1000)
    return "[dim]boots {}, last {}{}[/]".format(board.boots, board.last_cause, memory)


def _device_clock(session):
    """What the device's clock chip holds, against the street's time."""
    time = session.device_time()
    if time is None:
        return "[b red]unset[/]"
    local, ahead_s = time
    return "{:%H:%M:%S} {}, from {}".format(local, _lead(ahead_s), escape(session.clock_source))


def _lead(ahead_s):
    """How far a clock that counts whole seconds is ahead, short and in a fitting unit."""
    if abs(ahead_s) < _IN_STEP_S:
        return "in step"
    for size_s, unit in ((3600, "h"), (60, "min"), (1, "s")):
        if abs(ahead_s) >= 2 * size_s:
            break
    return "[b red]{:+.0f} {}[/]".format(ahead_s / size_s, unit)


def _watchdog(watchdog):
    left_s = watchdog.left_s()
    if left_s is None:
        return "watchdog not started"
    return "watchdog {:.1f} s, longest gap {:.2f} s".format(
        watchdog.timeout_s, watchdog.longest_gap_s
    )


def uplink(session):
    proxy = session.proxy
    link = "[green]●[/] online" if session.online else "[red]●[/] offline"
    if session.online and not (proxy.is_open and session.board.running):
        link = "[yellow]●[/] online, thinks the broker"
    network = "[green]up[/]" if proxy.is_open else "[b red]cut[/]"
    return "\n".join(
        (
            "{}   network {}".format(link, network),
            escape(session.broker.title),
            "{} events, {} reconnects".format(
                session.observer.messages, max(0, session.onlines - 1)
            ),
            "[dim]{}[/]".format(session.lora.words() if session.lora else _traffic(proxy)),
        )
    )


def _traffic(proxy):
    return "{:,} bytes up, {:,} down".format(proxy.bytes_up, proxy.bytes_down)


PANELS = {"Lamp": lamp, "Sky": sky, "Device": device, "Uplink": uplink}
HINT = (
    "[b]level 40[/b] [b]auto[/b] [b]time 22:00[/b] [b]net off[/b] [b]walker[/b]"
    " [b]lamp out[/b] [b]help[/b]  [dim]│[/dim] [b]^C[/b] end"
)

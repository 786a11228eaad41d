"""Between the apps and the transport: events out, commands in."""

import asyncio

from micropython import const

from kerb.system import calendar
from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS, EVENTS, number_of, priority_of
from kerb.uplink.queue import ALARM, ROUTINE

_TICK_MS = const(50)
_BURST = const(16)
_MAX_PENDING = const(8)
_SAME_COMMAND_S = const(60)
# A LoRaWAN network that missed the acknowledgement sends it again after the next uplink.
_SAME_BY_RADIO_S = const(4 * 3600)
_MAX_DETAIL = const(80)

# FPorts of a radio: events of each priority, the same LATE higher with their age in front.
PORT = const(1)
LATE = const(10)
_LATE_S = const(10)  # the step in which the age is told


class Uplink:
    """Sends events through a transport and answers the commands that come by it.

    `queue` is a kerb.uplink.queue.Queue, `clock` a kerb.system.clock.Clock, `transport` an object
    with `text`, up(), publish(kind, payload, qos) and the callbacks on_ack, on_lost and
    on_message(name, payload, quiet=False), which are set here; what is quiet is obeyed and not
    answered. on_command(name, values) gives (result, reason), names of the fields of the same
    names in the event command_result.

    A transport without `text`, a radio, is given an FPort in place of the kind and the event's
    bytes, in the longest of their forms that has room in what its max_bytes(event) says, None for
    no room now; from ten seconds on with their age in front (codec.late) and on a port of its own.

    Events of ALARM and STATE arrive at least once (QoS 1), of ROUTINE at most once (QoS 0), unless
    the queue drops them; only alarms outlive a reboot.
    One command is handled every 50 ms; of those that come faster eight wait and the others are
    dropped, of which the log is told whenever their number has doubled. The last command again,
    with its id and values, within a minute, by radio within four hours, is a repeated delivery: it
    gets the same answer and is not carried out again. After another command it is a new one,
    because what it did may have been undone.
    """

    def __init__(self, queue, transport, clock, log, on_command):
        self._queue = queue
        self._transport = transport
        self._clock = clock
        self._log = log
        self._on_command = on_command
        self._on_way = {}
        self._pending = []
        self._last = None  # command carried out: uptime, name, values, answer
        self._flooded = 0
        self._quiet = False  # whether the command at hand is not to be answered
        transport.on_ack = self._acked
        transport.on_lost = self._lost
        transport.on_message = self._message

    @property
    def dropped(self):
        """Events lost since the start for want of room, at most what a status can say."""
        return min(0xFFFF, sum(self._queue.dropped))

    def waiting(self):
        """The priority of the most urgent event that waits, None when nothing waits; that of an
        alarm while one is on its way or a command is to be obeyed.
        """
        if self._on_way or self._pending:
            return ALARM
        event = self._queue.peek()
        return event.priority if event else None

    def send(self, kind, values):
        """Queues an event that happens now; gives False when it is invalid or had no room.

        Never blocks and never raises: an app must not stop because of a report. How urgent the
        event is, its kind says in the table.
        """
        try:
            payload = codec.encode(kind, values)
        except ValueError as error:
            self._log.error("event %s: %s", kind, str(error))
            return False
        return self._put(payload)

    def _put(self, payload):
        priority = priority_of(EVENTS[payload[0] & codec.KIND])
        return self._queue.put(payload, priority, self._clock.uptime_s(), self._clock.now())

    async def run(self, check_in):
        """Works for ever; calls check_in() at least ten times a second."""
        while True:
            check_in()
            self._queue.flush(self._clock.uptime_s())
            self._handle_command()
            for _ in range(_BURST):
                if not self._publish():
                    break
                await asyncio.sleep_ms(0)
            await asyncio.sleep_ms(_TICK_MS)

    def _publish(self):
        """Gives one event to the transport; False when there is none or it takes none."""
        event = self._queue.peek()
        if event is None or not self._transport.up():
            return False
        if self._transport.text:
            time, source = self._when(event)
            where, payload = codec.to_json(event.payload, time, source, event.seq & 0xFFFF)
        else:
            most = self._transport.max_bytes(event)
            if most is None:
                return False
            where, payload = self._packed(event, most)
        if payload is None or where is None:
            # Kept over a reboot into a firmware with another table.
            self._log.error("event given up: %s", event.payload)
            self._queue.take(event)
            self._queue.done(event)
            return True
        token = self._transport.publish(where, payload, 0 if event.priority == ROUTINE else 1)
        if token is None:
            return False
        self._queue.take(event)
        if token:
            self._on_way[token] = event
        else:
            self._queue.done(event)
        return True

    def _packed(self, event, most):
        """(FPort, bytes) for a radio, in the longest form that it has room for."""
        port = PORT + event.priority
        now_s = self._clock.uptime_s()
        age_s = None
        if event.uptime_s is not None:
            age_s = now_s - event.uptime_s
            if age_s < _LATE_S:
                return port, codec.shorten(event.payload, most)
        elif codec.decode(event.payload)[0] is None:  # from before a reboot
            return None, None
        elif event.wall and self._clock.now():
            age_s = calendar.between(event.wall, self._clock.now())
        payload = codec.shorten(event.payload, most - 2)
        return port + LATE, payload and codec.late(age_s, payload)

    def _when(self, event):
        """(ISO text or None, source): also of an event from before the clock was set."""
        source = self._clock.source
        if event.uptime_s is None:
            wall = event.wall
            source = "stored"
        else:
            wall = self._clock.now()
            if wall:
                wall = calendar.shift(*wall, event.uptime_s - self._clock.uptime_s())
        return (calendar.iso(*wall), source) if wall else (None, "unset")

    def _acked(self, token):
        event = self._on_way.pop(token, None)
        if event:
            self._queue.done(event)

    def _lost(self, token):
        event = self._on_way.pop(token, None)
        if event:
            self._queue.back(event)

    def _message(self, name, payload, quiet=False):
        if len(self._pending) < _MAX_PENDING:
            # One byte too many is enough to have it refused.
            self._pending.append((name, payload[: codec.MAX_COMMAND_BYTES + 1], quiet))
        else:
            self._flooded += 1
            if not self._flooded & (self._flooded - 1):
                self._log.warn("commands come too fast: %d dropped", self._flooded)

    def _handle_command(self):
        if not self._pending:
            return
        topic, payload, self._quiet = self._pending.pop(0)
        if self._transport.text:
            name, values, command_id = codec.command_from_json(topic, payload)
        else:
            name, values, command_id = codec.command_from_bytes(payload)
        if name is None:
            self._log.warn("command: %s", values)
            if topic is not None and number_of(COMMANDS, topic) is None:
                self._answer(None, None, "unknown", "not_supported", values)
            else:
                self._answer(topic, command_id, "refused", "bad_payload", values)
            return
        now_s = self._clock.uptime_s()
        if self._last:
            done_s, same_name, same_values, answer = self._last
            same = same_name == name and same_values == values
            same_s = _SAME_COMMAND_S if self._transport.text else _SAME_BY_RADIO_S
            if same and now_s - done_s < same_s:
                if not self._quiet:
                    self._put(answer)
                return
        try:
            result, reason = self._on_command(name, values)
            answer = self._answer(name, command_id, result, reason)
        except Exception as error:  # of the app: it costs this command, not the uplink
            self._log.error("command %s: %s", name, repr(error))
            answer = self._answer(name, command_id, "refused", "failed")
        self._last = (now_s, name, values, answer)

    def _answer(self, name, command_id, result, reason, detail=""):
        """Queues the command_result and gives its wire bytes."""
        if not self._transport.text:
            detail = ""  # a radio has no room for it
        detail = "".join([c if " " <= c <= "~" else "?" for c in detail[:_MAX_DETAIL]])
        answer = codec.encode(
            "command_result",
            {
                "command": name,
                "id": command_id,
                "result": result,
                "reason": reason,
                "detail": detail,
            },
        )
        if not self._quiet:
            self._put(answer)
        return answer

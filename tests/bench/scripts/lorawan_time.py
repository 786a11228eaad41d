"""A clock that stands until it is told: the module `time` of lorawan_life.py."""

now_us = 0


def ticks_us():
    return now_us & 0x3FFFFFFF


def ticks_ms():
    return now_us // 1000 & 0x3FFFFFFF


def ticks_add(ticks, delta):
    return ticks + delta & 0x3FFFFFFF


def ticks_diff(a, b):
    return ((a - b + 0x20000000) & 0x3FFFFFFF) - 0x20000000


def sleep_us(us):
    global now_us
    now_us += us


def sleep_ms(ms):
    sleep_us(ms * 1000)

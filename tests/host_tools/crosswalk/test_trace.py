"""The lines of a trace: good ones, damaged ones, and what is none."""

import json
import random

import pytest

from host_tools.crosswalk import trace

_LINE = '~[1200,8500,"track",[[3,-250,900,10,-1400,"approaching"]],true,12]'


def test_a_line_is_a_frame():
    frame = trace.parse(_LINE)
    track = trace.Track(3, -250, 900, 10, -1400, "approaching")
    assert frame == trace.Frame(1200, 8500, "track", (track,), True, 12)
    document = trace.as_document(frame)
    assert json.loads(json.dumps(document))["tracks"][0]["vy_mm_s"] == -1400


def test_a_dark_beacon_has_no_time_left_and_no_reason():
    for left in ("0", "-1", "null"):
        frame = trace.parse("~[1,{},false,[],false,null]".format(left))
        assert frame == trace.Frame(1, 0, None, (), False, None)


def test_a_radar_that_tells_nothing_is_not_an_empty_street():
    assert trace.parse("~[1,0,false,null,false,null]").blind
    assert not trace.parse("~[1,0,false,[],false,null]").blind


@pytest.mark.parametrize(
    "line", ["", "12 info: wifi up", "[1,0,null,[],0,null]", " ~[]", "MPY: soft"]
)
def test_other_lines_are_no_trace(line):
    assert trace.parse(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "~",
        "~[]",
        "~{}",
        "~[1,0,null,[],0]",
        "~[1,0,null,{},0,null]",
        "~[1,0,null,[[1,2,3,4,5]],0,null]",
        "~[1,0,null,[[1,2,3,4,5,6]],0,null]",
        '~[1,0,null,[[1,1e9,3,4,5,"x"]],0,null]',
        '~[1,0,null,[[1,9999999,3,4,5,"x"]],0,null]',
        "~[1,0,7,[],0,null]",
        "~[true,0,null,[],0,null]",
        '~[1,0,"\\u001b[2J",[],0,null]',
        "~[1,0,null,[],[],null]",
        "~[1,0,null,[],0,true]",
        "~" + "[" * 100_000,
    ],
)
def test_a_damaged_line_is_said_to_be_one(line):
    with pytest.raises(ValueError, match="damaged"):
        trace.parse(line)


def test_a_line_cut_spliced_or_flipped_anywhere_raises_nothing_else():
    chance = random.Random(1)
    for _ in range(5000):
        text = bytearray(_LINE.encode())
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))
            change = chance.randrange(3)
            if change == 0:
                text[at] ^= 1 << chance.randrange(8)
            elif change == 1:
                del text[at : at + chance.randrange(1, 20)]
            else:
                text[at:at] = _LINE.encode()[: chance.randrange(30)]
            if not text:
                break
        try:
            frame = trace.parse(text.decode(errors="replace"))
        except ValueError:
            continue
        assert frame is None or isinstance(frame, trace.Frame)


def test_ticks_that_wrap_are_still_in_order():
    before = trace.parse("~[{},0,null,[],0,null]".format((1 << 30) - 40))
    after = trace.parse("~[60,0,null,[],0,null]")
    assert trace.ms_between(before, after) == 100

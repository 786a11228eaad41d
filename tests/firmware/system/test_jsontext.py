"""JSON that is not whole or not JSON is refused alike on every runtime, with its place."""

import json

from kerb.system import jsontext
from support.raised import raised

DOCUMENT = b"""{
 "name": "lamp \\u00e9\\n\\"1\\"", "at": [351800000, -5, 0, 2.5e-3, 1E+2], "on": true,
 "off": false, "none": null, "empty": [{}, [], ""], "text": "caf\xc3\xa9"
}
"""


def refused(data, hide=False):
    return str(raised(ValueError, jsontext.parse, data, hide))


def test_a_document_is_read_as_json_reads_it():
    assert jsontext.parse(DOCUMENT) == json.loads(DOCUMENT.decode())
    assert jsontext.parse(b" [1,2]\r\n") == [1, 2]
    assert jsontext.parse(b'"a"') == "a"
    assert jsontext.parse(b"-0") == 0
    assert jsontext.parse(b'"\\ud7ff\\uE000"') == "\ud7ff\ue000"


def test_a_document_cut_anywhere_is_refused():
    whole = DOCUMENT.rstrip()
    for cut in range(len(whole)):
        refused(whole[:cut])


def test_what_micropythons_own_parser_lets_pass_is_refused():
    for data in (
        b'{"a"',
        b'{"a":1,}',
        b"[1,,2]",
        b"[1 2]",
        b'{"a" 1}',
        b"{1:2}",
        b'{"a":1 "b":2}',
    ):
        refused(data)


def test_what_is_no_json_is_refused():
    for data in (
        b"",
        b" ",
        b"[1] x",
        b"nul",
        b"tru",
        b"True",
        b"NaN",
        b"-Infinity",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"-",
        b"1e",
        b"0x10",
        b"[1}",
        b'{"a":1]',
        b"]",
        b"'a'",
        b'"\\x41"',
        b'"\\u12"',
        b'"\\u12g4"',
        b'"\n"',
        b'"\x00"',
        b"\x00",
        b"[1]\x00",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1} // no comments',
        b'"\\ud83d\\ude00"',
        b'"\xff"',
    ):
        refused(data)


def test_the_place_is_told_with_what_was_found_and_what_is_allowed():
    for data, told in (
        (b"", "line 1, column 1: found the end, allowed: a value"),
        (b'{\n "a": 1,\n}', "line 3, column 1: found }, allowed: a key"),
        (b'{\n "a" 1\n}', 'line 2, column 6: found 1, allowed: ":"'),
        (b"{1:2}", 'line 1, column 2: found 1, allowed: a key or "}"'),
        (b'{"a": [1\n "b"]}', 'line 2, column 2: found ", allowed: "," or "]"'),
        (b"[1,]", "line 1, column 4: found ], allowed: a value"),
        (b"[-]", "line 1, column 3: found ], allowed: a digit"),
        (b'["\\q"]', 'line 1, column 4: found q, allowed: one of "\\/bfnrtu'),
        (b'"a\x01"', "line 1, column 3: found byte 0x01, allowed: text, ended by a quote"),
        (b"\xff", "line 1, column 1: found byte 0xff, allowed: a value"),
        (b"\x7f", "line 1, column 1: found byte 0x7f, allowed: a value"),
        (b"~", "line 1, column 1: found ~, allowed: a value"),
        (b'"\\u12g4"', "line 1, column 6: found g, allowed: 4 hexadecimal digits"),
        (b"[1] x", "line 1, column 5: found x, allowed: the end"),
        (b"[01]", 'line 1, column 3: found 1, allowed: "," or "]"'),
        (b'"\xff"', "found bytes that are not UTF-8, allowed: UTF-8 text"),
        (b'"\\uDFFF"', "line 1, column 4: found D, allowed: the character itself"),
        (b'"\\uD800"', "line 1, column 4: found D, allowed: the character itself"),
    ):
        assert refused(data).startswith(told), refused(data)


def test_nothing_found_is_told_of_a_hidden_document():
    assert refused(b'{"psk": x7Zq}', True) == "line 1, column 9: allowed: a value"
    assert refused(b'{"psk": "x7Zq', True) == (
        "line 1, column 14: found the end, allowed: text, ended by a quote"
    )


def test_nesting_is_bounded():
    assert jsontext.parse(b"[" * 8 + b"]" * 8) == [[[[[[[[]]]]]]]]
    assert "at most 8 levels" in refused(b"[" * 9 + b"]" * 9)
    assert "at most 8 levels" in refused(b"[" * 5000)
    assert "at most 8 levels" in refused(b'{"a":' * 5000)


def test_a_number_is_bounded_in_length():
    assert jsontext.parse(b"-1234567890123456789") == -1234567890123456789
    assert "column 2: found 1, allowed: a number of at most 20" in refused(b"[" + b"1" * 21)
    assert "at most 20" in refused(b"9" * 5000)
    assert "at most 20" in refused(b"0." + b"0" * 19)

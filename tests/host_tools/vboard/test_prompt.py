"""The friendly prompt of a virtual board, typed at by a person."""

import pytest


def test_the_banner_names_version_and_board(terminal):
    terminal.type(b"\x02")
    banner = terminal.until(b">>> ").split(b"\r\n")
    assert banner[1].startswith(b"MicroPython v1.")
    assert banner[1].endswith(b"; Kerb virtual board")
    assert banner[2:] == [b'Type "help()" for more information.', b">>> "]


def test_an_expression_shows_its_value_and_a_statement_nothing(terminal):
    assert terminal.ask(b"6 * 7") == b"42"
    assert terminal.ask(b"x = 'text'", b">>> ") == b""
    assert terminal.ask(b"x") == b"'text'"


def test_an_empty_line_is_nothing(terminal):
    assert terminal.ask(b"   ", b">>> ") == b""


def test_an_exception_shows_its_traceback(terminal):
    assert terminal.ask(b"1 / 0").split(b"\r\n") == [
        b"Traceback (most recent call last):",
        b'  File "<stdin>", line 1, in <module>',
        b"ZeroDivisionError: divide by zero",
    ]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([b"for i in range(2):", b"  print(i)", b""], b"0\r\n1"),
        ([b"if True:", b"  print(1)", b"else:", b"  print(2)", b""], b"1"),
        ([b"sum([1,", b"2])"], b"3"),
        ([b"{'a': (1,", b"  '}'),", b"}['a']"], b"(1, '}')"),
        ([b"'''a", b"b'''"], b"'a\\nb'"),
        ([b"1 + \\", b"2"], b"3"),
        ([b"@print", b"def f(): pass", b""], b"<function f"),
    ],
)
def test_a_statement_goes_on_until_it_is_complete(terminal, lines, shown):
    for line in lines[:-1]:
        assert terminal.ask(line, b"... ") == b""
    assert terminal.ask(lines[-1]).startswith(shown)


@pytest.mark.parametrize(
    "line", [b"iffy = 1", b"'a(b'", b"1 # (", b"'\\'('", b"format = 2", b"'''a'''"]
)
def test_a_complete_statement_is_run_at_once(terminal, line):
    terminal.ask(line, b">>> ")


def test_ctrl_c_drops_the_line_and_the_unfinished_statement(terminal):
    terminal.type(b"1 / 0\x03")
    assert terminal.until(b">>> ") == b"1 / 0\r\n>>> "
    terminal.ask(b"for i in range(9):", b"... ")
    terminal.type(b"\x03")
    assert terminal.until(b">>> ") == b"\r\n>>> "
    assert terminal.ask(b"1") == b"1"


def test_backspace_takes_one_character_back(terminal):
    terminal.type(b"'x\xc3\xa9\x7f\x7f\x08\x08")  # one too many
    terminal.until(b"\b \b" * 3)
    assert terminal.ask(b"print('\xc3\xa8')") == b"\xc3\xa8"


def test_the_up_and_down_keys_bring_back_lines(terminal):
    terminal.ask(b"11")
    terminal.ask(b"22")
    terminal.type(b"33\x1b[A\x1b[A\x1b[A\x1b[A\x1b[B")  # one too many
    terminal.until(b"\b \b22\b \b\b \b11" + b"\b \b" * 2 + b"# here" + b"\b \b" * 6 + b"11")
    assert terminal.ask(b"+1") == b"12"


def test_the_tab_key_indents(terminal):
    terminal.ask(b"if True:", b"... ")
    terminal.type(b"\t")
    terminal.until(b"    ")
    terminal.ask(b"x = 3", b"... ")
    terminal.ask(b"", b">>> ")
    assert terminal.ask(b"x") == b"3"


def test_keys_that_it_does_not_know_do_nothing(terminal):
    terminal.type(b"4\x1b[D\x1b[3~\x1bOP\x0b")
    terminal.until(b"4")
    assert terminal.ask(b"2") == b"42"


def test_paste_mode_runs_lines_with_empty_ones_between(terminal):
    terminal.type(b"\x05")
    terminal.until(b"=== ")
    terminal.type(b"def f():\r    x = 1\r\r    return x\r\rprint(f() + 1)\r\x04")
    assert terminal.until(b"\r\n>>> ").endswith(b"=== \r\n2\r\n>>> ")


def test_paste_mode_ends_with_ctrl_c(terminal):
    terminal.type(b"\x05")
    terminal.until(b"=== ")
    terminal.type(b"print(1)\x03")
    assert terminal.until(b">>> ") == b"print(1)\r\n>>> "


def test_ctrl_d_does_a_soft_reset(terminal, board):
    terminal.ask(b"x = 1", b">>> ")
    terminal.type(b"\x04")
    said = terminal.until(b">>> ")
    assert said.startswith(b"\r\nMPY: soft reboot\r\nMicroPython v")
    assert board.cause == "soft"
    assert b"NameError" in terminal.ask(b"x")


def test_systemexit_is_a_soft_reset(terminal, board):
    terminal.type(b"raise SystemExit\r")
    assert b"MPY: soft reboot\r\n" in terminal.until(b"\r\n>>> ")
    assert board.cause == "soft"


def test_the_raw_prompt_answers_as_its_protocol_says(terminal):
    terminal.type(b"\x01")
    assert terminal.until(b">") == b"\r\nraw REPL; CTRL-B to exit\r\n>"
    terminal.type(b"print(7)\x04")
    assert terminal.until(b">") == b"OK7\r\n\x04\x04>"
    terminal.type(b"1/0\x04")
    assert terminal.until(b"\x04>").startswith(b"OK\x04Traceback")
    terminal.type(b"never run\x03print(8)\x04")  # Ctrl-C drops what was typed
    assert terminal.until(b">") == b"OK8\r\n\x04\x04>"
    terminal.type(b"\x05B\x01")  # a protocol that it doesn't speak
    assert terminal.until(b">") == b"R\x00>"
    terminal.type(b"\x04")
    assert terminal.until(b"\n>") == (
        b"OK\r\n"[2:] + b"MPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>"
    )
    terminal.type(b"\x02")
    assert terminal.until(b">>> ").startswith(b"\r\nMicroPython v")


def test_systemexit_at_the_raw_prompt_is_a_soft_reset_to_the_raw_prompt(terminal):
    terminal.type(b"\x01")
    terminal.until(b"\n>")
    terminal.type(b"raise SystemExit\x04")
    assert terminal.until(b"\n>") == (
        b"OK\x04\x04MPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>"
    )


def test_raw_paste_takes_code_by_windows_and_can_be_broken_off(terminal):
    terminal.type(b"\x01")
    terminal.until(b"\n>")
    terminal.type(b"\x05A\x01")
    assert terminal.until(b"\x00\x01") == b"R\x01\x80\x00\x01"
    terminal.type(b"#" * 127 + b"\n")
    assert terminal.until(b"\x01") == b"\x01"
    terminal.type(b"print(9)\x04")
    assert terminal.until(b">") == b"\x049\r\n\x04\x04>"
    terminal.type(b"\x05A\x01")
    terminal.until(b"\x00\x01")
    terminal.type(b"print(\x03")
    assert terminal.until(b">") == b"\x04>"


def test_code_that_is_no_utf8_is_refused(terminal):
    terminal.type(b"\x01")
    terminal.until(b"\n>")
    terminal.type(b"'\xff'\x04")
    assert b"UnicodeError" in terminal.until(b"\x04>")

"""Unmodified mpremote on a virtual board."""

import hashlib
import os
import time

from host_tools.vboard import image


def _tree(folder):
    """A folder with files of several sizes, one of them of bytes that control a REPL."""
    (folder / "src" / "deep" / "er").mkdir(parents=True)
    contents = {
        "src/empty.txt": b"",
        "src/control.bin": bytes(range(256)) * 3,
        "src/deep/er/module.py": b"VALUE = 42\n",
        "src/deep/large.bin": os.urandom(6000),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return contents


def test_exec_prints_what_the_code_prints(mpremote):
    assert mpremote("exec", "for i in range(2): print('line', i)") == "line 0\nline 1\n"


def test_eval_gives_a_value(mpremote):
    assert mpremote("eval", "6 * 7") == "42\n"


def test_an_exception_gives_its_traceback_and_exit_code_1(mpremote):
    said = mpremote("exec", "def f():\n 1 / 0\nf()", code=1)
    assert said.splitlines() == [
        "Traceback (most recent call last):",
        '  File "<stdin>", line 3, in <module>',
        '  File "<stdin>", line 2, in f',
        "ZeroDivisionError: divide by zero",
    ]


def test_run_runs_a_local_script(mpremote, tmp_path):
    script = tmp_path / "script.py"
    # Longer than many windows of raw paste.
    script.write_text("n = 0\n" + "n += 1  # {}\n".format("x" * 60) * 500 + "print(n)\n")
    assert mpremote("run", script) == "500\n"


def test_exec_without_follow_leaves_the_program_running(mpremote, wait_for):
    mpremote("exec", "--no-follow", "import time\nwhile True: time.sleep_ms(10)")
    assert mpremote("resume", "eval", "1 + 1") == "2\n"  # interrupts it


def test_cp_copies_a_folder_both_ways(mpremote, board, tmp_path):
    contents = _tree(tmp_path)
    mpremote("cp", "-r", tmp_path / "src", ":")
    assert image.read(board.image) == contents
    back = tmp_path / "back"
    mpremote("cp", "-r", ":src", back)
    assert {
        "src/" + file.relative_to(back).as_posix(): file.read_bytes()
        for file in back.rglob("*")
        if file.is_file()
    } == contents


def test_cp_leaves_out_a_file_that_is_there_already(mpremote, tmp_path):
    (tmp_path / "a").write_text("the same")
    assert "Up to date" not in mpremote("cp", tmp_path / "a", ":a")
    assert "Up to date: a" in mpremote("cp", tmp_path / "a", ":a")
    (tmp_path / "a").write_text("another")
    assert "Up to date" not in mpremote("cp", tmp_path / "a", ":a")


def test_sha256sum_is_that_of_the_file(mpremote, tmp_path):
    data = os.urandom(5000)
    (tmp_path / "a").write_bytes(data)
    mpremote("cp", tmp_path / "a", ":a")
    assert mpremote("sha256sum", ":a").splitlines()[-1] == hashlib.sha256(data).hexdigest()


def test_ls_cat_touch_and_tree_show_the_flash(mpremote, tmp_path):
    (tmp_path / "a.txt").write_text("first\nsecond\n")
    mpremote("mkdir", ":d", "+", "cp", tmp_path / "a.txt", ":d/a.txt", "+", "touch", ":d/b")
    assert mpremote("ls", ":").splitlines()[1:] == ["           0 d/"]
    assert mpremote("ls", ":d").splitlines()[1:] == ["          13 a.txt", "           0 b"]
    assert mpremote("cat", ":d/a.txt") == "first\nsecond\n"
    assert mpremote("tree").splitlines()[-3:] == ["└── d", "    ├── a.txt", "    └── b"]


def test_rm_and_rmdir_remove(mpremote, board):
    mpremote("mkdir", ":d", "+", "touch", ":d/a", "+", "touch", ":b", "+", "touch", ":c")
    mpremote("rm", ":d/a", "+", "rmdir", ":d", "+", "rm", ":b")
    assert list(image.read(board.image)) == ["c"]
    assert mpremote("ls", ":").splitlines()[1:] == ["           0 c"]
    assert "No such file" in mpremote("rm", ":b", code=1)


def test_rm_r_takes_everything_on_the_flash_and_nothing_else(mpremote, board, tmp_path):
    _tree(tmp_path)
    mpremote("cp", "-r", tmp_path / "src", ":")
    mpremote("rm", "-r", ":")
    assert image.read(board.image) == {}
    assert mpremote("exec", "import machine, network; print('still')") == "still\n"


def test_df_tells_the_size_of_the_flash(mpremote):
    size, used = mpremote("df").splitlines()[1].split()[1:3]
    assert int(size) == image.PICO_W_BLOCKS * image.BLOCK_BYTES
    assert int(used) == 2 * image.BLOCK_BYTES


def test_mount_lets_the_board_read_write_and_import_local_files(mpremote, tmp_path):
    contents = _tree(tmp_path)
    code = (
        "import os, hashlib\n"
        "print(sorted(os.listdir()))\n"
        "print(hashlib.sha256(open('control.bin', 'rb').read()).digest().hex())\n"
        "f = open('written.bin', 'wb')\n"
        "f.write(bytes(range(256)))\n"
        "f.close()\n"
        "from deep.er.module import VALUE\n"
        "print(VALUE)\n"
    )
    said = mpremote("mount", tmp_path / "src", "exec", code).splitlines()
    assert said[1:] == [
        "['control.bin', 'deep', 'empty.txt']",
        hashlib.sha256(contents["src/control.bin"]).hexdigest(),
        "42",
    ]
    assert (tmp_path / "src" / "written.bin").read_bytes() == bytes(range(256))


def test_soft_reset_forgets_what_was_imported_and_keeps_the_flash(mpremote, board):
    mpremote("exec", "x = 1", "+", "touch", ":a")
    assert mpremote("resume", "eval", "x") == "1\n"
    assert mpremote("soft-reset", "eval", "'x' in globals()") == "False\n"
    assert board.cause == "soft"
    assert list(image.read(board.image)) == ["a"]


def test_resume_keeps_what_was_imported(mpremote):
    mpremote("exec", "x = 1")
    assert mpremote("resume", "eval", "x + 1") == "2\n"


def test_reset_restarts_the_chip(mpremote, board, wait_for):
    mpremote("reset")
    wait_for(lambda: board.cause == "hard")
    assert mpremote("resume", "exec", "import machine; print(machine.reset_cause())") == "2\n"


def test_rtc_set_gives_the_board_this_machines_time(mpremote):
    assert mpremote("rtc").startswith("(2021, 1, 1, ")
    mpremote("rtc", "--set")
    # The chip's clock lives through the soft reset that mpremote begins with.
    assert mpremote("rtc").startswith("({}, ".format(time.localtime().tm_year))


def test_mpremote_interrupts_an_asyncio_program_at_once(mpremote, tmp_path, board, wait_for):
    (tmp_path / "main.py").write_text(
        "import asyncio\n"
        "from machine import Pin\n"
        "async def main():\n"
        "    Pin(3, Pin.OUT).on()\n"
        "    while True:\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    mpremote("cp", tmp_path / "main.py", ":main.py", "+", "reset")
    wait_for(lambda: board.pins.get(3) == 1)
    assert mpremote("eval", "1 + 1") == "2\n"

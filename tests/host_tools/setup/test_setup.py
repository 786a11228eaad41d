"""Set-up: what is fetched appears whole or not at all, and a failure says why."""

import os
import subprocess
import tarfile

import pytest

from host_tools import exits
from host_tools.setup import (
    compiles,
    debian,
    emulator,
    environment,
    lora_packet,
    micropython,
    npm,
    product,
    umqtt,
)
from host_tools.setup.product import Unavailable


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """tools(name, script) puts a shell script of that name first on PATH; gives its path."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("KERB_MICROPYTHON", raising=False)

    def put(name, script):
        path = folder / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return path

    return put


@pytest.fixture
def home(tmp_path, monkeypatch):
    """build/micropython of a project of its own, not there yet."""
    build = tmp_path / "build"
    monkeypatch.setattr(micropython, "BUILD", build)
    monkeypatch.setattr(micropython, "HOME", build / "micropython")
    monkeypatch.setattr(micropython, "EXECUTABLE", build / "micropython" / "micropython")
    monkeypatch.setattr(micropython, "_WHY_NOT", build / "micropython-missing.txt")
    return build / "micropython"


# Answers like apt-get: a mirror's address, then success; `install` leaves one broken package.
APT_GET = """
case "$*" in
  *indextargets*) echo http://mirror.example/debian/ ;;
  *install*) for word in "$@"; do case "$word" in -oDir::Cache=*)
      echo cut >"${word#*=}/archives/micropython.deb" ;; esac; done ;;
esac
"""


def test_a_micropython_that_is_too_old_or_none_is_refused_with_the_reason(tools):
    assert micropython.version_of(tools("new", "echo 1.26.1")) == (1, 26, 1)
    with pytest.raises(Unavailable, match=r"old is MicroPython 1\.24\.1, older than 1\.25"):
        micropython.version_of(tools("old", "echo 1.24.1"))
    with pytest.raises(Unavailable, match="poor is no complete MicroPython: no module 'tls'"):
        micropython.version_of(tools("poor", "echo \"no module 'tls'\" >&2; exit 1"))
    with pytest.raises(Unavailable, match="nothing does not run"):
        micropython.version_of("/nowhere/nothing")


def test_a_new_enough_micropython_on_path_is_taken(tools, home):
    tools("micropython", "echo 1.25.0")
    tools("apt-get", "exit 1")
    micropython.fetch()
    assert micropython.find() == (str(home / "micropython"), (1, 25, 0))


def test_a_failed_download_leaves_nothing_and_tells_aptgets_last_words(tools, home):
    tools("micropython", "echo 1.19.1")
    tools(
        "apt-get",
        "case $* in *indextargets*) echo http://mirror.example/debian/ ;; "
        "*) echo E: no route >&2; exit 100 ;; esac",
    )
    with pytest.raises(Unavailable, match=r"from http://mirror\.example/debian/(.|\n)*no route"):
        micropython.fetch()
    assert os.listdir(home.parent) == []


def test_a_package_cut_short_leaves_nothing(tools, home):
    tools("micropython", "echo 1.19.1")
    tools("apt-get", APT_GET)
    with pytest.raises(Unavailable, match=r"micropython\.deb can't be unpacked"):
        micropython.fetch()
    assert os.listdir(home.parent) == []


@pytest.mark.parametrize("end", ["gz", "bz2", "xz"])
def test_a_source_packages_archive_is_not_taken_for_its_signature(tmp_path, end):
    archive = tmp_path / f"lwip_2.2.1+dfsg1.orig.tar.{end}"
    for path in (archive, tmp_path / f"{archive.name}.asc", tmp_path / "lwip_2.2.1-1.dsc"):
        path.touch()
    listed = sorted(tmp_path.iterdir())

    class Folder:
        """Lists the signature first, or last."""

        def glob(self, pattern):
            return [path for path in listed if path.match(pattern)]

    for _ in range(2):
        assert debian._archive(Folder(), "lwip") == archive
        listed.reverse()


def test_a_machine_without_debian_among_its_sources_is_told_so(tools, home):
    tools("micropython", "echo 1.19.1")
    tools("apt-get", 'case "$*" in *Origin*) ;; *) echo http://mirror.example/ubuntu/ ;; esac')
    with pytest.raises(Unavailable, match="no Debian mirror among apt's sources"):
        micropython.fetch()


def test_debians_mirror_is_known_by_its_origin_whatever_its_address(tools, home):
    tools("micropython", "echo 1.19.1")
    tools(
        "apt-get",
        'case "$*" in *Origin*) echo http://proxy.example/d/ ;; '
        "*) echo E: no route >&2; exit 9 ;; esac",
    )
    with pytest.raises(Unavailable, match=r"can't be read from http://proxy\.example/d/"):
        micropython.fetch()


def test_the_reason_of_a_failed_set_up_is_what_find_gives_until_it_succeeds(tools, home):
    with pytest.raises(Unavailable, match="not set up: run `make setup`"):
        micropython.find()
    on_path = tools("micropython", "echo 1.19.1")
    tools("apt-get", "echo E: no route >&2; exit 100")
    assert micropython.main() == 1
    with pytest.raises(Unavailable, match="no route"):
        micropython.find()
    on_path.write_text("#!/bin/sh\necho 1.25.0\n")
    assert micropython.main() == 0
    assert micropython.find()[1] == (1, 25, 0)
    assert os.listdir(home.parent) == ["micropython"]


@pytest.mark.parametrize(
    ("listing", "name", "words"),
    [
        (
            "global.index-url='https://one.example/simple'",
            "index-url",
            ["https://one.example/simple"],
        ),
        (":env:.find-links='/a /b'\nglobal.find-links='/c'", "find-links", ["/a", "/b"]),
        ("install.index-url='https://two.example'", "index-url", []),
        ("global.extra-index-url='file:///x'", "index-url", []),
        ("", "cert", []),
    ],
)
def test_pips_settings_are_read_as_pip_shows_them(listing, name, words):
    assert umqtt.setting(listing, name) == words


@pytest.fixture
def umqtt_home(tmp_path, monkeypatch):
    """build/lib/umqtt of a project of its own, not there yet."""
    home = tmp_path / "lib" / "umqtt"
    monkeypatch.setattr(umqtt, "HOME", home)
    monkeypatch.setattr(umqtt, "MODULE", home / "simple.py")
    return home


def test_another_umqtt_archive_than_the_one_that_is_pinned_is_refused(umqtt_home, monkeypatch):
    def unearth(argv, _what, _env=None):
        if "-d" in argv:
            with tarfile.open(argv[argv.index("-d") + 1] / "umqtt.tar.gz", "w:gz") as tar:
                tar.add(__file__, "micropython-umqtt.simple-1.3.4/umqtt/simple.py")
        return ""

    monkeypatch.setattr(umqtt, "run", unearth)
    with pytest.raises(Unavailable, match=r"has SHA-256 [0-9a-f]{64}, expected b6a2"):
        umqtt.fetch()
    assert os.listdir(umqtt_home.parent) == []


def test_pips_other_places_are_asked_when_its_index_cannot_be_reached(umqtt_home, monkeypatch):
    asked = []

    def unearth(argv, _what, env=None):
        if "-d" not in argv:
            return ":env:.cert='/my.crt'\nglobal.index-url='https://one'\nglobal.find-links='/two'"
        asked.append((argv[4:-1], env))
        raise Unavailable(f"not at {argv[5]}")

    monkeypatch.setattr(umqtt, "run", unearth)
    with pytest.raises(Unavailable, match="not at https://one"):
        umqtt.fetch()
    certificate = {"SSL_CERT_FILE": "/my.crt"}
    assert asked == [(["-i", "https://one"], certificate), (["-f", "/two"], certificate)]


def test_packages_that_cannot_be_had_are_named_with_the_next_step(tmp_path, monkeypatch, capsys):
    (tmp_path / "lock").write_text("no-such-package==1.0\n")
    monkeypatch.setattr(environment, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    monkeypatch.setattr("sys.argv", ["environment.py"])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert environment.main() == 1
    said = capsys.readouterr().err
    assert "No matching distribution found for no-such-package==1.0" in said
    assert "Next step: connect this machine" in said
    assert "WARNING" not in said


def test_a_folder_takes_its_place_only_when_it_is_whole(tmp_path):
    target = tmp_path / "thing"
    with product.whole_folder(target) as folder:
        (folder / "version").write_text("1")
    with pytest.raises(KeyboardInterrupt), product.whole_folder(target) as folder:
        (folder / "version").write_text("2")
        raise KeyboardInterrupt
    assert (target / "version").read_text() == "1"
    with product.whole_folder(target) as folder:
        (folder / "version").write_text("3")
    assert (target / "version").read_text() == "3"
    assert os.listdir(tmp_path) == ["thing"]


def test_a_file_that_mpy_cross_refuses_is_named(tmp_path):
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "bad.py").write_text("def f(:\n    pass\n")
    count, said = compiles.failures([tmp_path])
    assert count == 2 and len(said) == 1
    assert 'bad.py", line 1' in said[0]


@pytest.fixture
def made(tmp_path):
    """made(target, emulator, kerb, **env): make's exit code where these are the commands' own."""
    (tmp_path / "bin").mkdir()
    for name, script in (
        ("python", "case $* in *setup.emulator*) exit $EMULATOR ;; esac"),
        ("kerb", "exit $KERB"),
    ):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n" + script + "\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / ".ready").touch()
    there = [f"{name}={tmp_path / '.ready'}" for name in ("UMQTT", "MICROPYTHON")]

    def run(target, emulator, kerb, **env):
        return subprocess.run(
            ["make", target, f"VENV={tmp_path}", *there],
            cwd=product.ROOT,
            env={"PATH": os.environ["PATH"], "EMULATOR": emulator, "KERB": kerb, **env},
            capture_output=True,
            check=False,
        ).returncode

    return run


MISSING, FAILED, OK = map(str, (exits.MISSING, exits.FAILED, exits.OK))


@pytest.mark.parametrize(("emulator", "kerb"), [(OK, OK), (MISSING, OK), (OK, MISSING)])
def test_what_this_machine_lacks_fails_the_emulated_tests_in_ci_alone(made, emulator, kerb):
    assert made("test-emulated", emulator, kerb) == 0
    assert made("test-emulated", emulator, kerb, CI="false") == 0
    assert (made("test-emulated", emulator, kerb, CI="true") == 0) == (emulator == kerb == OK)


@pytest.mark.parametrize(("emulator", "kerb"), [(OK, FAILED), (FAILED, OK)])
def test_what_was_tried_and_failed_fails_the_emulated_tests_everywhere(made, emulator, kerb):
    assert made("test-emulated", emulator, kerb) != 0
    assert made("test-emulated", emulator, kerb, CI="true") != 0


@pytest.mark.parametrize("of_npm", [emulator, lora_packet])
def test_a_missing_node_is_told_apart_from_a_failure(monkeypatch, capsys, of_npm):
    monkeypatch.setenv("PATH", "/nowhere")
    assert of_npm.main() == exits.MISSING
    assert "node is not installed" in capsys.readouterr().err


def test_lora_packet_is_fetched_once_and_again_when_its_lock_file_changes(
    tools, tmp_path, monkeypatch
):
    tools("node", "echo v20.1.0")
    tools("npm", f"mkdir node_modules; echo $* >> {tmp_path}/calls")
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in npm.MANIFESTS:
        (sources / name).write_text("{}")
    monkeypatch.setattr(lora_packet, "SOURCES", sources)
    monkeypatch.setattr(lora_packet, "HOME", tmp_path / "lora-packet")
    calls = tmp_path / "calls"
    for lock, expected in (("{}", 1), ("{}", 1), ("{ }", 2), ("{ }", 2)):
        (sources / "package-lock.json").write_text(lock)
        assert lora_packet.main() == exits.OK
        assert len(calls.read_text().splitlines()) == expected
        assert lora_packet.find()[1] == tmp_path / "lora-packet"


def test_a_registry_that_does_not_answer_leaves_no_lora_packet(
    tools, tmp_path, monkeypatch, capsys
):
    tools("node", "echo v20.1.0")
    tools("npm", "echo ENOTFOUND >&2; exit 1")
    monkeypatch.setattr(lora_packet, "HOME", tmp_path / "lora-packet")
    assert lora_packet.main() == exits.MISSING
    assert "ENOTFOUND" in capsys.readouterr().err
    assert not (tmp_path / "lora-packet").exists()
    with pytest.raises(Unavailable, match="make lora-packet"):
        lora_packet.find()


def make(*words):
    """The lines that make prints, as started from a shell even when make runs these tests."""
    done = subprocess.run(
        ["make", *words],
        cwd=product.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_run_hands_its_options_to_the_street():
    last = make("-n", "run", "FOR=20", "JSON=1", "ARGS=--seed 7")[-1]
    assert " ".join(last.split()).endswith("bin/kerb street --for 20 --json --seed 7")


def test_help_has_a_line_for_every_target():
    told = {line.split()[1] for line in make()}
    phony = {
        name
        for line in (product.ROOT / "Makefile").read_text().splitlines()
        if line.startswith(".PHONY:")
        for name in line.split()[1:]
    }
    halves = {"emulated-units", "emulated-pins"}  # of test-emulated, nobody's to call
    assert told == phony - halves >= {"run", "test", "lint", "format", "clean", "help"}

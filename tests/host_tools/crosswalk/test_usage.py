"""What `kerb crosswalk` refuses to be asked."""

import pytest

from host_tools import cli, exits


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--port=", "--port: found nothing"),
        ("--broker=", "--broker: found nothing"),
        ("--broker x --secrets=", "--secrets: found nothing"),
        ("--once", "--once: of a city's crosswalks"),
        ("--ca x", "--ca: of a city's"),
        ("--secrets x", "--secrets: of a city's"),
        ("--base kerb", "--base: of a city's"),
        ("--port /dev/x --once", "--once: of a city's"),
        ("--port /dev/x --speed 1", "--speed: of a simulated crossing, but --port is given"),
        ("--port /dev/x --seed 0 --kind bus", "--seed, --kind: of a simulated crossing"),
        ("--broker x --speed 0", "--speed: of a simulated crossing, but --broker is given"),
        ("--broker x --kind bus", "--kind: of a simulated"),
        ("--broker x --port /dev/x", "leave one out"),
        ("--broker x --secrets /nowhere", "--secrets: /nowhere is no secrets.json"),
        ("--broker x --base=", "--base: found ''"),
    ],
)
def test_what_goes_with_nothing_is_refused_with_what_to_do(capsys, words, said):
    assert cli.main(["crosswalk", *words.split(), "--for", "1s"]) == exits.USAGE
    error = capsys.readouterr().err
    assert said in error
    assert "next: " in error and "kerb crosswalk --help" in error

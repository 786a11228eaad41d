"""raised(): what pytest.raises is, for tests that run on MicroPython too."""


def raised(kind, fn, *args, **kwargs):
    """Calls fn and gives the exception of that kind that it raises; fails when it raises none."""
    try:
        fn(*args, **kwargs)
    except kind as exc:
        return exc
    raise AssertionError("no " + kind.__name__)

"""Random damage: the strict reader agrees with Python's own, and nothing but errors comes out."""

import json

from hypothesis import given
from hypothesis import strategies as st
from kerb.system import jsontext
from kerb.system.schema import Bool, Choice, Int, List, Obj, Str, validate

# hypothesis is CPython's.
RUNTIMES = ("cpython",)

SCHEMA = {
    "app": Choice(("light", "parking")),
    "name": Str(1, 12),
    "site": Obj({"lat_e7": Int(-900000000, 900000000), "tz": Str(3, 64, "UTC0")}),
    "light": Obj({"schedule": List(Obj({"minute": Int(0, 1439)}), 3), "on": Bool(True)}, True),
}
TEXT = b'{"app": "light", "n\\n": [1, -2.5e3, null, {}], "t": true, "f": false, "x": "\xc3\xa9"}'

KEYS = st.sampled_from(("app", "name", "site", "lat_e7", "tz", "light", "schedule", "minute"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner),
    max_leaves=30,
)


def by_python(data):
    def refuse(word):
        raise ValueError(word)

    return json.loads(data.decode(), parse_constant=refuse)


def value_or_none(parse, data):
    try:
        return [parse(data)]
    except ValueError:
        return None


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TEXT)),
            st.integers(0, 4),
            st.binary(max_size=2) | st.sampled_from([bytes([c]) for c in TEXT]),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_damaged_text_is_json_for_us_exactly_when_it_is_for_python(damages):
    data = TEXT
    for at, gone, put in damages:
        data = data[:at] + put + data[at + gone :]
    assert value_or_none(jsontext.parse, data) == value_or_none(by_python, data)


@given(DOCUMENTS, st.booleans())
def test_any_document_is_either_clean_or_has_errors(document, hide):
    clean, errors = validate(SCHEMA, document, None, hide)
    assert (clean is None) == bool(errors)
    if clean is not None:
        assert validate(SCHEMA, clean)[0] in (clean, None)


@given(st.text(min_size=8, max_size=20, alphabet="qxzQXZ0123456789"), DOCUMENTS)
def test_no_error_shows_a_hidden_value(secret, document):
    schema = {"a": Int(0, 1), "b": Bool(), "c": Str(30, 40), "d": List(Str(30, 40), 9)}
    doc = {"a": secret, "b": [secret, document], "c": secret, "d": [secret, {"e": secret}]}
    _, errors = validate(schema, doc, None, True)
    assert len(errors) == 5
    assert secret not in " ".join(errors)

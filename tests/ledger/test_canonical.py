"""One spelling for each value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import canonical_json, digest, note_digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reading_back_gives_the_same_value_and_spelling(value) -> None:
    spelled = canonical_json(value)
    assert json.loads(spelled) == value
    assert canonical_json(json.loads(spelled)) == spelled


@given(st.dictionaries(st.text("abcdef", max_size=4), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"é": "Café “au lait”\n"}, '{"é":"Café “au lait”\\n"}'),
        ("", '""'),
        ({"Z": 1, "a": 2, "é": 3, "😀": 4}, '{"Z":1,"a":2,"é":3,"😀":4}'),
    ],
)
def test_the_spelling(value, spelled) -> None:
    assert canonical_json(value) == spelled.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_has_no_spelling_is_refused(value) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_json(value)


@given(st.text(max_size=8), st.text(max_size=8), st.text(min_size=1, max_size=4))
def test_no_letter_moves_between_salt_and_text_unseen(salt, text, moved) -> None:
    encodable = (salt + text + moved).encode("utf-8", "ignore").decode() == salt + text + moved
    if encodable:
        assert note_digest(salt=salt + moved, text=text) != note_digest(salt=salt, text=moved + text)

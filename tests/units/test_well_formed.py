"""Everything that is wrong with a file is told at once, and nothing that can stand in a file breaks the check."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.units.kinds_of_items import standard_of_all_kinds
from tests.units.structured import structured_standard
from units.standard_files import StandardFileError, check


def problems_of(data: Any) -> tuple[str, ...]:
    with pytest.raises(StandardFileError) as caught:
        check(data)
    return caught.value.problems


def test_shape_and_sense_are_told_together() -> None:
    data = standard_of_all_kinds()
    units = data["units"]
    units[0]["setting_policy"] = "anything"
    units[0]["groups"][0]["at_least"] = 7
    units[1]["code"] = "B4"
    units[2]["groups"][0]["kind"] = "list"
    units[2]["groups"][1]["at_least"] = 1
    units[3]["notes"] = "none"
    units[3]["groups"][1]["criteria"] = [{"text": "x  y"}]
    data["qualifications"][0]["units"][0]["unit"] = "Z9"
    assert set(problems_of(data)) == {
        "units[0].setting_policy: 'anything' is not one of real_job_preferred, real_job_expected, simulation_allowed, "
        "real_job_required, drills_excepted, no_simulation",
        "units[0].groups[0].at_least: asks for 7 of 6 points",
        "units[1].code: 'B4' is already used at units[0].code",
        "units[2].groups[0].kind: 'list' is not one of points, distinct, obligation, condition, example, scope",
        "units[2].groups[1].at_least: is for items of kind 'points' only",
        "units[3].notes: must be a list",
        "units[3].groups[1].criteria: an item of kind 'obligation' has no points of its own",
        "units[3].groups[1].criteria[0].text: white space must be collapsed to single spaces, with none at the ends",
        "qualifications[0].units[0].unit: no unit 'Z9' in this file",
    }


def test_awards_are_not_blamed_for_units_whose_codes_cannot_be_read() -> None:
    data = standard_of_all_kinds()
    data["units"][0]["code"] = 4
    assert problems_of(data) == ("units[0].code: must be text",)


def test_items_are_not_blamed_for_elements_that_cannot_be_read() -> None:
    data = standard_of_all_kinds()
    data["units"][0]["elements"] = [{"number": 1, "text": "x"}]
    data["units"][0]["groups"][0]["element"] = "1"
    assert problems_of(data) == ("units[0].elements[0].number: must be text",)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 1001) | st.sampled_from(["", "x", " ", "B4", "points", "a\0b", "O"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "kind", "units", "code"]), inner)
    ),
    max_leaves=4,
)


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in below for place in places(value, (*path, key)))]


BASES = (standard_of_all_kinds(), structured_standard())
SPOILS = st.sampled_from(BASES).flatmap(
    lambda base: st.tuples(
        st.just(base),
        st.lists(st.tuples(st.sampled_from(places(base)[1:]), st.none() | JUNK), min_size=1, max_size=4),
    )
)


@settings(max_examples=300, deadline=None)
@given(SPOILS)
def test_whatever_stands_anywhere_is_refused_or_read(spoilt: tuple[Any, list[tuple[Any, Any]]]) -> None:
    """None stands for a part that is left out."""
    base, spoils = spoilt
    data: Any = copy.deepcopy(base)
    for path, junk in spoils:
        part = data
        try:
            for step in path[:-1]:
                part = part[step]
            if junk is None:
                del part[path[-1]]
            else:
                part[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue  # An earlier spoil took the place away.
    found: object
    try:
        found = check(data)
    except StandardFileError as refusal:
        found = refusal.problems
    assert found

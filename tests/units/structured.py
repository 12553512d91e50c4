"""A small standard whose one qualification has every rule of combination. Units, rules and figures are made up for the
tests: no standard prints any (Q30)."""

from typing import Any

CODES = ("F1", "F2", "B1", "B2", "B3", "B4", "C1", "C2", "C3", "X1")


def structured_standard() -> dict[str, Any]:
    """Fresh plain data, in its written form.

    F1 and F2 are mandatory; three of the four of group B, two of the three of group C at most; C1 bars B4. Enough are
    F1, F2, B1, B2, B3 and C1: six units with 31 credits, 8 of them at level 3.
    """
    return {
        "$schema": "./standard.schema.json",
        "code": "structured",
        "edition": "2010",
        "title": "A structured standard",
        "source": "Made for the tests.",
        "units": [
            {
                "code": code,
                "title": f"Made for the tests, {code}",
                "setting_policy": "real_job_preferred",
                "level": "3" if code[0] == "C" else "2",
                "credits": {"F": 4, "B": 5, "C": 8, "X": 2}[code[0]],
            }
            for code in CODES
        ],
        "qualifications": [
            {
                "code": "structured-nvq",
                "title": "Structured NVQ",
                "level": "3",
                "at_least_units": 6,
                "at_least_credits": 31,
                "at_least_credits_at_level": 8,
                "groups": [
                    {"name": "Group B", "at_least_units": 3, "at_least_credits": 15},
                    {"name": "Group C", "at_least_units": 1, "at_most_units": 2},
                ],
                "barred": [["B4", "C1"]],
                "units": [
                    {"unit": code, "is_mandatory": code[0] == "F"}
                    | ({"group": f"Group {code[0]}"} if code[0] in "BC" else {})
                    for code in CODES
                ],
            }
        ],
    }


def without_rules() -> dict[str, Any]:
    """The same units in a qualification without any rule of combination."""
    data = structured_standard()
    award = data["qualifications"][0]
    for rule in ("at_least_units", "at_least_credits", "at_least_credits_at_level", "groups", "barred"):
        del award[rule]
    for member in award["units"]:
        member["is_mandatory"] = False
        member.pop("group", None)
    return data

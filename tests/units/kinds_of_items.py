"""A standard with every kind of item that the printed requirements hold (PRACTICE §2), small enough to read.

Wording is shortened from the units named in each code.
"""

from typing import Any


def standard_of_all_kinds() -> dict[str, Any]:
    """Fresh plain data, for a test to load or to spoil: as it is written, but for the ordinals."""
    return {
        "$schema": "./standard.schema.json",
        "code": "all-kinds",
        "edition": "2010",
        "title": "Every kind of item",
        "source": "Made for the tests.",
        "units": [
            {
                "code": "B4",
                "title": "Recognise diversity",
                "setting_policy": "real_job_expected",
                "notes": [{"printed_number": "1", "kind": "setting", "text": "Your evidence should be collected."}],
                "groups": [
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "5",
                        "text": "four of these sources of diversity:",
                        "at_least": 4,
                        "criteria": [
                            {"printed_label": letter, "text": text}
                            for letter, text in zip(
                                "abcdef",
                                ["Age", "Disability", "Values", "Education", "Beliefs", "Lifestyle"],
                                strict=True,
                            )
                        ],
                    },
                ],
            },
            {
                "code": "A17",
                "title": "Champion customer service",
                "setting_policy": "real_job_required",
                "level": "4",
                "credits": 10,
                "groups": [
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "5",
                        "text": "You evidence must show:",
                        "criteria": [{"printed_label": "a", "text": "Quality", "methods": ["O", "WT"], "times": 2}],
                    },
                    {
                        "section": "cover",
                        "kind": "distinct",
                        "printed_number": "7",
                        "text": "using two different communication media.",
                        "wanted_values": 2,
                        "value_name": "communication medium",
                    },
                ],
            },
            {
                "code": "D2",
                "title": "Support customer service improvements",
                "setting_policy": "simulation_allowed",
                "groups": [
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "5",
                        "text": "two changes. In each case:",
                        "per_instance": "change",
                        "instances": 2,
                        "criteria": [
                            {"printed_label": "a", "text": "Linking customer feedback"},
                            {"printed_label": "b", "text": "Implementing the change"},
                        ],
                    },
                    {
                        "section": "cover",
                        "kind": "condition",
                        "printed_number": "7",
                        "text": "Each change must be significant enough.",
                    },
                ],
            },
            {
                "code": "D3",
                "title": "Develop personal performance",
                "setting_policy": "drills_excepted",
                "groups": [
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "4",
                        "text": "one or more of the following",
                        "at_least": 1,
                        "criteria": [{"text": "Your manager"}, {"text": "Your mentor"}],
                    },
                    {
                        "section": "cover",
                        "kind": "obligation",
                        "printed_number": "6",
                        "text": "Your plan must be put on record.",
                        "is_should": True,
                    },
                ],
            },
            {
                "code": "D6",
                "title": "Develop your own skills though self-study",
                "display_title": "Develop your own skills through self-study",
                "setting_policy": "real_job_preferred",
                "groups": [
                    {
                        "section": "cover",
                        "kind": "example",
                        "printed_number": "5",
                        "text": "may be any or all of the following:",
                        "criteria": [{"printed_label": "a", "text": "Paper based"}],
                    },
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "6",
                        "text": "collected feedback:",
                        "criteria": [
                            {"printed_label": "a", "text": "Using two different formal methods", "wanted_values": 2},
                        ],
                    },
                    {
                        "section": "cover",
                        "kind": "points",
                        "printed_number": "7",
                        "text": "listed:",
                        "per_instance": "risk",
                        "reading": "The set is open: the assessor declares that each risk is shown.",
                        "criteria": [{"printed_label": "c", "text": "Each risk"}],
                    },
                ],
            },
            {
                "code": "D13",
                "title": "Monitor the quality of transactions",
                "setting_policy": "no_simulation",
                "conflicts": [{"unit": "A16", "about": "Says the same."}],
                "groups": [
                    {
                        "section": "cover",
                        "kind": "scope",
                        "text": "There are no additional evidence requirements.",
                    },
                ],
            },
            {
                "code": "F6",
                "title": "Follow organisational rules",
                "setting_policy": "no_simulation",
                "notes": [{"kind": "sufficiency", "text": "over a sufficient period of time"}],
            },
        ],
        "qualifications": [
            {
                "code": "svq-2",
                "title": "Customer Service SVQ",
                "nation": "SVQ",
                "units": [{"unit": "F6", "is_mandatory": True}, {"unit": "B4", "is_mandatory": False}],
            },
            {
                "code": "nvq-2",
                "title": "Customer Service NVQ",
                "level": "2",
                "units": [{"unit": "B4", "is_mandatory": True}],
            },
        ],
    }

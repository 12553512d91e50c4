"""Which setting may count for what: setting × unit policy × kind of criterion (R5, R6, Q16, Q17). Pure."""

from dataclasses import dataclass
from enum import Enum
from functools import cache

from django.db import models

from units.kinds import Section


class Setting(models.TextChoices):
    """Where an evidence item comes from. Voluntary work is a real job, a placement is not (Q17)."""

    REAL_JOB = "real_job", "Real job, paid or voluntary"
    RWE = "rwe", "Realistic working environment"
    PLACEMENT = "placement", "Work placement"
    SIMULATION = "simulation", "Simulation"
    STAGED_EMERGENCY = "staged_emergency", "Staged emergency practice"


class SettingPolicy(models.TextChoices):
    """The six forms that a unit's setting note takes."""

    REAL_JOB_PREFERRED = "real_job_preferred", "Based on a real job wherever possible; RWE or placement allowed"
    REAL_JOB_EXPECTED = "real_job_expected", "Collected in a real job; RWE or placement allowed"
    SIMULATION_ALLOWED = "simulation_allowed", "Real job wherever possible; RWE, placement and simulation allowed"
    REAL_JOB_REQUIRED = "real_job_required", "Real job only; no simulation for performance"
    DRILLS_EXCEPTED = "drills_excepted", "Real job only; no simulation for performance, except staged emergencies"
    NO_SIMULATION = "no_simulation", "Real job only; no simulation for any evidence"


class Reach(Enum):
    """How far evidence from a setting goes in a unit."""

    ALL = "all"
    KNOW = "know"
    NONE = "none"


_ALL, _KNOW, _NONE = Reach.ALL, Reach.KNOW, Reach.NONE
# The table of R5, literally, a column for each setting in the order above. Its first row has two wordings.
_TABLE = {
    SettingPolicy.REAL_JOB_PREFERRED: (_ALL, _ALL, _ALL, _KNOW, _KNOW),
    SettingPolicy.REAL_JOB_EXPECTED: (_ALL, _ALL, _ALL, _KNOW, _KNOW),
    SettingPolicy.SIMULATION_ALLOWED: (_ALL, _ALL, _ALL, _ALL, _ALL),
    SettingPolicy.REAL_JOB_REQUIRED: (_ALL, _NONE, _NONE, _KNOW, _KNOW),
    SettingPolicy.DRILLS_EXCEPTED: (_ALL, _NONE, _NONE, _KNOW, _ALL),
    SettingPolicy.NO_SIMULATION: (_ALL, _NONE, _NONE, _NONE, _NONE),
}
RULES: dict[SettingPolicy, dict[Setting, Reach]] = {
    policy: dict(zip(Setting, row, strict=True)) for policy, row in _TABLE.items()
}

NAMES_IN_A_SENTENCE: dict[Setting, str] = {
    Setting.REAL_JOB: "a real job",
    Setting.RWE: "a realistic working environment",
    Setting.PLACEMENT: "a work placement",
    Setting.SIMULATION: "simulation",
    Setting.STAGED_EMERGENCY: "a staged emergency practice",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a claim may count, and why, in a sentence a candidate understands.

    `must_state_basis` is set where the evidence counts although it is simulated: the experience it is based on has to
    be recorded then (R6).
    """

    allowed: bool
    reason: str
    must_state_basis: bool = False


@cache
def may_count(policy: str, setting: str, section: str) -> Ruling:
    """Rule on evidence from `setting`, claimed in `section` of a unit with `policy` (R5, R6, Q16, Q17).

    Takes values of SettingPolicy, Setting and Section, as rows hold them; ValueError for any other. A claim against the
    unit as a whole is performance: ask for `Section.COVER`.
    """
    source = Setting(setting)
    reach = RULES[SettingPolicy(policy)][source]
    is_know = Section(section) is Section.KNOW
    name = NAMES_IN_A_SENTENCE[source]
    if reach is Reach.ALL:
        if source is Setting.SIMULATION:
            reason = "This unit allows simulation. Say what real experience it is based on."
            return Ruling(allowed=True, reason=reason, must_state_basis=True)
        return Ruling(allowed=True, reason=f"Evidence from {name} counts in this unit.")
    if reach is Reach.KNOW:
        if is_know:
            return Ruling(allowed=True, reason=f"Evidence from {name} may support what you must know.")
        reason = f"Evidence from {name} cannot show what you must cover or do in this unit, only what you must know."
        return Ruling(allowed=False, reason=reason)
    if source in (Setting.RWE, Setting.PLACEMENT):
        reason = f"This unit needs evidence from your real job. Evidence from {name} cannot count."
        return Ruling(allowed=False, reason=reason)
    return Ruling(allowed=False, reason=f"This unit allows no simulation at all. Evidence from {name} cannot count.")

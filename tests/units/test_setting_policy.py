"""R5 as a literal table: every policy × every setting × every section."""

import itertools

import pytest

from units.kinds import Section
from units.setting_policy import Setting, SettingPolicy, may_count

# Columns: real job, realistic working environment, placement, simulation, staged emergency practice.
# Each cell says which sections may count: Cover, Do, Know.
TABLE = {
    "real_job_preferred": ("CDK", "CDK", "CDK", "K", "K"),
    "real_job_expected": ("CDK", "CDK", "CDK", "K", "K"),
    "simulation_allowed": ("CDK", "CDK", "CDK", "CDK", "CDK"),
    "real_job_required": ("CDK", "", "", "K", "K"),
    "drills_excepted": ("CDK", "", "", "K", "CDK"),
    "no_simulation": ("CDK", "", "", "", ""),
}
COLUMNS = ("real_job", "rwe", "placement", "simulation", "staged_emergency")
LETTERS = {Section.COVER: "C", Section.DO: "D", Section.KNOW: "K"}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(SettingPolicy.values)
    assert set(COLUMNS) == set(Setting.values)


@pytest.mark.parametrize(("policy", "setting"), list(itertools.product(SettingPolicy, Setting)), ids=str)
def test_r5(policy: SettingPolicy, setting: Setting) -> None:
    allowed = TABLE[policy.value][COLUMNS.index(setting.value)]
    for section in Section:
        ruling = may_count(policy, setting, section)
        assert ruling.allowed is (LETTERS[section] in allowed), (policy, setting, section)
        assert ruling.reason.endswith(".")
        assert len(ruling.reason.split()) > 4


def test_simulation_counts_only_with_its_basis_stated() -> None:
    """R6: where simulation is allowed, the experience it is based on is recorded."""
    needing = {
        (policy, setting)
        for policy, setting, section in itertools.product(SettingPolicy, Setting, Section)
        if may_count(policy, setting, section).must_state_basis
    }
    assert needing == {(SettingPolicy.SIMULATION_ALLOWED, Setting.SIMULATION)}


def test_plain_values_from_the_database_will_do() -> None:
    assert not may_count("real_job_required", "rwe", "know").allowed
    with pytest.raises(ValueError, match="weekend"):
        may_count("real_job_required", "weekend", "know")

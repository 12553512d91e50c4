"""The demo centre: everything that the pages need to have something to show, made once by the real actions."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from centres.models import Centre, Membership, User
from desk.notices import deliver
from evidence.models import Claim, Evidence, EvidenceFile
from files.models import Blob, Preparation
from fixtures.demo import reading, telling
from fixtures.demo.items import files_of, read_item
from fixtures.demo.reading import cast, words_of
from ledger.chains import HEADS, INSTALLATION
from ledger.models import Chain, Event
from registrations.models import Registration, UnitRecord
from signoff.models import Signature
from tests.evidence.builders import criteria_of, load_units, open_centre

pytestmark = pytest.mark.pdf

COLLECTION = (
    "service-offer",
    "feedback",
    "at-the-counter",
    "team-briefing",
    "comes-back",
    "sent-elsewhere",
    "discussion",
)


def everything() -> dict[str, int]:
    """How much there is of each thing."""
    tables = (Centre, User, Membership, Registration, UnitRecord, Evidence, EvidenceFile, Claim, Signature, Blob, Event)
    return {table.__name__: table.objects.count() for table in tables}


def test_it_fills_an_empty_installation_once(db, capsys: pytest.CaptureFixture[str]):
    call_command("seed_demo")
    first = everything()
    for person in cast().people:
        assert User.objects.get(email=person.email).check_password(cast().password)
    call_command("seed_demo")
    assert everything() == first
    printed = capsys.readouterr().out
    assert all(person.email in printed for person in cast().people)
    assert cast().password in printed

    states = Counter(UnitRecord.objects.values_list("state", flat=True))
    assert states == {"open": 7, "awaiting_countersignature": 1, "complete": 1, "verified": 1}
    assert set(Claim.objects.values_list("state", flat=True)) == {"accepted", "returned", "undecided"}
    assert (
        Membership.objects.filter(person__email=cast().person("Martin Hale").email).values("centre").distinct().count()
        == 2
    )
    assert not Blob.objects.exclude(preparation__in=[Preparation.READY, Preparation.NONE]).exists()
    assert {"jpeg", "pdf", "docx", "csv", "eml"} <= set(Blob.objects.values_list("kind", flat=True))
    # Its past stands in order, its ledger holds, and nobody is mailed about it.
    for chain in Chain.objects.exclude(key__in=[INSTALLATION, HEADS]):
        moments = list(chain.events.order_by("sequence").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert deliver(chain.key) == 0
    call_command("verify", stdout=None)


def test_it_refuses_a_real_installation(db):
    load_units()
    open_centre("A real centre")
    with pytest.raises(CommandError, match="empty installation only"):
        call_command("seed_demo")
    assert Centre.objects.count() == 1


@pytest.mark.parametrize("shop", ["Tidewater", "Marsh", "Vale", "Quill"])
def test_seven_items_fill_every_cell_of_304(db, shop):
    unit, _ = load_units()
    words = words_of(shop, "Carla Candidate")
    items = [read_item(name, words) for name in COLLECTION]
    claimed = [label for item in items for label in item.claims["304"]]
    assert sorted(claimed) == sorted(criterion.label for criterion in criteria_of(unit))
    for item in items:
        assert item.lasted_days >= 0
        assert all(content for _, content in files_of(item, day=date(2026, 3, 2)))


def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story: str) -> str:
    """The sentence that a story with a mistake gets."""
    shutil.copytree(reading.FOLDER, tmp_path / "demo")
    shutil.rmtree(tmp_path / "demo" / "stories")
    (tmp_path / "demo" / "stories").mkdir()
    (tmp_path / "demo" / "stories" / "a.toml").write_text(story)
    for module in (reading, telling):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "demo")
    with pytest.raises(CommandError) as refusal:
        call_command("seed_demo")
    return str(refusal.value)


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        ("[[step]]\ndays_ago = 1\ndo =", "stories/a.toml cannot be read: Invalid value (at end of document)."),
        ('[[step]]\ndo = "join"', "a.toml, step 1 (join), days_ago must be a number, and is None."),
        ('[[step]]\ndays_ago = 1\ndo = "invite"\nname = 3', "a.toml, step 1 (invite): 'email' is missing."),
        (
            '[[step]]\ndays_ago = 1\ndo = "invite"\nnmae = "Ann"',
            "a.toml, step 1 (invite): 'nmae' is not a key that is known here. "
            "Known are: name, email, role, coordinator.",
        ),
        (
            '[[step]]\ndays_ago = 1\ndo = "invite"\nname = 3\nemail = "a"\nrole = "iv"\ncoordinator = "P"',
            "a.toml, step 1 (invite), name must be text, and is 3.",
        ),
        (
            '[[step]]\ndays_ago = 1\ndo = "invite"\nname = "A"\nemail = "a"\nrole = "x"\ncoordinator = "P"',
            "a.toml, step 1 (invite), role: 'x' is none of candidate, assessor, iv, ev, coordinator.",
        ),
        (
            '[[step]]\ndays_ago = 1\ndo = "invite"\nname = "A"\nemail = "a"\nrole = "iv"\ncoordinator = "P"',
            "a.toml, step 1 (invite), coordinator: there is no membership 'P' at that time.",
        ),
        ('colour = "red"', "a.toml: no step of this story knows what to do with 'colour'."),
        ('shop = "Nowhere"', "shops.toml has no shop 'Nowhere'."),
        (
            'shop = "Vale"\n[[step]]\ndays_ago = 1\ndo = "draw signature"\nby = "{nobody}"\nseed = 1',
            "a.toml, step 1 (draw signature), by: 'nobody' in braces is no word of a shop.",
        ),
    ],
)
def test_a_mistake_in_a_story_is_told_with_file_and_key(db, tmp_path, monkeypatch, story: str, sentence: str):
    assert told(tmp_path, monkeypatch, story) == sentence
    assert Centre.objects.count() == 0

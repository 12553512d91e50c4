"""The demo centre: everything that the pages need to have something to show, made once by the real actions."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from centres.models import Centre, Membership, User
from desk.demo.cast import EVERYBODY, MARTIN, PASSWORD
from desk.demo.items import EVERY_ITEM
from desk.demo.shops import MARSH, QUILL, TIDEWATER, VALE
from desk.notices import deliver
from evidence.models import Claim, Evidence, EvidenceFile
from files.models import Blob, Preparation
from ledger.chains import HEADS, INSTALLATION
from ledger.models import Chain, Event
from registrations.models import Registration, UnitRecord
from signoff.models import Signature
from tests.evidence.builders import criteria_of, load_units, open_centre

pytestmark = pytest.mark.pdf


def everything() -> dict[str, int]:
    """How much there is of each thing."""
    tables = (Centre, User, Membership, Registration, UnitRecord, Evidence, EvidenceFile, Claim, Signature, Blob, Event)
    return {table.__name__: table.objects.count() for table in tables}


def test_it_fills_an_empty_installation_once(db, capsys: pytest.CaptureFixture[str]):
    call_command("seed_demo")
    first = everything()
    for person in EVERYBODY:
        assert User.objects.get(email=person.email).check_password(PASSWORD)
    call_command("seed_demo")
    assert everything() == first
    printed = capsys.readouterr().out
    assert all(person.email in printed for person in EVERYBODY)
    assert PASSWORD in printed

    states = Counter(UnitRecord.objects.values_list("state", flat=True))
    assert states == {"open": 7, "awaiting_countersignature": 1, "complete": 1, "verified": 1}
    assert set(Claim.objects.values_list("state", flat=True)) == {"accepted", "returned", "undecided"}
    assert Membership.objects.filter(person__email=MARTIN.email).values("centre").distinct().count() == 2
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


@pytest.mark.parametrize("shop", [TIDEWATER, MARSH, VALE, QUILL], ids=lambda shop: shop.name)
def test_seven_items_fill_every_cell_of_304(db, shop):
    unit, _ = load_units()
    items = [make(shop, "Carla Candidate", 20) for make in EVERY_ITEM]
    claimed = [label for item in items for label in item.claims]
    assert sorted(claimed) == sorted(criterion.label for criterion in criteria_of(unit))
    for item in items:
        assert item.happened_from <= item.happened_to
        assert all(content for _, content in item.files)

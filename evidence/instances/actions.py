"""Naming what a unit asks for several of: which change, which medium, which risk (R3, HOUSE decided 9)."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from centres.models import Membership
from evidence.instances.permissions import check_may_name, check_may_remove, check_may_rename
from evidence.instances.queries import named_in
from evidence.items.actions import locked_records
from evidence.models import Instance
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import UnitRecord
from registrations.unit_records import lapse_confirmations
from units.queries import unit_outline
from units.text import several

LONGEST_NAME = 80
# No unit is about as many risks as this; a slip of a script might be.
MOST_NAMED = 50


@transaction.atomic
def name_instance(*, record_id: int, of: str, name: str, by: Membership) -> Instance:
    """Name one of the things that a unit asks for several of, for all its items that speak of them.

    What was confirmed of the unit lapses. The same form sent twice names it once. Raises PermissionDenied for anybody
    but the candidate and the unit's assessor; ValidationError for a record that is signed or closed and for a word that
    the unit does not ask for, and under ``name`` for a blank, long or doubled one and for one too many.
    """
    record = locked_records([record_id])[record_id]
    check_may_name(record, by)
    if of not in unit_outline(record.unit_id).instance_words:
        raise ValidationError(f"Unit {record.unit.code} does not ask you to name any {several(of)}.")
    name = _cleaned(name)
    named = list(named_in(record).filter(of=of))
    twin = next((one for one in named if one.name.casefold() == name.casefold()), None)
    if twin is not None and (twin.name, twin.named_by_id) == (name, by.person_id):
        return twin
    _check_new(twin)
    if len(named) >= MOST_NAMED:
        raise ValidationError({"name": f"{MOST_NAMED} {several(of)} are named already. Remove one first."})
    instance = Instance.objects.create(record=record, of=of, name=name, named_by=by.person)
    _tell(EventType.INSTANCE_NAMED, instance, name, by)
    lapse_confirmations(unit_record=record, by=by)
    return instance


@transaction.atomic
def rename_instance(*, instance_id: int, name: str, by: Membership) -> Instance:
    """Give one another name, until a claim has been accepted for it; the same name again changes nothing.

    What was confirmed of the unit lapses: it was confirmed of what had the other name. Raises as ``check_may_rename``
    does; ValidationError under ``name`` for a blank, long or doubled one, and for one that was removed meanwhile.
    """
    instance, record = _locked(instance_id)
    check_may_rename(instance, by)
    if instance.removed_at is not None:
        raise ValidationError(f"“{instance}” has been removed meanwhile. Name it again.")
    before, name = instance.name, _cleaned(name)
    if name == before:
        return instance
    others = named_in(instance.record).filter(of=instance.of).exclude(pk=instance.pk)
    _check_new(next((one for one in others if one.name.casefold() == name.casefold()), None))
    instance.name = name
    instance.save(update_fields=["name"])
    _tell(EventType.INSTANCE_RENAMED, instance, f"“{before}” is now “{name}”.", by)
    lapse_confirmations(unit_record=record, by=by)
    return instance


@transaction.atomic
def remove_instance(*, instance_id: int, by: Membership) -> Instance:
    """Take one away that no claim rests on, such as a mistake; doing it twice changes nothing.

    What was confirmed of the unit lapses. Raises as ``check_may_remove`` does.
    """
    instance, record = _locked(instance_id)
    check_may_remove(instance, by)
    if instance.removed_at is not None:
        return instance
    instance.removed_at = timezone.now()
    instance.save(update_fields=["removed_at"])
    _tell(EventType.INSTANCE_REMOVED, instance, instance.name, by)
    lapse_confirmations(unit_record=record, by=by)
    return instance


def _locked(instance_id: int) -> tuple[Instance, UnitRecord]:
    """One with its record, which is locked first: nobody claims it, or signs, meanwhile."""
    record_id = Instance.objects.only("record_id").get(pk=instance_id).record_id
    record = locked_records([record_id])[record_id]
    instance = Instance.objects.select_related("named_by").get(pk=instance_id)
    instance.record = record
    return instance, record


def _cleaned(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ValidationError({"name": "Give it a name."})
    if len(name) > LONGEST_NAME:
        raise ValidationError({"name": f"Say it in {LONGEST_NAME} characters."})
    return name


def _check_new(twin: Instance | None) -> None:
    if twin is not None:
        raise ValidationError({"name": f"“{twin}” is named already."})


def _tell(type_: EventType, instance: Instance, note: str, by: Membership) -> None:
    """A name may be that of a person in the candidate's team, so it stands in the note, which can be disposed of."""
    tell(
        type_,
        about=instance.record,
        by=by,
        note=note,
        instance=instance.pk,
        of=instance.of,
    )

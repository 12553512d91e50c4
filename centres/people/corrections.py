"""What operators put right in a centre or an account: who, what, when and why, told in the ledger (R66)."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from centres.models import Centre, User
from ledger.actions import tell
from ledger.chains import INSTALLATION, centre_chain
from ledger.events import EventType
from ledger.subjects import Actor, Named

CENTRE_FACTS = frozenset({"name", "awarding_body"})
PERSON_FACTS = frozenset({"name", "is_active", "is_staff", "is_superuser"})


@transaction.atomic
def correct_centre(*, centre: Centre, values: Mapping[str, object], why: str, by: User) -> Centre:
    """Put a centre's name or awarding body right. For operators; what has been signed keeps what it was signed with.

    In: the new values by field. Where nothing differs, nothing is written. Raises PermissionDenied for anybody else;
    ValidationError, by field, without a reason, for a blank value and for any other field.
    """
    row = Centre.objects.select_for_update().get(pk=centre.pk)
    changed = _change(row, values, CENTRE_FACTS, why, by)
    if changed:
        tell(
            EventType.CENTRE_CORRECTED,
            about=row,
            by=Actor(by, "operator"),
            note=why.strip(),
            **{name: list(pair) for name, pair in changed.items()},
        )
    return row


@transaction.atomic
def correct_person(*, person: User, values: Mapping[str, object], why: str, by: User) -> User:
    """Put somebody's name right, close an account or open it again, or change an operator's rights. For operators.

    A name is told of at every centre that knows the person, for it stands in what they sign there; in a note, since it
    is personal (R60). The installation's own chain tells of everything. Raises as ``correct_centre`` does.
    """
    row = User.objects.select_for_update().get(pk=person.pk)
    changed = _change(row, values, PERSON_FACTS, why, by)
    if not changed:
        return row
    chains = [INSTALLATION]
    name = changed.pop("name", None)
    if name:
        known_at = row.memberships.order_by("centre").values_list("centre", flat=True).distinct()
        chains += [centre_chain(pk) for pk in known_at]
    for chain in chains:
        tell(
            EventType.PERSON_CORRECTED,
            about=Named(chain, row.subject),
            by=Actor(by, "operator"),
            note=f"Name: {name[0]}, now {name[1]}. {why.strip()}" if name else why.strip(),
            **({field: list(pair) for field, pair in changed.items()} if chain == INSTALLATION else {}),
        )
    return row


def _change(
    row: Centre | User, values: Mapping[str, object], known: frozenset[str], why: str, by: User
) -> dict[str, tuple[object, object]]:
    """Write what differs. Out: what each was, and is now."""
    if not (by.is_active and by.is_staff):
        raise PermissionDenied("Only the operators of this installation correct this.")
    if unknown := set(values) - known:
        raise ValidationError(f"This cannot be corrected: {', '.join(sorted(unknown))}.")
    if {"is_staff", "is_superuser"} & set(values) and not by.is_superuser:
        raise PermissionDenied("Only a superuser changes what operators may do.")
    changed = {}
    for name, value in values.items():
        new = " ".join(value.split()) if isinstance(value, str) else value
        if (old := getattr(row, name)) != new:
            changed[name] = (old, new)
            setattr(row, name, new)
    if not changed:
        return {}
    if not why.strip():
        raise ValidationError({"why": "Say why this is corrected. It stays on record."})
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in changed])
    row.save(update_fields=list(changed))
    return changed

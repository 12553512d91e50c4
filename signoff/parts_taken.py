"""Who had a part in assessing a unit record, and so can never be the one who verifies it (R40, R41, Q4)."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from assessment.models import ItemConfirmation, Judgement, SeenAtWork
from centres.models import User
from evidence.models import Claim, ClaimState, EvidenceVersion
from registrations.models import HeldElsewhere, UnitConfirmation, UnitRecord, Waiver
from signoff.models import Signature, Slot

# What is said to whoever appoints them, or to themself, after the person's name.
JUDGED = "judged evidence in unit {code}"
TOOK_PART = "observed, confirmed or waived something in unit {code}"
COUNTERSIGNED = "signed or countersigned unit {code} as assessor"
HELD_ELSEWHERE = "confirmed where the criteria of unit {code} are held"


def parts_taken(*, person: User, records: Collection[int]) -> dict[int, str]:
    """What the person did in each of some records where they did anything, as words to put after their name.

    In: ids of unit records. Out: by record, such as "judged evidence in unit A14". `signoff` reads the same from the
    rows of one record (`RecordContents.assessed_by`); a test holds the two together. Four queries.
    """
    found: dict[int, str] = {}
    for words, rows in (
        (COUNTERSIGNED, _countersigned(person)),
        (HELD_ELSEWHERE, _gave_its_word(person)),
        (TOOK_PART, _took_part(person)),
        (JUDGED, _judged(person)),
    ):
        for pk, code in rows.filter(pk__in=records).values_list("pk", "unit__code"):
            found[pk] = words.format(code=code)
    return found


def _judged(person: User) -> QuerySet[UnitRecord]:
    """Where this person ever judged a claim that is there, though somebody else may have judged it since."""
    judged = Judgement.objects.filter(claim__record=OuterRef("pk"), judged_by=person)
    return UnitRecord.objects.filter(Exists(judged.exclude(claim__state=ClaimState.WITHDRAWN)))


def _took_part(person: User) -> QuerySet[UnitRecord]:
    """Where accepted evidence is this person's work, or they ever confirmed or waived something."""
    accepted = Claim.objects.filter(record=OuterRef("pk"), state=ClaimState.ACCEPTED)
    of_evidence = accepted.filter(
        Exists(ItemConfirmation.objects.filter(version=OuterRef("judged_version"), confirmed_by=person))
        # An assessor's record is a version that they made, one that it corrects too; every other is the candidate's.
        | Exists(EvidenceVersion.objects.filter(evidence=OuterRef("evidence"), made_by=person))
        | Q(judged_version__witness__authenticated_by=person)
        | Exists(SeenAtWork.objects.filter(version=OuterRef("judged_version"), seen_by=person))
    )
    confirmed = UnitConfirmation.objects.filter(record=OuterRef("pk"), confirmed_by=person)
    waived = Waiver.objects.filter(record=OuterRef("pk"), waived_by=person)
    return UnitRecord.objects.filter(Exists(of_evidence) | Exists(confirmed) | Exists(waived))


def _countersigned(person: User) -> QuerySet[UnitRecord]:
    """Where the person has signed as assessor or countersigned that, in a round that is void by now too."""
    given = Signature.objects.filter(
        record=OuterRef("pk"), slot__in=(Slot.ASSESSOR, Slot.ASSESSOR_COUNTERSIGNATURE), signer=person
    )
    return UnitRecord.objects.filter(Exists(given))


def _gave_its_word(person: User) -> QuerySet[UnitRecord]:
    """Where the centre's word on criteria held elsewhere is this person's: as it stood when the record was first
    signed, or as it stands (Q2)."""
    signed = Signature.objects.filter(record=OuterRef("pk"), voided_at=None).order_by("signed_at")
    first = OuterRef("first_signed")
    words = HeldElsewhere.objects.filter(unit=OuterRef("unit"), centre=OuterRef("registration__centre"))
    return UnitRecord.objects.annotate(first_signed=Subquery(signed.values("signed_at")[:1])).filter(
        Q(Exists(words.filter(confirmed_by=person, ended_at=None)), first_signed=None)
        | Exists(words.filter(Q(ended_at=None) | Q(ended_at__gt=first), confirmed_by=person, confirmed_at__lte=first))
    )

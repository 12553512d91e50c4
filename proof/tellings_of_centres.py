"""What the ledger tells of a centre's register and cases, and of the kinds of award that count (R30, R35, R53, R54).

`tellings.py` tells of portfolios.
"""

from collections.abc import Iterator

from django.db.models import Min, Q

from centres.models import AccessGrant, Award, Membership, RecognisedAward, UnitApproval
from centres.models.authority import RECOGNISED_FROM_THE_START
from ledger.chains import INSTALLATION
from ledger.events import EventType
from ledger.models import Event
from proof.telling import Said, Telling, day_of, note_of, number_in
from registrations.models import Case, CaseKind, CaseStep, HeldElsewhere


def of_cases(owner: str, *, are_appeals: bool) -> tuple[Telling, ...]:
    """Cases, their steps and outcomes: an appeal in its candidate's chain, any other in the centre's (R53, R54)."""

    def where(kind: str) -> Q:
        return Q(**{kind: CaseKind.APPEAL}) if are_appeals else ~Q(**{kind: CaseKind.APPEAL})

    return (
        Telling(
            name="Case",
            when="opened_at",
            types=(EventType.CASE_OPENED,),
            model=Case,
            owner=owner,
            related=("registration",),
            where=where("kind"),
            of_row=lambda row: Said(
                row.pk,
                (row.chain, row.kind, day_of(row.opened_on), row.registration_id, row.person_id, row.opened_by_id),
            ),
            of_event=lambda event: Said(
                number_in(event),
                (
                    event.chain.key,
                    event.data.get("kind"),
                    event.data.get("on"),
                    event.data.get("registration"),
                    event.data.get("person"),
                    event.actor_id,
                ),
            ),
        ),
        Telling(
            name="Step of a case",
            when="recorded_at",
            types=(EventType.CASE_OPENED, EventType.CASE_STEP),
            model=CaseStep,
            owner=f"case__{owner}",
            related=("case",),
            annotated={"first": Min("case__steps__pk")},
            where=where("case__kind"),
            of_row=lambda row: Said(
                row.case_id,
                (day_of(row.taken_on), row.recorded_by_id),
                f"{row.case.title}. {row.what}" if row.pk == row.first else row.what,
            ),
            of_event=lambda event: Said(number_in(event), (event.data.get("on"), event.actor_id), note_of(event)),
        ),
        Telling(
            name="Outcome of case",
            types=(EventType.CASE_CLOSED,),
            model=Case,
            owner=owner,
            where=where("kind") & Q(closed_on__isnull=False),
            of_row=lambda row: Said(row.pk, (day_of(row.closed_on), row.closed_by_id), row.outcome),
            of_event=lambda event: Said(number_in(event), (event.data.get("on"), event.actor_id), note_of(event)),
        ),
    )


# What the register says is what a signature's authority was read from (R30, R35).
OF_CENTRES: tuple[Telling, ...] = (
    Telling(
        name="Award",
        when="recorded_at",
        types=(EventType.AWARD_RECORDED,),
        model=Award,
        owner="centre",
        of_row=lambda row: Said(
            row.pk,
            (row.person_id, row.kind, day_of(row.awarded_on), day_of(row.expires_on), row.recorded_by_id),
            row.number,
        ),
        of_event=lambda event: Said(
            event.data.get("award"),
            (
                number_in(event),
                event.data.get("kind"),
                event.data.get("awarded_on"),
                event.data.get("last_day"),
                event.actor_id,
            ),
            note_of(event),
        ),
    ),
    Telling(
        name="Award struck out",
        when="struck_out_at",
        types=(EventType.AWARD_WITHDRAWN,),
        model=Award,
        owner="centre",
        where=Q(struck_out_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.person_id,)),
        of_event=lambda event: Said(event.data.get("award"), (number_in(event),)),
    ),
    Telling(
        name="Certificate of an award",
        types=(EventType.AWARD_CERTIFICATE_FILED,),
        model=Award,
        owner="centre",
        related=("certificate",),
        where=Q(certificate__isnull=False),
        of_row=lambda row: Said(row.pk, (row.certificate.sha256,), row.certificate_name),
        of_event=lambda event: Said(event.data.get("award"), (event.data.get("sha256"),), note_of(event)),
    ),
    Telling(
        name="Approval",
        when="given_at",
        types=(EventType.APPROVAL_GIVEN,),
        model=UnitApproval,
        owner="centre",
        of_row=lambda row: Said(
            row.pk, (row.person_id, row.unit_id, row.capacity, day_of(row.starts_on), row.given_by_id)
        ),
        of_event=lambda event: Said(
            event.data.get("approval"),
            (
                number_in(event),
                event.data.get("unit_id"),
                event.data.get("capacity"),
                event.data.get("from"),
                event.actor_id,
            ),
        ),
    ),
    Telling(
        name="Last day of an approval",
        types=(EventType.APPROVAL_ENDED,),
        model=UnitApproval,
        owner="centre",
        where=Q(ends_on__isnull=False),
        of_row=lambda row: Said(row.pk, (day_of(row.ends_on),)),
        of_event=lambda event: Said(event.data.get("approval"), (event.data.get("last_day"),)),
        is_latest=True,
    ),
    Telling(
        name="Role",
        when="started_at",
        types=(EventType.ROLE_GIVEN,),
        model=Membership,
        owner="centre",
        of_row=lambda row: Said(row.pk, (row.person_id, row.role)),
        of_event=lambda event: Said(event.data.get("membership"), (number_in(event), event.data.get("role"))),
    ),
    Telling(
        name="Role ended",
        when="ended_at",
        types=(EventType.ROLE_ENDED,),
        model=Membership,
        owner="centre",
        where=Q(ended_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.person_id, row.role)),
        of_event=lambda event: Said(event.data.get("membership"), (number_in(event), event.data.get("role"))),
    ),
    Telling(
        name="Access",
        when="granted_at",
        types=(EventType.ACCESS_GRANTED,),
        model=AccessGrant,
        owner="centre",
        of_row=lambda row: Said(
            row.pk,
            (
                f"{row.scope_kind}:{row.scope_id}",
                row.person_id,
                day_of(row.starts_on),
                day_of(row.ends_on),
                row.granted_by_id,
            ),
            row.reason,
        ),
        of_event=lambda event: Said(
            event.data.get("grant"),
            (
                event.subject,
                event.data.get("person"),
                event.data.get("from"),
                event.data.get("last_day"),
                event.actor_id,
            ),
            note_of(event),
        ),
    ),
    Telling(
        name="End of access",
        when="ended_at",
        types=(EventType.ACCESS_ENDED,),
        model=AccessGrant,
        owner="centre",
        where=Q(ended_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.person_id,)),
        of_event=lambda event: Said(event.data.get("grant"), (event.data.get("person"),)),
    ),
    Telling(
        name="Word on criteria held elsewhere",
        when="confirmed_at",
        types=(EventType.HELD_ELSEWHERE_CONFIRMED,),
        model=HeldElsewhere,
        owner="centre",
        of_row=lambda row: Said(row.pk, (row.unit_id, row.confirmed_by_id), row.where),
        of_event=lambda event: Said(
            event.data.get("held_elsewhere"), (number_in(event), event.actor_id), note_of(event)
        ),
    ),
    Telling(
        name="End of the word on criteria held elsewhere",
        when="ended_at",
        types=(EventType.HELD_ELSEWHERE_ENDED,),
        model=HeldElsewhere,
        owner="centre",
        where=Q(ended_at__isnull=False),
        of_row=lambda row: Said(row.pk, (row.unit_id, row.ended_by_id)),
        of_event=lambda event: Said(event.data.get("held_elsewhere"), (number_in(event), event.actor_id)),
    ),
    *of_cases("centre", are_appeals=False),
)


def faults_of_award_kinds() -> Iterator[tuple[str, str]]:
    """The kinds of award that count, beside what the operators were told to have recognised last, or what every
    installation knows from the start. Faults as `telling.faults_of` gives them; two queries."""
    told: dict[str, tuple[object, ...]] = {
        kind.value: (capacity.value, None, None)
        for capacity, kinds in RECOGNISED_FROM_THE_START.items()
        for kind in kinds
    }
    events = Event.objects.filter(chain__key=INSTALLATION, type=EventType.AWARD_KIND_RECOGNISED).order_by("sequence")
    for data in events.values_list("data", flat=True):
        told[data["code"]] = tuple(data.get(fact) for fact in ("capacity", "from", "last_day"))
    for row in RecognisedAward.objects.order_by("pk"):
        says = (row.capacity, day_of(row.recognised_from), day_of(row.recognised_until))
        if told.pop(row.code, None) != says:
            yield f"Kind of award {row.code}", "the ledger tells otherwise of it"
    for code in told:
        yield f"Kind of award {code}", "the ledger tells of it, and it is gone"

"""Reads about standards as a coordinator keeps them: shared ones, the centre's own, and what was handed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db.models import Count, OuterRef, QuerySet, Subquery

from centres.catalogue import SHARED, standards_for
from centres.models import Centre, Membership, Role, StandardUpload
from ledger.chains import centre_chain
from units.documents import StandardDocument
from units.editions import changes_refused
from units.models import Standard
from units.outline import UnitOutline
from units.outlining import outline_of
from units.standard_files import Problem, check
from units.stored import stored_document
from units.uploads import Also


def uploads_for(seat: Membership) -> QuerySet[StandardUpload]:
    """What was handed in at the coordinator's centre; nothing for any other role."""
    if seat.role != Role.COORDINATOR:
        return StandardUpload.objects.none()
    return StandardUpload.objects.filter(centre=seat.centre).select_related("centre", "uploaded_by", "standard")


def standards_listed(seat: Membership) -> QuerySet[Standard]:
    """The standards that the seat may see, each with ``unit_count`` and, of the centre's own, ``loaded_by_name``."""
    loaded_by = StandardUpload.objects.filter(standard=OuterRef("pk")).order_by("-applied_at")
    return standards_for(seat).annotate(
        unit_count=Count("units"), loaded_by_name=Subquery(loaded_by.values("applied_by__name")[:1])
    )


def standing_before(centre: Centre, code: str) -> QuerySet[Standard]:
    """The editions of a standard that the centre sees already: the shared ones and its own."""
    return Standard.objects.filter(code=code, owner__in=[SHARED, centre_chain(centre.pk)]).order_by("-loaded_at", "pk")


def problems_at(centre: Centre) -> Also:
    """What of a document cannot stand beside what the centre has, by JSON place: for `units.uploads.read_upload`."""
    return partial(_problems_at, centre)


def _problems_at(centre: Centre, document: StandardDocument) -> Iterator[Problem]:
    for standard in standing_before(centre, document.code).filter(edition=document.edition):
        if standard.is_shared:
            yield "edition", f"“{standard}” is shared by all centres and stays as it is. Give yours another edition"
        else:
            for problem in changes_refused(stored_document(standard), document):
                place, _, what = problem.partition(": ")
                yield place, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would load: the standard, its units as they are read, and what follows from loading it."""

    document: StandardDocument
    units: tuple[UnitOutline, ...]
    consequences: tuple[str, ...]


def preview_of(upload: StandardUpload) -> Preview:
    """The preview of a file without problems. Raises StandardFileError where the format has moved on meanwhile."""
    document = check(upload.document)
    units = tuple(outline_of(document, unit) for unit in document.units)
    return Preview(document=document, units=units, consequences=tuple(_consequences(upload.centre, document, units)))


def _consequences(centre: Centre, document: StandardDocument, units: tuple[UnitOutline, ...]) -> Iterator[str]:
    before = list(standing_before(centre, document.code))
    same = next((standard for standard in before if standard.edition == document.edition), None)
    if same is None:
        yield f"Units that become your centre’s own: {len(units)}. Other centres do not see them."
        if before:
            editions = ", ".join(standard.edition for standard in before)
            yield (
                f"Edition “{document.edition}” stands beside what is there ({editions}). Candidates stay on the "
                "edition of their registration."
            )
    else:
        stored = {unit.code: unit for unit in stored_document(same).units}
        new = [unit.code for unit in document.units if unit.code not in stored]
        mended = [unit.code for unit in document.units if unit.code in stored and stored[unit.code] != unit]
        yield f"This edition is loaded already. New units: {_listed(new)}. Units with mended words: {_listed(mended)}."
    awards = [award.title for award in document.qualifications]
    if awards:
        yield f"Candidates can be registered for: {', '.join(awards)}."
    else:
        yield "No candidate can be registered on it: the sheet Qualifications is empty."
    with_criteria = sum(not unit.is_coverage_only for unit in units)
    yield f"Units that tell what must be done or known, not only what to cover: {with_criteria} of {len(units)}."


def _listed(codes: list[str]) -> str:
    return ", ".join(codes) or "none"

"""What a portfolio opens with (R61), as far as the seat sees it (R64)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from centres.models import Membership, Role
from evidence.models import FrontMatter, FrontMatterFile, FrontMatterKind
from files.models import PageImage
from registrations.models import Portfolio
from registrations.queries import portfolios_for

EARLIER_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the front matter: what stands there now, if anything, and what stood there before, newest first."""

    kind: FrontMatterKind
    current: FrontMatter | None
    earlier: Sequence[FrontMatter]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read: never written, or taken out again."""
        return self.current is None or not (self.current.text or self.current.files.all())


def front_matter_for(seat: Membership) -> QuerySet[FrontMatter]:
    """The front matter of the portfolios that open to this seat. What was replaced, only its candidate still reads."""
    found = FrontMatter.objects.filter(portfolio__in=portfolios_for(seat).order_by().values("pk"))
    return found if seat.role == Role.CANDIDATE else found.filter(replaced_at=None)


def front_matter_files_for(seat: Membership) -> QuerySet[FrontMatterFile]:
    """The files of the front matter that opens to this seat."""
    return FrontMatterFile.objects.filter(front_matter__in=front_matter_for(seat).order_by().values("pk"))


def parts_of(portfolio: Portfolio, seat: Membership) -> list[Part]:
    """Every part in order, written or not, each with at most EARLIER_SHOWN earlier states. Three queries."""
    files = FrontMatterFile.objects.select_related("blob__text").defer("blob__text__whole", "blob__text__folded")
    pages = Prefetch("blob__page_images", queryset=PageImage.objects.order_by("number"))
    rows = list(
        front_matter_for(seat)
        .filter(portfolio=portfolio)
        .select_related("written_by")
        .prefetch_related(Prefetch("files", queryset=files.prefetch_related(pages)))
    )
    return [
        Part(
            kind=kind,
            current=next((row for row in rows if row.kind == kind and row.replaced_at is None), None),
            earlier=[row for row in rows if row.kind == kind and row.replaced_at][:EARLIER_SHOWN],
        )
        for kind in FrontMatterKind
    ]

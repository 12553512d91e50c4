"""A standard that is not loaded yet, unit by unit in words, as the catalogue will say it. Pure."""

from dataclasses import dataclass

from units.catalogue import SectionInWords, in_words
from units.documents import NoteDocument, StandardDocument
from units.kinds import Section
from units.outlining import outline_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPreview:
    """One unit of a file: its notes as printed, and every item with its rule in words."""

    code: str
    title: str
    printed_title: str
    policy: str
    level: str
    credits: int | None
    notes: tuple[NoteDocument, ...]
    sections: tuple[SectionInWords, ...]
    conflicts: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many points are ticked."""
        return sum(len(item.points) or 1 for section in self.sections for item in section.items if item.is_ticked)

    @property
    def has_do_or_know(self) -> bool:
        """Whether more than what must be covered is told (Q2)."""
        return any(section.anchor != f"section-{Section.COVER.value}" for section in self.sections)


def preview(document: StandardDocument) -> tuple[UnitPreview, ...]:
    """Every unit of a document, in order."""
    return tuple(
        UnitPreview(
            code=outline.code,
            title=outline.shown_title,
            printed_title=outline.title if outline.display_title else "",
            policy=str(outline.setting_policy.label),
            level=outline.level,
            credits=outline.credits,
            notes=outline.notes,
            sections=tuple(map(in_words, outline.sections)),
            conflicts=tuple(f"{conflict.unit}: {conflict.about}" for conflict in outline.conflicts),
        )
        for outline in (outline_of(document, unit) for unit in document.units)
    )

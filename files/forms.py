"""The field for handing in files. What was chosen once is not lost when another part of the form has an error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat

from files.actions import Person, StorageFull, digest_of, store
from files.kinds import ACCEPT, IN_WORDS
from files.models import Blob
from files.queries import size_waiting
from files.sniffing import Refused, clean_name

_SALT = "files.handed_in"
NO_ROOM = "There is no room left to store files. Your text is kept: tell your centre, and try again later."
TOO_MUCH_WAITS = (
    "“%(name)s” was not taken: you have handed in %(waits)s that is in no evidence yet, and at most %(most)s may wait. "
    "Save what you have, or take files away, and choose it again."
)
GONE = "“%(name)s” was handed in too long ago and has been thrown away. Choose it again."


@dataclass(frozen=True)
class HandedIn:
    """A stored file and the name it was handed in under."""

    blob: Blob
    name: str


@dataclass(frozen=True)
class Chosen:
    """What came with the request: new uploads, tokens of files kept from before, and tokens of those to remove."""

    uploads: Sequence[File[Any]] = ()
    kept: Sequence[str] = ()
    removed: frozenset[str] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.uploads or self.kept)


def _sign(handed_in: HandedIn, person_id: Any) -> str:
    return signing.dumps({"blob": handed_in.blob.pk, "name": handed_in.name, "person": str(person_id)}, salt=_SALT)


def _unsign(token: str, person_id: Any) -> tuple[int, str] | None:
    """The blob's id and name in a token of ours made for this person; None for any other."""
    try:
        value = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return (value["blob"], value["name"]) if value["person"] == str(person_id) else None


class EvidenceFilesInput(forms.Widget):
    """A file chooser for several files, below the list of files kept from before, each with a box to remove it.

    static/js/upload.js shows progress where it finds `data-upload`; everything works without it.
    """

    template_name = "files/widgets/evidence_files.html"
    needs_multipart_form = True
    kept: Sequence[HandedIn] = ()
    person_id: Any = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        attrs = dict(attrs or {})
        if "id" in attrs:
            attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {attrs['id']}_limits".strip()
        context = super().get_context(name, None, attrs)
        context["widget"].update(
            accept=ACCEPT,
            max_total=settings.EVIDENCE_QUOTA_BYTES,
            max_size=f"{settings.MAX_FILE_BYTES // 1024**2} MB",
            max_recording=f"{settings.MAX_RECORDING_BYTES // 1024**2} MB",
            allowed=IN_WORDS,
            kept=[
                {"token": _sign(handed_in, self.person_id), "name": handed_in.name, "size": handed_in.blob.size}
                for handed_in in (_handed_in(value) or self.kept)
            ],
        )
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Chosen:
        return Chosen(
            uploads=_getlist(files, name),
            kept=_getlist(data, f"{name}-kept"),
            removed=frozenset(_getlist(data, f"{name}-remove")),
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}-kept" not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return not self.kept and not initial

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return id_


def _getlist(source: Any, name: str) -> list[Any]:
    """All values of a name, from a request's data or from a plain dictionary."""
    if hasattr(source, "getlist"):
        return list(source.getlist(name))
    value = source.get(name, [])
    return list(value) if isinstance(value, list | tuple) else [value]


def _handed_in(value: Any) -> list[HandedIn]:
    """The files to show before the form was sent: the field's initial value."""
    return list(value) if isinstance(value, list | tuple) else []


class EvidenceFilesField(forms.Field):
    """Several files at once; gives a list of `HandedIn`.

    Files are stored while the form is checked, so that a form shown again with errors still has them: the page carries
    a signed note of each, good for the same person only. `person` hands in; set it in the constructor or, in a form's
    __init__, with `for_user`. `initial` may be a list of HandedIn, shown as kept, such as the files of the version
    before (Q22). Whoever saves the form calls `files.actions.attach` with the blobs in the same transaction.
    """

    widget = EvidenceFilesInput
    default_error_messages = {"required": "Choose at least one file."}

    def __init__(self, *, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person = person
        if person is not None:
            self.for_user(person)

    def for_user(self, person: Person) -> None:
        """Say who hands in."""
        self.person = person
        self._widget.person_id = person.pk

    @property
    def _widget(self) -> EvidenceFilesInput:
        return cast(EvidenceFilesInput, self.widget)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        if not isinstance(data, Chosen):
            return False
        before = {(handed_in.blob.pk, handed_in.name) for handed_in in _handed_in(initial)}
        now = {_unsign(token, self._widget.person_id) for token in data.kept if token not in data.removed}
        return bool(data.uploads) or now != before

    def clean(self, value: Any) -> list[HandedIn]:
        """Store the new files and join them with those kept.

        Raises ValidationError with one sentence for each file that cannot be taken; the others are kept all the same.
        """
        if self.person is None:
            raise TypeError("EvidenceFilesField does not know who hands in: call for_user().")
        chosen = value if isinstance(value, Chosen) else Chosen()
        errors: list[ValidationError] = []
        kept = self._find_kept(chosen, errors)
        for upload in chosen.uploads:
            self._store(upload, kept, errors)
        self._widget.kept = kept
        if errors:
            raise ValidationError(errors)
        if self.required and not kept:
            raise ValidationError(self.error_messages["required"], code="required")
        self.run_validators(kept)
        return kept

    def _find_kept(self, chosen: Chosen, errors: list[ValidationError]) -> list[HandedIn]:
        wanted = _unsign_all([t for t in chosen.kept if t not in chosen.removed], self._widget.person_id)
        blobs = Blob.objects.in_bulk([blob_id for blob_id, _ in wanted])
        kept = []
        for blob_id, name in wanted:
            if blob_id in blobs:
                kept.append(HandedIn(blobs[blob_id], name))
            else:
                errors.append(ValidationError(GONE, code="gone", params={"name": name}))
        return kept

    def _store(self, upload: File[Any], kept: list[HandedIn], errors: list[ValidationError]) -> None:
        name = clean_name(upload.name or "")
        sha256 = digest_of(upload)
        if any(handed_in.blob.sha256 == sha256 and handed_in.name == name for handed_in in kept):
            return
        assert self.person is not None  # clean() has looked
        waits = size_waiting(self.person.pk)
        if waits + (upload.size or 0) > settings.EVIDENCE_QUOTA_BYTES:
            # Otherwise one person could fill the disk with what is never saved as evidence, and so never counted.
            params = {
                "name": name,
                "waits": filesizeformat(waits),
                "most": filesizeformat(settings.EVIDENCE_QUOTA_BYTES),
            }
            errors.append(ValidationError(TOO_MUCH_WAITS, code="too_much_waits", params=params))
            return
        try:
            kept.append(HandedIn(store(upload=upload, name=name, by=self.person, sha256=sha256), name))
        except Refused as refused:
            errors.append(ValidationError(refused.reason, code="refused"))
        except StorageFull:
            if not any(error.code == "no_room" for error in errors):
                errors.append(ValidationError(NO_ROOM, code="no_room"))


def _unsign_all(tokens: Iterable[str], person_id: Any) -> list[tuple[int, str]]:
    """What the tokens stand for, each once and in order. One that is not ours names nothing, so it is passed over."""
    return list(dict.fromkeys(value for token in tokens if (value := _unsign(token, person_id))))

"""Handing in several files: nothing chosen once is lost, and nothing of somebody else's comes in."""

import errno
import re

import pytest
from django import forms
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from files.forms import NO_ROOM, EvidenceFilesField, HandedIn
from files.models import Blob

from . import samples
from .conftest import Candidate, stored_files

pytestmark = pytest.mark.django_db


class EvidenceForm(forms.Form):
    title = forms.CharField()
    files = EvidenceFilesField()

    def __init__(self, *args: object, person: Candidate, required: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"].required = required
        self.fields["files"].for_user(person)


def tokens(form: forms.Form) -> dict[str, str]:
    """The files that the page shows as kept: the token of each by its name."""
    page = str(form["files"])
    names = re.findall(r'<span class="files-input__name">(.*?)</span>', page)
    kept = re.findall(r'<input type="hidden" name="files-kept" value="(.*?)">', page)
    assert kept == re.findall(r'name="files-remove" value="(.*?)"', page)
    return dict(zip(names, kept, strict=True))


def send(
    person: Candidate,
    *uploads: tuple[str, bytes],
    title: str = "A busy day",
    kept: list[str] | None = None,
    remove: list[str] | None = None,
    **options: object,
) -> EvidenceForm:
    data = MultiValueDict({"title": [title], "files-kept": kept or [], "files-remove": remove or []})
    files = MultiValueDict({"files": [SimpleUploadedFile(name, content) for name, content in uploads]})
    return EvidenceForm(data, files, person=person, **options)


@pytest.fixture(autouse=True)
def _storage(folder) -> None:
    """Every test here stores files."""


def handed_in(form: EvidenceForm) -> list[str]:
    assert form.is_valid(), form.errors
    return [file.name for file in form.cleaned_data["files"]]


def test_several_files_at_once(candidate) -> None:
    form = send(candidate, ("notes.txt", b"notes"), ("report.pdf", samples.pdf()))
    assert handed_in(form) == ["notes.txt", "report.pdf"]
    first, second = form.cleaned_data["files"]
    assert (first.blob.kind, second.blob.kind) == ("txt", "pdf")
    assert first.blob.uploaded_by_id == candidate.pk


def test_files_are_kept_when_another_field_is_wrong(candidate) -> None:
    form = send(candidate, ("notes.txt", b"notes"), title="")
    assert not form.is_valid()
    assert "files" not in form.errors
    kept = tokens(form)
    assert list(kept) == ["notes.txt"]
    assert "5\xa0bytes" in str(form["files"])

    again = send(candidate, ("more.txt", b"more"), kept=list(kept.values()))
    assert handed_in(again) == ["notes.txt", "more.txt"]
    assert Blob.objects.count() == 2


def test_good_files_among_bad_ones_are_kept(candidate) -> None:
    form = send(candidate, ("visit.jpg", b"%PDF-1.7"), ("notes.txt", b"notes"), ("empty.txt", b""))
    assert not form.is_valid()
    wrong, empty = form.errors["files"]
    assert wrong.startswith("“visit.jpg” says it is a JPEG picture but its content is a PDF document.")
    assert empty.startswith("“empty.txt” is empty")
    assert list(tokens(form)) == ["notes.txt"]
    assert handed_in(send(candidate, kept=list(tokens(form).values()))) == ["notes.txt"]


def test_a_kept_file_can_be_removed(candidate) -> None:
    form = send(candidate, ("one.txt", b"one"), ("two.txt", b"two"), title="")
    kept = tokens(form)
    again = send(candidate, kept=list(kept.values()), remove=[kept["one.txt"]])
    assert handed_in(again) == ["two.txt"]
    none = send(candidate, kept=list(kept.values()), remove=list(kept.values()))
    assert none.errors["files"] == ["Choose at least one file."]
    assert tokens(none) == {}


def test_nothing_is_enough_only_where_files_are_optional(candidate) -> None:
    assert send(candidate).errors["files"] == ["Choose at least one file."]
    assert handed_in(send(candidate, required=False)) == []


def test_the_browser_demands_a_file_only_while_there_is_none(candidate) -> None:
    assert " required" in str(EvidenceForm(person=candidate)["files"])
    form = send(candidate, ("notes.txt", b"notes"), title="")
    form.is_valid()
    assert " required" not in str(form["files"])


def test_the_same_content_under_the_same_name_is_stored_once(candidate, folder) -> None:
    form = send(candidate, ("notes.txt", b"notes"), ("notes.txt", b"notes"), ("copy.txt", b"notes"), title="")
    form.is_valid()
    assert list(tokens(form)) == ["notes.txt", "copy.txt"]
    again = send(candidate, ("notes.txt", b"notes"), kept=list(tokens(form).values()) * 2)
    assert handed_in(again) == ["notes.txt", "copy.txt"]
    assert len(stored_files(folder)) == 2


def test_a_token_is_good_for_its_person_only(candidate) -> None:
    form = send(candidate, ("notes.txt", b"notes"), title="")
    form.is_valid()
    (token,) = tokens(form).values()
    stranger = Candidate(pk=candidate.pk + 1)
    assert send(stranger, kept=[token]).errors["files"] == ["Choose at least one file."]
    for forged in (token[:-1], f"{token}x", "", "1"):
        assert send(candidate, kept=[forged]).errors["files"] == ["Choose at least one file."]


def test_a_file_thrown_away_meanwhile_is_named(candidate) -> None:
    form = send(candidate, ("notes.txt", b"notes"), ("kept.txt", b"kept"), title="")
    form.is_valid()
    kept = list(tokens(form).values())
    Blob.objects.get(kind="txt", size=5).delete()
    again = send(candidate, kept=kept)
    assert again.errors["files"] == [
        "“notes.txt” was handed in too long ago and has been thrown away. Choose it again."
    ]
    assert list(tokens(again)) == ["kept.txt"]


def test_a_full_disk_is_said_once_and_loses_no_text(candidate, folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: FileSystemStorage, name: str, content: object, max_length: int | None = None) -> str:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(FileSystemStorage, "save", refuse)
    form = send(candidate, ("one.txt", b"one"), ("two.txt", b"two"), title="A long story")
    assert form.errors["files"] == [NO_ROOM]
    assert 'value="A long story"' in str(form["title"])


def test_the_files_of_an_earlier_version_start_as_kept(candidate, hand_in) -> None:
    """Q22: a new version starts from the one before; whoever uploaded a file, its name is what was handed in."""
    blob = hand_in("notes.txt", b"notes")
    before = [HandedIn(blob, "notes.txt")]
    editor = Candidate(pk=99)
    form = EvidenceForm(person=editor, initial={"files": before})
    kept = tokens(form)
    assert list(kept) == ["notes.txt"]
    assert " required" not in str(form["files"])

    unchanged = send(editor, kept=list(kept.values()), initial={"files": before, "title": "A busy day"})
    assert handed_in(unchanged) == ["notes.txt"]
    assert not unchanged.has_changed()
    emptied = send(
        editor, kept=list(kept.values()), remove=list(kept.values()), initial={"files": before}, required=False
    )
    assert handed_in(emptied) == []
    assert "files" in emptied.changed_data
    assert tokens(emptied) == {}


def test_removing_all_of_an_earlier_version_stays_removed_when_shown_again(candidate, hand_in) -> None:
    before = [HandedIn(hand_in("notes.txt", b"notes"), "notes.txt")]
    kept = list(tokens(EvidenceForm(person=candidate, initial={"files": before})).values())
    form = send(candidate, kept=kept, remove=kept, title="", initial={"files": before}, required=False)
    assert not form.is_valid()
    assert tokens(form) == {}


def test_names_are_escaped_and_cleaned(candidate) -> None:
    form = send(candidate, ("<img src=x>.txt", b"notes"), title="")
    form.is_valid()
    page = str(form["files"])
    assert "<img" not in page
    assert "&lt;img src=x&gt;.txt" in page


def test_two_forms_do_not_share_what_they_keep(candidate) -> None:
    send(candidate, ("notes.txt", b"notes")).is_valid()
    assert tokens(EvidenceForm(person=candidate)) == {}


def test_the_chooser_takes_several_files_and_says_what_is_allowed(candidate, settings) -> None:
    form = EvidenceForm(person=candidate)
    page = str(form["files"])
    assert form.is_multipart()
    assert re.search(r'<input type="file" name="files" multiple accept="[^"]*\.jpg[^"]*"', page)
    assert f'data-upload data-max-total="{settings.EVIDENCE_QUOTA_BYTES}"' in page
    assert "each up to 100 MB, sound and video up to 1024 MB" in page
    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described
    assert all(f'id="{part}"' in page for part in described[1].split())
    assert "style=" not in page
    assert "<script" not in page


def test_a_form_that_does_not_say_who_hands_in_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="for_user"):
        EvidenceFilesField().clean(None)

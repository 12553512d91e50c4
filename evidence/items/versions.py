"""What a version of an evidence item is made of: its words, checked, and its files (R6, R11, Q20)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from centres.models import RealisticWorkingEnvironment, User
from evidence.models import Evidence, EvidenceFile, EvidenceVersion, FrontMatterFile, Testimony, Witness
from files.actions import NoLongerHere, attach
from files.forms import HandedIn
from files.limits import OverQuota, check_quota
from files.models import Blob
from files.queries import size_of
from registrations.models import Portfolio
from units.methods import Method
from units.setting_policy import Setting

WORDS = (
    "title",
    "methods",
    "setting",
    "environment",
    "simulation_basis",
    "happened_from",
    "happened_to",
    "occasion",
    "customer",
    "what_happened",
    "kept_at",
    "witness",
    "is_rpl",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Everything of a version but its files, checked."""

    title: str
    methods: list[str]
    setting: str
    environment: RealisticWorkingEnvironment | None
    simulation_basis: str
    happened_from: datetime.date
    happened_to: datetime.date
    occasion: str
    customer: str
    what_happened: str
    kept_at: str
    witness: Witness | None
    is_rpl: bool

    @classmethod
    def cleaned(
        cls,
        *,
        portfolio: Portfolio,
        title: str,
        methods: Iterable[str],
        setting: str,
        simulation_basis: str,
        happened_from: datetime.date,
        happened_to: datetime.date | None,
        occasion: str,
        customer: str,
        what_happened: str,
        kept_at: str,
        witness: Witness | None,
        is_rpl: bool = False,
        environment: RealisticWorkingEnvironment | None = None,
    ) -> "Words":
        """The words as they are stored. Raises ValidationError with every wrong field at once."""
        wanted = set(methods)
        last = happened_to or happened_from
        errors: dict[str, str] = {}
        if not title.strip():
            errors["title"] = "Give it a title."
        if not what_happened.strip():
            errors["what_happened"] = "Say what happened."
        if not wanted or not wanted <= set(Method.values):
            errors["methods"] = "Choose at least one method."
        if setting not in Setting.values:
            errors["setting"] = "Say where this comes from."
        if setting == Setting.SIMULATION and not simulation_basis.strip():
            errors["simulation_basis"] = "Say what real experience the simulation is based on."
        if happened_from > timezone.localdate():
            errors["happened_from"] = "This date is still to come. Evidence shows what has happened."
        if last < happened_from:
            errors["happened_to"] = "The last date cannot come before the first."
        elif last > timezone.localdate() and "happened_from" not in errors:
            errors["happened_to"] = "This date is still to come. Evidence shows what has happened."
        if witness is not None and witness.portfolio_id != portfolio.pk:
            errors["witness"] = "Choose somebody from your own witness list."
        if environment is not None and environment.centre_id != portfolio.centre_id:
            errors["environment"] = "Choose a realistic working environment of your own centre."
        if errors:
            raise ValidationError(errors)
        return cls(
            title=title.strip(),
            methods=[method for method in Method.values if method in wanted],
            setting=setting,
            environment=environment if setting == Setting.RWE else None,
            simulation_basis=simulation_basis.strip() if setting == Setting.SIMULATION else "",
            happened_from=happened_from,
            happened_to=last,
            occasion=" ".join(occasion.split()),
            customer=" ".join(customer.split()),
            what_happened=what_happened.strip(),
            kept_at=kept_at.strip(),
            witness=witness,
            is_rpl=is_rpl,
        )

    @classmethod
    def of(cls, version: EvidenceVersion) -> "Words":
        """What a version says, to be said again."""
        return cls(**{field: getattr(version, field) for field in WORDS})

    def differing(self, version: EvidenceVersion) -> list[str]:
        """The fields in which a version says something else."""
        return [field for field in WORDS if getattr(self, field) != getattr(version, field)]


def kept_testimony(before: EvidenceVersion, words: Words) -> Testimony | None:
    """The testimony that changed words go on carrying: of the same witness, who has not disowned it (R20, R20a)."""
    testimony = before.testimony
    if testimony is None or testimony.is_suspended or Method.WITNESS_TESTIMONY not in words.methods:
        return None
    return testimony if words.witness is not None and words.witness.pk == testimony.request.witness_id else None


def make_version(
    evidence: Evidence,
    words: Words,
    files: Sequence[HandedIn],
    *,
    ordinal: int,
    why: str,
    by: User,
    testimony: Testimony | None = None,
) -> EvidenceVersion:
    """Write a version and point the item at it; the caller saves it and tells the ledger. Raises ValidationError.

    It carries ``testimony``, where that has just been given, or the one that the version before goes on carrying.
    """
    if testimony is None and evidence.current_version is not None:
        testimony = kept_testimony(evidence.current_version, words)
    version = EvidenceVersion.objects.create(
        evidence=evidence,
        ordinal=ordinal,
        why=why,
        made_by=by,
        testimony=testimony,
        **{field: getattr(words, field) for field in WORDS},
    )
    put_files(version, files)
    evidence.current_version = version
    return version


def put_files(version: EvidenceVersion, files: Sequence[HandedIn]) -> None:
    """Attach stored files in order.

    Raises ValidationError when one has been thrown away since it was handed in, or the portfolio has no room for them.
    """
    check_room(version.evidence.portfolio_id, [file.blob for file in files])
    try:
        attach([file.blob for file in files])
    except NoLongerHere as error:
        raise ValidationError({"files": "A file was handed in too long ago and is gone. Choose it again."}) from error
    EvidenceFile.objects.bulk_create(
        EvidenceFile(version=version, blob=file.blob, name=file.name, position=position)
        for position, file in enumerate(files, start=1)
    )


def check_room(portfolio_id: int, blobs: Sequence[Blob]) -> None:
    """Raises ValidationError where a portfolio has no room for more files.

    Every version keeps its files, and so does the front matter, so all count; a file that is kept twice counts once.
    """
    kept = Blob.objects.filter(
        Q(pk__in=EvidenceFile.objects.filter(version__evidence__portfolio=portfolio_id).values("blob"))
        | Q(pk__in=FrontMatterFile.objects.filter(front_matter__portfolio=portfolio_id).values("blob"))
    )
    here = set(kept.filter(pk__in=[blob.pk for blob in blobs]).values_list("pk", flat=True)) if blobs else set()
    added = {blob.pk: blob.size for blob in blobs if blob.pk not in here}
    if not added:
        return
    try:
        check_quota(used=size_of(kept), adding=sum(added.values()))
    except OverQuota as error:
        raise ValidationError({"files": error.reason}) from error


def files_of(version: EvidenceVersion) -> list[tuple[str, str]]:
    """The digests and names of a version's files, in order."""
    return list(version.files.values_list("blob__sha256", "name"))


def named(files: Sequence[HandedIn]) -> list[tuple[str, str]]:
    """The same of files handed in: one that is handed in again unchanged is no change."""
    return [(file.blob.sha256, file.name) for file in files]


def digests(files: Sequence[HandedIn]) -> list[str]:
    """The digests of files, for the ledger."""
    return [file.blob.sha256 for file in files]

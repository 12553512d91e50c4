"""Standards as tables: what must be proven, exactly as printed (PRACTICE §2).

Identity is unit code + ordinal position, never the printed number. Rows are written by `actions.load_standard` only.
"""

from django.db import models
from django.db.models import F, Q

from ledger.chains import INSTALLATION
from ledger.subjects import TellableRow
from units.kinds import IMPLIED_KINDS, GroupKind, Nation, NoteKind, Section, criterion_label
from units.setting_policy import SettingPolicy


class Standard(TellableRow, models.Model):
    """One edition of a standard; a candidate stays on the edition of their registration (Q31).

    `owner` says whose it is: "" is shared by all and loaded by command only, "centre:7" belongs to that centre. It is a
    key like those of the ledger's chains, since centres are a later room than units.
    """

    owner = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=60)
    edition = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    source = models.TextField()
    awarding_note = models.TextField(blank=True)
    method_key = models.JSONField(default=list, blank=True)
    sections = models.JSONField(default=list, blank=True)
    assessed_evidence = models.TextField(blank=True)
    declarations = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("code", "edition")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "code", "edition"),
                name="standard_edition_once",
                violation_error_message="This edition of the standard is already there.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.edition})"

    @property
    def chain(self) -> str:
        """Its owner's."""
        return self.owner or INSTALLATION

    @property
    def is_shared(self) -> bool:
        """Whether it was loaded by command, for every centre and read-only."""
        return not self.owner


class Unit(models.Model):
    """One unit, with its title as printed and a corrected one to display (Q14)."""

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300, blank=True)
    display_title = models.CharField(max_length=300, blank=True)
    setting_policy = models.CharField(max_length=30, choices=SettingPolicy)
    # Loaded where a centre knows them; the standards print none, and none are invented (Q30).
    level = models.CharField(max_length=20, blank=True)
    credits = models.PositiveSmallIntegerField(null=True, blank=True)
    conflicts = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("standard", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("standard", "code"),
                name="unit_code_once_per_standard",
                violation_error_message="This edition already has a unit with that code.",
            ),
            models.CheckConstraint(
                condition=Q(setting_policy__in=SettingPolicy.values),
                name="unit_setting_policy_known",
                violation_error_message="A unit's setting policy is one of the six forms.",
            ),
            models.CheckConstraint(
                condition=~Q(title="", display_title=""),
                name="unit_has_a_title",
                violation_error_message="A unit needs a title, printed or displayed.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.shown_title}"

    @property
    def shown_title(self) -> str:
        """The title to display: the corrected one where there is one."""
        return self.display_title or self.title

    @property
    def is_coverage_only(self) -> bool:
        """Whether the standard holds no *do* and *know* criteria for this unit (Q2). One query."""
        return not self.groups.filter(section__in=(Section.DO, Section.KNOW)).exists()


class Note(models.Model):
    """Items 1 to 3 of a unit: setting, sector and sufficiency."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="notes")
    position = models.PositiveSmallIntegerField()
    printed_number = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, choices=NoteKind)
    text = models.TextField()

    class Meta:
        ordering = ("unit", "position")
        constraints = (models.UniqueConstraint(fields=("unit", "position"), name="note_position_once_per_unit"),)

    def __str__(self) -> str:
        return self.text


class Element(models.Model):
    """One element of a unit, with the line that its criteria are printed under."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="elements")
    position = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20)
    text = models.TextField()
    instruction = models.TextField(blank=True)

    class Meta:
        ordering = ("unit", "position")
        constraints = (models.UniqueConstraint(fields=("unit", "position"), name="element_position_once_per_unit"),)

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


class Group(models.Model):
    """One numbered item of a unit: what it asks for, and how much of it.

    Without `at_least` every point is needed (Q10); `instances` is how often each point is needed, where the count is
    fixed, and `per_instance` says of what (R3); `is_should` marks a "should", which is required, yet can be waived
    (Q11); `reading` says how an item is read where its print is silent.
    """

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="groups")
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=10, choices=Section)
    kind = models.CharField(max_length=20, choices=GroupKind)
    printed_number = models.CharField(max_length=20, blank=True)
    element = models.ForeignKey(Element, on_delete=models.PROTECT, null=True, blank=True, related_name="groups")
    text = models.TextField(blank=True)
    at_least = models.PositiveSmallIntegerField(null=True, blank=True)
    per_instance = models.CharField(max_length=60, blank=True)
    instances = models.PositiveSmallIntegerField(null=True, blank=True)
    is_should = models.BooleanField(default=False)
    reading = models.TextField(blank=True)

    class Meta:
        ordering = ("unit", "position")
        constraints = (
            models.UniqueConstraint(fields=("unit", "position"), name="group_position_once_per_unit"),
            models.CheckConstraint(
                condition=Q(section__in=Section.values) & Q(kind__in=GroupKind.values),
                name="group_section_and_kind_known",
                violation_error_message="A group belongs to a known section and is of a known kind.",
            ),
            models.CheckConstraint(
                condition=Q(at_least__isnull=True) | Q(at_least__gte=1, kind=GroupKind.POINTS),
                name="group_at_least_for_points",
                violation_error_message="Only a group of points can ask for at least one or more of them.",
            ),
            models.CheckConstraint(
                condition=Q(instances__isnull=True) | (Q(instances__gte=1) & ~Q(per_instance="")),
                name="group_instances_of_something",
                violation_error_message="A number of instances needs a word for what they are instances of.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.printed_number} {self.text}".strip()


class Criterion(models.Model):
    """One cell that evidence is claimed against.

    An unlettered item (kinds `distinct` and `obligation`) has one criterion, implied by it, that repeats its text.
    `wanted_values` is how many different values it asks for and `value_name` what they are values of ("communication
    medium"); `methods` are the only ones it accepts, where it names any, and `times` is how many different pieces of
    evidence must show it.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    printed_label = models.CharField(max_length=20, blank=True)
    text = models.TextField()
    wanted_values = models.PositiveSmallIntegerField(default=1)
    value_name = models.CharField(max_length=60, blank=True)
    methods = models.JSONField(default=list, blank=True)
    times = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("group", "position")
        verbose_name_plural = "criteria"
        constraints = (
            models.UniqueConstraint(fields=("group", "position"), name="criterion_position_once_per_group"),
            models.CheckConstraint(
                condition=Q(wanted_values__gte=1),
                name="criterion_wants_at_least_one",
                violation_error_message="A criterion wants at least one value.",
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1),
                name="criterion_shown_at_least_once",
                violation_error_message="A criterion is shown at least once.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.text}"

    @property
    def label(self) -> str:
        """What the cell is called on the page: "304.1.1" or "1a"."""
        return criterion_label(
            kind=self.group.kind,
            printed_number=self.group.printed_number,
            printed_label=self.printed_label,
            position=self.position,
        )

    @property
    def is_implied(self) -> bool:
        """Whether the cell stands for the whole of an unlettered item."""
        return self.group.kind in IMPLIED_KINDS


class Qualification(models.Model):
    """An award that candidates register for; level and rules of combination are data, never invented (Q28, Q30).

    The rules are those of `combination.Structure`; None, and no barred sets, where a centre has loaded none.
    """

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="qualifications")
    code = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    level = models.CharField(max_length=20, blank=True)
    nation = models.CharField(max_length=3, choices=Nation, default=Nation.NVQ)
    at_least_units = models.PositiveSmallIntegerField(null=True, blank=True)
    at_least_credits = models.PositiveSmallIntegerField(null=True, blank=True)
    at_least_credits_at_level = models.PositiveSmallIntegerField(null=True, blank=True)
    barred = models.JSONField(default=list, blank=True)
    units = models.ManyToManyField(Unit, through="QualificationUnit", related_name="qualifications")

    class Meta:
        ordering = ("standard", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("standard", "code"),
                name="qualification_code_once_per_standard",
                violation_error_message="This edition already has a qualification with that code.",
            ),
            models.CheckConstraint(
                condition=Q(nation__in=Nation.values),
                name="qualification_nation_known",
                violation_error_message="A qualification is an NVQ or an SVQ.",
            ),
        )

    def __str__(self) -> str:
        return self.title


class QualificationGroup(models.Model):
    """A named group of a qualification's units, and how much of it is taken (`combination.GroupRule`, Q30)."""

    qualification = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="groups")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    at_least_units = models.PositiveSmallIntegerField(null=True, blank=True)
    at_most_units = models.PositiveSmallIntegerField(null=True, blank=True)
    at_least_credits = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("qualification", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("qualification", "position"), name="group_of_units_position_once_per_qualification"
            ),
            models.UniqueConstraint(
                fields=("qualification", "name"),
                name="group_of_units_name_once_per_qualification",
                violation_error_message="The qualification already has a group of that name.",
            ),
            models.CheckConstraint(
                condition=Q(at_most_units__isnull=True)
                | Q(at_most_units__gte=1)
                & (Q(at_least_units__isnull=True) | Q(at_most_units__gte=F("at_least_units"))),
                name="group_of_units_can_be_met",
                violation_error_message="A group cannot allow fewer units than it needs.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class QualificationUnit(models.Model):
    """One unit of a qualification, mandatory or optional, and the group it belongs to, if any."""

    qualification = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="members")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    position = models.PositiveSmallIntegerField()
    is_mandatory = models.BooleanField()
    group = models.ForeignKey(
        QualificationGroup, on_delete=models.RESTRICT, null=True, blank=True, related_name="members"
    )

    class Meta:
        ordering = ("qualification", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("qualification", "unit"),
                name="unit_once_per_qualification",
                violation_error_message="The qualification already lists this unit.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit.code} in {self.qualification.code}"

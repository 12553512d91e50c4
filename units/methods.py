"""The assessment methods of the method key, as unit 304 prints it."""

from django.db import models


class Method(models.TextChoices):
    """How an evidence item was assessed; an item carries one or more (Q20)."""

    OBSERVATION = "O", "Observation"
    QUESTIONING = "Q", "Questioning"
    PRODUCT_EVIDENCE = "PE", "Product Evidence"
    WITNESS_TESTIMONY = "WT", "Witness Testimony"
    PROFESSIONAL_DISCUSSION = "PD", "Professional Discussion"

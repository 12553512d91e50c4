"""How far notices have been sent."""

from django.db import models


class NoticeCursor(models.Model):
    """Up to which event of one chain people have been told. What is told derives from the rows as they stand now."""

    chain = models.CharField(max_length=80, unique=True)
    sequence = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.chain} up to {self.sequence}"

"""How much may be kept for one portfolio: a plain sum against a setting, with words for whoever is over it."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat


class OverQuota(ValueError):
    """There is not room enough left; `reason` is a sentence for whoever hands in."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_quota(*, used: int, adding: int) -> None:
    """Raises OverQuota where what is kept and what is added, in bytes, weigh more than one portfolio may."""
    allowed: int = settings.EVIDENCE_QUOTA_BYTES
    if adding and used + adding > allowed:
        raise OverQuota(
            f"There is not enough room for these files: they take {filesizeformat(adding)}, and this portfolio uses "
            f"{filesizeformat(used)} of the {filesizeformat(allowed)} that it may. Hand in fewer or smaller files, or "
            "say where the evidence is kept at work."
        )

"""What a candidate said of earlier evidence, offered again so that nobody types it twice."""

from dataclasses import dataclass

from evidence.models import Evidence, EvidenceState
from registrations.models import Portfolio

# A candidate rarely goes back further, and a list of suggestions is read on a phone.
_LOOKED_AT, _OFFERED = 200, 12


@dataclass(frozen=True, slots=True)
class EarlierWords:
    """The setting said last ("" before the first item), and the latest occasions and customers, each once."""

    setting: str
    occasions: tuple[str, ...]
    customers: tuple[str, ...]


def earlier_words(portfolio: Portfolio) -> EarlierWords:
    """What the newest items of a portfolio say, newest first. One query."""
    said = list(
        Evidence.objects.filter(portfolio=portfolio)
        .exclude(state=EvidenceState.WITHDRAWN)
        .order_by("-number")
        .values_list("current_version__setting", "current_version__occasion", "current_version__customer")[:_LOOKED_AT]
    )
    return EarlierWords(
        setting=said[0][0] if said else "",
        occasions=tuple(dict.fromkeys(occasion for _, occasion, _ in said if occasion))[:_OFFERED],
        customers=tuple(dict.fromkeys(customer for _, _, customer in said if customer))[:_OFFERED],
    )

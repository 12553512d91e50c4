"""The names of the hash chains (HOUSE, decided first, 3).

Keys are built from ids only, so that any room can name a chain without a query and a chain survives the rows it
describes.
"""

# What belongs to no centre: centres opened, standards loaded.
INSTALLATION = "installation"
# The chain of chain heads: each of its events holds the length and head of every chain that had grown by then.
HEADS = "heads"


def portfolio_chain(*, centre_id: int, candidate_id: int) -> str:
    """Key of the chain of one candidate's portfolio at one centre, which can be verified alone.

    Raises ValueError when an id is missing, which would otherwise name a chain shared by strangers.
    """
    return f"portfolio:{_saved(centre_id)}:{_saved(candidate_id)}"


def centre_chain(centre_id: int) -> str:
    """Key of the chain for what belongs to a centre but to no portfolio. Raises ValueError when the id is missing."""
    return f"centre:{_saved(centre_id)}"


def _saved(pk: int) -> int:
    if not isinstance(pk, int) or isinstance(pk, bool) or pk < 1:
        raise ValueError(f"A chain is named by ids of saved rows, not by {pk!r}.")
    return pk

"""What the log must not hold: the links that open a page to whoever knows them."""

import logging
import re

# Addresses whose last part is the key: a witness's links, invitations, and the pages that confirm a printed record.
# Django names a page that it refused.
_LINKS = re.compile(
    r"(/testify/(?:not-me/)?|/invitations/)[A-Za-z0-9_-]+(?::|%3A)[A-Za-z0-9_-]+|(/check/)[^/\s]+", re.IGNORECASE
)


class WithoutLinks(logging.Filter):
    """Puts a word in the place of the key in every address that is logged. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _LINKS.search(message):
            record.msg, record.args = _LINKS.sub(r"\1\2[key]", message), ()
        return True

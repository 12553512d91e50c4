"""How it was judged."""

from .judgement import ItemConfirmation, Judgement
from .method_record import AgreedDiscussion, BankedQuestion, MethodRecord, SeenAtWork

__all__ = ["AgreedDiscussion", "BankedQuestion", "ItemConfirmation", "Judgement", "MethodRecord", "SeenAtWork"]

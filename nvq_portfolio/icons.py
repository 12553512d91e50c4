"""The icons of `{% load lucide %}`, each drawn once: drawing took half the time of a unit record.

The package parses and copies an XML tree for every icon on a page; a page has few different ones, many times.
"""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()
register.simple_tag(lru_cache(maxsize=1024)(draw), name="lucide")

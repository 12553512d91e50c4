"""The catalogue: every standard and unit that a seat may see, read by everybody, changed by nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from centres import catalogue as queries
from registrations.queries import own_records
from units.catalogue import LONGEST_SEARCH, compare, disagree, families
from units.outline import UnitOutline
from units.queries import outlines_of
from units.rules_in_words import setting_lines, unit_in_words
from units.setting_policy import SettingPolicy

HITS_PER_PAGE = 25
# A whole edition of the printed requirements at once: 68 units, in families one can jump to.
UNITS_PER_PAGE = 100


def _for_readers[**P](view: Callable[Concatenate[Any, P], HttpResponse]) -> Callable[Concatenate[Any, P], HttpResponse]:
    """Open to every seat, and to operators who have none; whoever else has no seat is sent home, where it is said."""

    @require_safe
    @wraps(view)
    def reading(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.seat is None and not request.user.is_staff:
            return redirect("home")
        return view(request, *args, **kwargs)

    return reading


@_for_readers
def catalogue(request: Any) -> HttpResponse:
    """Every unit by standard and family; or, searched for, those with the words, and where the words stand."""
    standards = list(queries.standards_for(request.seat))
    search, standard, policy = _asked(request, {one.pk for one in standards})
    found = queries.listed(request.seat, search=search, standard=standard, policy=policy)
    chosen = {name: value for name, value in (("search", search), ("standard", standard), ("policy", policy)) if value}
    rows: list[Any] = found.outlines if found.hits is None else found.hits
    page = Paginator(rows, UNITS_PER_PAGE if found.hits is None else HITS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "registrations/catalogue.html",
        {
            "standards": standards,
            "policies": SettingPolicy.choices,
            "search": search,
            "longest": LONGEST_SEARCH,
            "standard": standard,
            "policy": policy,
            "page": page,
            "hits": None if found.hits is None else list(page),
            "editions": _by_standard(list(page), standards) if found.hits is None else [],
            "is_filtered": bool(chosen),
            "query": f"{urlencode(chosen)}&" if chosen else "",
        },
    )


@_for_readers
def unit(request: Any, pk: int) -> HttpResponse:
    """One unit: where its evidence may come from, and every item with its rule in words."""
    shown = get_object_or_404(queries.units_for(request.seat), pk=pk)
    outline = outlines_of([shown])[shown.pk]
    named = queries.units_named(request.seat, outline)
    return render(
        request,
        "registrations/catalogue_unit.html",
        {
            "unit": shown,
            "outline": outline,
            "settings": setting_lines(outline.setting_policy),
            "remarks": unit_in_words(outline),
            "conflicts": [(conflict, named[conflict.unit]) for conflict in outline.conflicts],
            "own_records": own_records(request.seat, shown),
            "qualifications": list(queries.qualifications_with(shown)),
        },
    )


@_for_readers
def compare_units(request: Any, pk: int, other: int) -> HttpResponse:
    """Two units that are known to disagree, side by side (Q1). Raises Http404 for any other two."""
    units = queries.units_for(request.seat)
    by_id = outlines_of([get_object_or_404(units, pk=pk), get_object_or_404(units, pk=other)])
    if not disagree(by_id[pk], by_id[other]):
        raise Http404("Nothing is known of a disagreement between these two units.")
    return render(request, "registrations/catalogue_compare.html", {"comparison": compare(by_id[pk], by_id[other])})


def _asked(request: HttpRequest, standards: set[int]) -> tuple[str, int | None, str]:
    """What was asked for: words, a standard one can see, a policy there is. Anything else is as if not asked."""
    search = " ".join(request.GET.get("search", "").replace("\0", " ")[:LONGEST_SEARCH].split())
    standard = request.GET.get("standard", "")
    policy = request.GET.get("policy", "")
    chosen = next((pk for pk in standards if str(pk) == standard), None)
    return search, chosen, policy if policy in SettingPolicy.values else ""


def _by_standard(outlines: list[UnitOutline], standards: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Each standard that has units here, with its families."""
    found = families(outlines)
    grouped = (
        (standard, [family for family in found if family.units[0].standard_id == standard.pk]) for standard in standards
    )
    return [(standard, members) for standard, members in grouped if members]

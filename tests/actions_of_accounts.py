"""What is done to accounts and centres by their owners and by operators, for tests/every_action.py."""

from collections.abc import Callable

from centres.drawn_signature import actions as drawing
from centres.models import User
from centres.people import corrections
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import World


def remove_drawing(world: World) -> Callable[[], object]:
    keep_drawing(world.candidate)
    return lambda: drawing.remove_drawn_signature(by=world.candidate)


def _operator() -> User:
    return User.objects.create_superuser(email="olga@example.org", name="Olga Operator", password="long enough 17")


def correct_centre(world: World) -> Callable[[], object]:
    by = _operator()
    return lambda: corrections.correct_centre(
        centre=world.centre, values={"name": "Northgate Academy"}, why="It is called so now", by=by
    )


def correct_person(world: World) -> Callable[[], object]:
    by = _operator()
    return lambda: corrections.correct_person(
        person=world.candidate.person, values={"name": "Carla Married"}, why="She married", by=by
    )


OF_ACCOUNTS: dict[str, Callable[[World], Callable[[], object]]] = {
    "centres.drawn_signature.actions.remove_drawn_signature": remove_drawing,
    "centres.people.corrections.correct_centre": correct_centre,
    "centres.people.corrections.correct_person": correct_person,
}

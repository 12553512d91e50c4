"""Evidence for the units of 2010 that one candidate of the demo centre takes: two changes, and what is left over."""

from desk.demo import papers
from desk.demo.items import Item
from desk.demo.papers import Part
from desk.demo.shops import Shop

# What the candidate names once for unit D2, and picks whenever something is claimed for it (R3).
CHANGES = ("Call-back list", "Repairs told by text message")


def two_changes(shop: Shop, candidate: str, days_ago: int) -> Item:
    """Evidence for D2: one report about both changes."""
    return Item(
        title="Two changes that I helped to make",
        methods=["PE"],
        what_happened=(
            "I read the feedback cards of two months, suggested a list of customers to call back, and later that we "
            "tell customers by text message when a repair is ready. I wrote down what customers said before and after."
        ),
        happened_days_ago=days_ago,
        lasted_days=40,
        files=[
            (
                "Two changes.pdf",
                papers.pdf(
                    title="Two changes in our customer service",
                    organisation=shop.name,
                    parts=[
                        Part(
                            CHANGES[0],
                            [("", "Before", "After"), ("Called back the same day", "4 of 10", "9 of 10")],
                            [
                                "Eleven cards said: nobody rang me back. I proposed the list and keep it on Mondays.",
                                "Customers notice: three thanked us for ringing without being asked.",
                            ],
                        ),
                        Part(
                            CHANGES[1],
                            [("", "Before", "After"), ("Asked whether a repair was ready", "31 a week", "6 a week")],
                            [
                                f"{shop.colleague} set it up; I wrote the three messages and tried them for a week.",
                                "Customers say that they no longer wait at home for a call.",
                            ],
                        ),
                    ],
                ),
            ),
        ],
        claims={},
    )


def waste_and_packaging(shop: Shop, candidate: str, days_ago: int) -> Item:
    """Evidence for A18: the shop's policy on waste, and a customer who likes it."""
    return Item(
        title="What we do with packaging and old machines",
        methods=["PE"],
        what_happened=(
            "I drew up the page that hangs at the loading door, and explained it to a customer who asked where the "
            "old machine goes. They took the refilled detergent instead of a new bottle."
        ),
        happened_days_ago=days_ago,
        files=[
            (
                "Waste policy.docx",
                papers.docx(
                    title="What happens to what is left over",
                    byline=f"{shop.name}, {shop.site}",
                    paragraphs=[
                        "# Reduction",
                        "Deliveries come in cages, not in film.",
                        "# Re-use",
                        "Cartons go back on the van; refills for detergent.",
                        "# Re-cycling",
                        "Card and metal weekly.",
                        "# Disposal",
                        "Old machines go to the council’s yard on Fridays, with a receipt.",
                    ],
                ),
            ),
        ],
        claims={
            "5a": "heading 1",
            "5b": "heading 2",
            "5c": "heading 3",
            "5d": "heading 4",
            "6a": "last line of my note",
        },
    )

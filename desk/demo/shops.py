"""Where the demo centre's candidates work: four small shops, each with customers, colleagues and rivals of its own."""

from dataclasses import dataclass

from desk.demo.pictures import Colour


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What evidence from one shop speaks of. People and businesses are invented."""

    name: str
    site: str
    colour: Colour
    trade: str  # "electrical shop"
    thing: str  # what it mostly sells, in the singular
    better: str  # the dearer one that is worth it
    extra: str  # a complementary product or service
    care: str  # the service that rivals do not give
    rival: str  # a direct competitor
    substitute: str  # somebody who offers something else instead
    prices: tuple[tuple[str, str, str], ...]  # what, here, at the rival's
    advice: str  # technical advice that was given
    loyal: str
    returning: str
    new: str
    elsewhere: str  # where the new customer was sent, without offence
    colleague: str
    manager: str
    manager_role: str
    manager_contact: str
    target: str
    reached: str
    cost: str  # what an added-value action costs the shop


TIDEWATER = Shop(
    name="Tidewater Electricals",
    site="14 Harbour Street",
    colour=(30, 86, 122),
    trade="electrical shop",
    thing="washing machine",
    better="the quiet 8 kg machine",
    extra="a set of limescale filters",
    care="free fitting on the day of delivery",
    rival="Watts & Co",
    substitute="the launderette in Quay Lane",
    prices=(
        ("Machine, 8 kg", "£389", "£379"),
        ("Delivery", "free", "£25"),
        ("Fitting", "free", "£30"),
        ("Old one taken", "free", "£20"),
        ("Guarantee", "3 years", "1 year"),
    ),
    advice="that our water is hard, so a 40 degree wash with a filter keeps the heater clean for years longer",
    loyal="Mrs Price",
    returning="Mr Doyle",
    new="Ms Kaur",
    elsewhere="the hire counter at Bowen’s, because she needed a machine for six weeks only",
    colleague="Jamie",
    manager="Sandra Keogh",
    manager_role="Shop manager",
    manager_contact="sandra.keogh@tidewater.example",
    target="92 of 100 customers would come again",
    reached="94 of 100",
    cost="£11 in fuel and 40 minutes of Jamie’s time for each fitting",
)

MARSH = Shop(
    name="Marsh & Daughters",
    site="3 Market Row",
    colour=(138, 62, 52),
    trade="cookware shop",
    thing="frying pan",
    better="the carbon steel pan",
    extra="a tin of seasoning wax",
    care="free seasoning of a new pan while you wait",
    rival="Kitchen Barn",
    substitute="the supermarket’s non-stick shelf",
    prices=(
        ("Pan, 26 cm", "£34", "£29"),
        ("Seasoning", "free", "not offered"),
        ("Knife sharpened", "£2", "£6"),
        ("Returns", "60 days", "28 days"),
        ("Loyalty card", "yes", "no"),
    ),
    advice="that carbon steel works on induction hobs, that the first meals should be fatty ones, and never to soak it",
    loyal="Mr Abara",
    returning="Miss Fenn",
    new="Mr Lowe",
    elsewhere="the ironmonger across the square, because he wanted a gas burner and we do not sell them",
    colleague="Orla",
    manager="Joan Marsh",
    manager_role="Owner",
    manager_contact="joan@marshanddaughters.example",
    target="9 of 10 customers rate our advice as helpful",
    reached="94 of 100",
    cost="35p of wax and ten minutes for each pan",
)

VALE = Shop(
    name="Vale Garden Centre",
    site="Orchard Road",
    colour=(52, 104, 62),
    trade="garden centre",
    thing="hedge plant",
    better="the pot-grown hornbeam",
    extra="a bag of root fungi",
    care="a free planting plan for every hedge",
    rival="GreenAcre",
    substitute="the fencing yard on the bypass",
    prices=(
        ("Hornbeam, each", "£7.50", "£6.80"),
        ("Planting plan", "free", "not offered"),
        ("Delivery", "free over £50", "£18"),
        ("Replaced if it dies", "2 years", "6 months"),
        ("Soil test", "£3", "£9"),
    ),
    advice="that her clay holds water, so hornbeam would thrive where the beech she asked for would rot",
    loyal="Mrs Bowen",
    returning="Mrs Shah",
    new="Mr Pugh",
    elsewhere="the fencing yard, because he needed privacy by Saturday and no hedge grows that fast",
    colleague="Lewis",
    manager="Gareth Vaughan",
    manager_role="Plant area manager",
    manager_contact="01632 960 418",
    target="fewer than 3 complaints for every 100 orders",
    reached="1 for every 100",
    cost="25 minutes of my time for each plan, about £5",
)

QUILL = Shop(
    name="Quill & Nib",
    site="8 Castle Steps",
    colour=(86, 66, 126),
    trade="stationery shop",
    thing="fountain pen",
    better="the pen with the steel medium nib",
    extra="a converter and a bottle of ink",
    care="nibs adjusted at the counter, free for life",
    rival="PaperPlus",
    substitute="the printing shop, which sells engraved ballpoints",
    prices=(
        ("School pen", "£18", "£16"),
        ("Nib adjusted", "free", "not offered"),
        ("Ink, 30 ml", "£5.20", "£5.90"),
        ("Engraving", "£4", "£9"),
        ("Exchange", "30 days", "14 days"),
    ),
    advice="that a left-handed writer wants a dry ink and a nib that is not too fine, and let him try three",
    loyal="Dr Hughes",
    returning="Mrs Tamar",
    new="Mr Silva",
    elsewhere="the printing shop, because he needed two hundred engraved pens in a week",
    colleague="Beth",
    manager="Colin Reed",
    manager_role="Shop manager",
    manager_contact="colin@quillandnib.example",
    target="every letter and e-mail answered within one working day",
    reached="answered all but two in a day",
    cost="six minutes of counter time for each nib, and no parts",
)

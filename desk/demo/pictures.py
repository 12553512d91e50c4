"""Photographs for the demo centre, drawn rather than taken: nobody's face, nobody's shop."""

import io
import math
import random
from collections.abc import Sequence
from functools import cache

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# Drawn large, taken smaller.
WIDTH, HEIGHT = 1600, 1200
_TAKEN = (1280, 960)

type Colour = tuple[int, int, int]

_WALL: Colour = (233, 226, 211)
_WOOD: Colour = (156, 110, 68)
_SKINS: tuple[Colour, ...] = ((141, 94, 62), (224, 178, 146), (190, 138, 102), (96, 62, 42))


def counter_scene(*, sign: str, colour: Colour, seed: int) -> bytes:
    """A shop counter with shelves behind it, somebody serving and a customer, as a JPEG."""
    chance = random.Random(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), _WALL)
    draw = ImageDraw.Draw(image)
    _shelves(draw, chance, colour)
    draw.rounded_rectangle((90, 60, 760, 190), 18, fill=colour)
    draw.text((425, 125), sign, font=_font(58), fill="white", anchor="mm")
    _person(draw, 980, 420, clothes=colour, skin=chance.choice(_SKINS), hair=(40, 32, 28))
    draw.rectangle((0, 820, WIDTH, 880), fill=_darker(_WOOD, 20))
    draw.rectangle((0, 880, WIDTH, HEIGHT), fill=_WOOD)
    for x in range(0, WIDTH, 200):
        draw.line((x, 880, x, HEIGHT), fill=_darker(_WOOD, 26), width=5)
    _till(draw, 1260, 640)
    for index in range(3):
        left = 560 + index * 110
        _product(draw, left, 820, 86, 120 + 30 * index, chance, colour)
    _person(draw, 300, 560, clothes=(74, 84, 104), skin=chance.choice(_SKINS), hair=(120, 84, 48), scale=1.25)
    return _photograph(image, chance)


def signature(*, seed: int) -> bytes:
    """A name written in one go, as an unreadable line of loops with a stroke beneath it, as a PNG."""
    chance = random.Random(seed)
    image = Image.new("L", (1200, 400), 255)
    draw = ImageDraw.Draw(image)
    tall, lean = chance.uniform(60, 90), chance.uniform(20, 45)
    points = []
    for step in range(360):
        turn = step / 9
        height = tall * (1.7 if turn < 6 else 1) * math.sin(turn) * (0.75 + 0.25 * math.sin(turn * 0.37 + seed))
        points.append((140 + step * 2.4 + lean * math.cos(turn) - height * 0.3, 210 - height))
    draw.line(points, fill=20, width=7, joint="curve")
    draw.line([(220, 345), (640, 330), (1080, chance.uniform(290, 330))], fill=20, width=6, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def price_board(*, title: str, rows: Sequence[tuple[str, str, str]], heads: tuple[str, str, str], seed: int) -> bytes:
    """A price comparison board on an easel, with chalk lettering, as a JPEG. Each row: what, our price, theirs."""
    chance = random.Random(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), (203, 210, 206))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 980, WIDTH, HEIGHT), fill=(121, 117, 112))
    draw.line((330, 1170, 520, 60), fill=_darker(_WOOD, 30), width=26)
    draw.line((1270, 1170, 1080, 60), fill=_darker(_WOOD, 30), width=26)
    draw.rectangle((180, 110, 1420, 1040), fill=_WOOD)
    draw.rectangle((212, 142, 1388, 1008), fill=(38, 46, 44))
    draw.text((800, 215), title, font=_font(64), fill=(244, 240, 224), anchor="mm")
    columns = (260, 900, 1160)
    for x, head in zip(columns, heads, strict=True):
        draw.text((x, 300), head, font=_font(38), fill=(240, 205, 120))
    draw.line((260, 360, 1340, 360), fill=(244, 240, 224), width=4)
    for number, row in enumerate(rows):
        y = 400 + number * 92
        for x, words in zip(columns, row, strict=True):
            draw.text((x, y), words, font=_font(42), fill=(228, 236, 230))
    draw.text((800, 950), "Ask us: we know what we sell", font=_font(40), fill=(240, 205, 120), anchor="mm")
    return _photograph(image, chance)


def notice_board(*, title: str, notes: Sequence[str], seed: int) -> bytes:
    """A cork board in a staff room with notes pinned to it, as a JPEG."""
    chance = random.Random(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), (219, 222, 219))
    draw = ImageDraw.Draw(image)
    draw.rectangle((110, 90, 1490, 1110), fill=_darker(_WOOD, 20))
    draw.rectangle((146, 126, 1454, 1074), fill=(191, 150, 104))
    for _ in range(2600):
        x, y = chance.randrange(150, 1450), chance.randrange(130, 1070)
        draw.point((x, y), fill=_darker((191, 150, 104), chance.randrange(8, 46)))
    draw.rectangle((500, 160, 1100, 250), fill=(250, 246, 234))
    draw.text((800, 205), title, font=_font(46), fill=(33, 39, 52), anchor="mm")
    papers: tuple[Colour, ...] = ((252, 250, 240), (250, 236, 170), (214, 232, 244), (244, 216, 214))
    for number, note in enumerate(notes):
        left, top = 200 + (number % 3) * 420, 300 + (number // 3) * 380
        lean = chance.randrange(-8, 9)
        draw.polygon(
            [(left + lean, top), (left + 370, top + lean), (left + 370 - lean, top + 330), (left, top + 330 - lean)],
            fill=papers[number % len(papers)],
        )
        draw.ellipse((left + 170, top + 8, left + 198, top + 36), fill=(172, 40, 48))
        for line, words in enumerate(_wrapped(note, 19)):
            draw.text((left + 26, top + 56 + line * 44), words, font=_font(34), fill=(40, 44, 58))
    return _photograph(image, chance)


def _shelves(draw: ImageDraw.ImageDraw, chance: random.Random, colour: Colour) -> None:
    for y in (330, 530, 730):
        draw.rectangle((80, y, WIDTH - 80, y + 18), fill=_darker(_WOOD, 10))
        x = 100
        while x < WIDTH - 190:
            width = chance.randrange(56, 118)
            _product(draw, x, y, width, chance.randrange(70, 150), chance, colour)
            x += width + chance.randrange(10, 40)


def _product(
    draw: ImageDraw.ImageDraw, left: int, foot: int, width: int, height: int, chance: random.Random, colour: Colour
) -> None:
    tints: tuple[Colour, ...] = (colour, (236, 231, 220), (176, 68, 58), (222, 168, 74), (88, 128, 118), (70, 78, 98))
    tint = chance.choice(tints)
    draw.rounded_rectangle((left, foot - height, left + width, foot), 7, fill=tint, outline=_darker(tint, 40), width=3)
    label = foot - height + height // 3
    draw.rectangle((left + 8, label, left + width - 8, label + height // 4), fill=(250, 248, 240))
    draw.line((left + 14, label + height // 8, left + width - 16, label + height // 8), fill=(60, 64, 74), width=3)


def _person(
    draw: ImageDraw.ImageDraw,
    x: int,
    top: int,
    *,
    clothes: Colour,
    skin: Colour,
    hair: Colour,
    scale: float = 1.0,
) -> None:
    def at(*values: float) -> tuple[float, ...]:
        return tuple((x if index % 2 == 0 else top) + value * scale for index, value in enumerate(values))

    draw.rounded_rectangle(at(-130, 150, 130, 620), 70 * scale, fill=clothes)
    draw.rectangle(at(-34, 110, 34, 180), fill=_darker(skin, 14))
    draw.ellipse(at(-78, -60, 78, 136), fill=skin)
    draw.pieslice(at(-86, -76, 86, 100), 180, 360, fill=hair)
    draw.line(at(-118, 220, -168, 420), fill=_darker(clothes, 18), width=int(56 * scale))
    draw.line(at(118, 220, 168, 420), fill=_darker(clothes, 18), width=int(56 * scale))


def _till(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    draw.rounded_rectangle((left, top, left + 230, top + 130), 12, fill=(52, 58, 68))
    draw.rectangle((left + 18, top + 18, left + 212, top + 90), fill=(158, 206, 196))
    draw.rectangle((left + 80, top + 130, left + 150, top + 180), fill=(70, 76, 86))


def _photograph(image: Image.Image, chance: random.Random) -> bytes:
    """Soften, add grain and dark corners, turn a little: what a telephone makes of it."""
    image = image.resize(_TAKEN, Image.Resampling.BICUBIC)
    width, height = _TAKEN
    image = image.rotate(chance.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=(90, 88, 84))
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    grain = Image.effect_noise(_TAKEN, 26).convert("RGB")
    image = Image.blend(image, grain, 0.07)
    shade = Image.new("L", _TAKEN, 96)
    ImageDraw.Draw(shade).ellipse((-180, -140, width + 180, height + 140), fill=0)
    shade = shade.filter(ImageFilter.GaussianBlur(140))
    image = Image.composite(Image.new("RGB", _TAKEN, (24, 20, 16)), image, shade)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(finders.find("fonts/hanken/HankenGrotesk-Medium.otf")), size)


def _darker(colour: Colour, by: int) -> Colour:
    red, green, blue = colour
    return max(0, red - by), max(0, green - by), max(0, blue - by)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines

"""Pictures of signatures, as a canvas, a scanner or a telephone makes them, and one kept on an account."""

import io
from typing import Any

from PIL import Image, ImageDraw

from centres.drawn_signature.actions import save_drawn_signature
from centres.models import DrawnSignature, Membership


def strokes(
    size: tuple[int, int] = (1200, 400), *, ink: str = "#10131c", paper: Any = (0, 0, 0, 0), kind: str = "PNG"
) -> bytes:
    """A signature in wavy strokes, on clear ground when nothing else is said."""
    width, height = size
    picture = Image.new("RGBA", size, paper)
    pen, step = ImageDraw.Draw(picture), width // 24
    points = [(step * at + step * 2, height // 2 + (height // 5) * (-1) ** at) for at in range(20)]
    pen.line(points, fill=ink, width=max(3, width // 170), joint="curve")
    out = io.BytesIO()
    picture.convert("RGBA" if kind == "PNG" else "RGB").save(out, kind)
    return out.getvalue()


def keep_drawing(seat: Membership, picture: bytes | None = None) -> DrawnSignature:
    """Keep a drawing on an account, as its page does."""
    return save_drawn_signature(file=io.BytesIO(picture or strokes()), name="signature.png", by=seat)

"""What candidates bring from work."""

import io

from PIL import Image


def a_pdf() -> bytes:
    """Two pages."""
    pages = [Image.new("RGB", (420, 594), colour) for colour in ("white", "whitesmoke")]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:])
    return buffer.getvalue()

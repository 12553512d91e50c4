"""Pictures made to fill a memory, or that tell where they were taken."""

import io
import struct
import zlib

from PIL import Image

from tests.files import samples
from tests.files.corpus.cases import Case, either, refused, safe


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, data: bytes = b"\0" * 1000, extra=b"") -> bytes:
    """A PNG that says it is this large and holds far less."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + samples.picture("GIF")[10:]


def jpeg(width: int, height: int) -> bytes:
    """A good picture whose frame header says another size."""
    content = samples.picture("JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def webp(width: int, height: int) -> bytes:
    """The extended header alone says the size."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + samples.picture("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heic(width: int, height: int) -> bytes:
    """A good picture whose size box says another size."""
    content = samples.heic()
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]


def real(size: tuple[int, int], image_format: str) -> bytes:
    """Really this large, in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1" if image_format == "PNG" else "L", size).save(out, image_format)
    return out.getvalue()


def oversized() -> list[Case]:
    """Headers that promise more pixels than any memory holds, and pictures that really have them."""
    many = "too many pixels"
    return [
        *[refused(f"{side}.png", png(side, side), many) for side in (8_000, 20_000, 65_535, 1_000_000, 2**31 - 1)],
        refused("tall.png", png(1, 2**31 - 1), many),
        refused("wide.png", png(2**31 - 1, 1), many),
        refused("deep.png", png(30_000, 30_000, depth=16, colour=6), many),
        *[refused(f"{side}.gif", gif(side, side), many) for side in (9_000, 65_535)],
        *[refused(f"{side}.jpg", jpeg(side, side), many) for side in (9_000, 30_000, 65_500)],
        *[refused(f"{side}.webp", webp(side, side)) for side in (9_000, 16_384)],
        *[refused(f"{side}.heic", heic(side, side)) for side in (9_000, 65_000, 2**31 - 1)],
        refused("real.png", real((9_000, 7_000), "PNG"), many),
        refused("real.gif", real((9_000, 7_000), "GIF"), many),
    ]


def malformed() -> list[Case]:
    """Sizes of nothing, lengths that lie, data that expands, frames without end."""
    good = samples.picture("PNG")
    inflated = zlib.compress(b"\0" * 30_000_000, 9)
    frames = [Image.new("L", (16, 16), shade % 256) for shade in range(400)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    animated = io.BytesIO()
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:40])
    return [
        refused("nothing.png", png(0, 0), "broken"),
        refused("flat.png", png(10, 0), "broken"),
        either("nothing.gif", gif(0, 0)),
        refused("nothing.jpg", jpeg(0, 0), "broken"),
        refused("short.png", png(400, 400, data=b"\0"), "broken"),
        refused("colour.png", png(10, 10, colour=5), "broken"),
        refused("depth.png", png(10, 10, depth=3), "broken"),
        refused("no-data.png", good[:33] + png_chunk(b"IEND", b""), "broken"),
        refused("length.png", good[:8] + b"\xff\xff\xff\xff" + good[12:], "broken"),
        either("checksum.png", good[:29] + b"\0\0\0\0" + good[33:]),
        either("profile-bomb.png", png(8, 8, extra=png_chunk(b"iCCP", b"x\0\0" + inflated), data=b"\0" * 200)),
        either("text-bomb.png", png(8, 8, extra=png_chunk(b"zTXt", b"x\0\0" + inflated), data=b"\0" * 200)),
        either("data-bomb.png", png(8, 8, data=b"\0" * 30_000_000)),
        safe("frames.gif", out.getvalue()),
        safe("frames.webp", animated.getvalue()),
        refused("marker.jpg", b"\xff\xd8\xff\xe0\xff\xff" + b"\0" * 100, "broken"),
        refused("markers.jpg", b"\xff\xd8" + b"\xff\xd8\xff" * 2000, "broken"),
        either("tables.jpg", samples.picture("JPEG")[:200] * 3),
        refused("size.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 100, "broken"),
        refused("sub.gif", b"GIF89a\x10\0\x10\0\x80\0\0" + b"\0" * 6 + b"," + b"\xff" * 60),
        refused("box.heic", samples.box(b"heic"), "broken"),
        refused("boxes.heic", samples.box(b"heic")[:24] + b"\0\0\0\1meta" + b"\xff" * 200, "broken"),
    ]


def with_place() -> list[Case]:
    """Turned by a note, with the place and the camera in it: upright and without them for every browser (R12)."""
    cases = []
    for orientation in range(1, 9):
        cases.append(safe(f"turned{orientation}.jpg", samples.photo_with_place(orientation)))
    for orientation in (1, 3, 6, 8):
        cases.append(safe(f"turned{orientation}.heic", samples.heic((64, 48), orientation=orientation)))
    with Image.open(io.BytesIO(samples.photo_with_place(6))) as photo:
        for image_format, name in (("PNG", "note.png"), ("WEBP", "note.webp")):
            out = io.BytesIO()
            photo.save(out, image_format, exif=photo.info["exif"])
            cases.append(safe(name, out.getvalue()))
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SecretMaker 51.5N</x:xmpmeta>"
    plain = samples.picture("JPEG")
    cases.append(safe("xmp.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + plain[2:]))
    broken = b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 40
    cases.append(safe("notes.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken + plain[2:]))
    return cases


FAMILIES = {"oversized pictures": oversized, "malformed pictures": malformed, "photographs": with_place}

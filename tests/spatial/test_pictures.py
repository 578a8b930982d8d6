"""Pictures encoded anew in a process of its own."""

import io
import zlib

import pytest
from PIL import Image

from spatial import pictures
from spatial.errors import InvalidInput


def picture(size=(80, 60), form="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "#336699").save(out, form)
    return out.getvalue()


def bomb(side):
    """Return a PNG of few bytes that says it is `side` wide and high."""
    head = side.to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
        for name, body in chunks)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_comes_back_as_a_bare_jpeg(form):
    with Image.open(io.BytesIO(pictures.encoded(picture(form=form)))) as image:
        assert (image.format, image.size) == ("JPEG", (80, 60))


def test_a_large_picture_is_made_smaller_apart():
    with Image.open(io.BytesIO(pictures.clean(picture((2400, 1200))))) as image:
        assert image.size == (1600, 800)


def test_what_is_wrong_is_said_in_the_words_of_the_process_apart():
    with pytest.raises(InvalidInput, match="too many pixels"):
        pictures.clean(bomb(20_000))


@pytest.mark.parametrize("raw", [b"", b"x", picture()[:60], picture(form="GIF"), bomb(2**31 - 1),
                                 picture((7000, 7000))[:900]])
def test_what_is_no_picture_is_refused(raw):
    with pytest.raises(InvalidInput):
        pictures.encoded(raw)


def test_too_many_bytes_are_refused_unread():
    with pytest.raises(InvalidInput, match="bytes"):
        pictures.clean(b"\xff" * (pictures.BYTES_MOST + 1))

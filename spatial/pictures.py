"""Pictures from elsewhere, encoded anew: place, camera and owner stay behind, pixels remain.

A picture is decoded in a process of its own, confined and without a network, for decoders are
where hostile files aim. `python -m spatial.pictures` is that process: a picture in, a JPEG out.
"""

import io
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from spatial.confinement import confine, without_network
from spatial.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image

BYTES_MOST, PIXELS_MOST, SIDE = 12 * 1024 * 1024, 50_000_000, 1_600
FORMATS = ("JPEG", "PNG", "WEBP")
#: What decoding may cost; the clock runs longer than the work, for a busy machine.
MEMORY, WORK_S, CLOCK_S = 768 * 1024 * 1024, 10, 30
ROOT = Path(__file__).parents[1]
REFUSED = 3
_NONE = "This is no picture (JPEG, PNG or WebP), or it is damaged."


def clean(raw: bytes) -> bytes:
    """Return a picture as an upright JPEG of at most SIDE pixels, with nothing but its pixels.

    Raises InvalidInput for what is no JPEG, PNG or WebP, or is too large.
    """
    if len(raw) > BYTES_MOST:
        raise InvalidInput(f"The picture has {len(raw):,} bytes; {BYTES_MOST:,} are taken.")
    try:
        done = subprocess.run(
            [*_without_network(), sys.executable, "-m", "spatial.pictures"], input=raw,
            capture_output=True, timeout=CLOCK_S, check=False, cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"})
    except subprocess.TimeoutExpired:
        raise InvalidInput("The picture took too long to read; send a smaller one.") from None
    if done.returncode == REFUSED:
        raise InvalidInput(done.stderr.decode("utf-8"))
    if done.returncode or not done.stdout:
        raise InvalidInput(_NONE)
    return done.stdout


@cache
def _without_network() -> tuple[str, ...]:
    return without_network()


def encoded(raw: bytes) -> bytes:
    """Decode and encode a picture in this process; see `clean` for one of its own."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MOST:
                raise Image.DecompressionBombError
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError:
        raise InvalidInput("The picture has too many pixels; send a smaller one.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        raise InvalidInput(_NONE) from None
    return _bare(upright)


def _bare(image: "Image") -> bytes:
    from PIL import Image as Pictures

    image.thumbnail((SIDE, SIDE))
    bare = Pictures.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def main() -> int:
    """Encode what stands on the standard input, confined."""
    import PIL.Image  # noqa: F401, ICN001  loaded before the memory is bounded

    confine(MEMORY, WORK_S, 0)
    try:
        sys.stdout.buffer.write(encoded(sys.stdin.buffer.read()))
    except InvalidInput as error:
        sys.stderr.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())

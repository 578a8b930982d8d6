"""Pictures of places beside an order: encoded anew, so that place, camera and owner stay behind."""

import io
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from layers.across.orders_tables import IncidentOrder, IncidentPhoto
from spatial.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image

BYTES_MOST, PIXELS_MOST, SIDE, EACH_MOST = 12 * 1024 * 1024, 50_000_000, 1_600, 8
FORMATS = ("JPEG", "PNG", "WEBP")


def keep_photo(session: Session, order: IncidentOrder, raw: bytes) -> IncidentPhoto:
    """Keep a picture beside an order; call it within the reach of the order's words."""
    held = session.query(IncidentPhoto.id).filter_by(incident_id=order.incident_id).count()
    if held >= EACH_MOST:
        raise Conflict(f"An order holds {EACH_MOST} pictures at most.")
    photo = IncidentPhoto(incident_id=order.incident_id, scope=order.scope, image=clean(raw))
    session.add(photo)
    session.flush()
    return photo


def clean(raw: bytes) -> bytes:
    """Return a picture as a JPEG of at most SIDE pixels with nothing of the file but its pixels.

    Raises InvalidInput for what is no JPEG, PNG or WebP, or is too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(raw) > BYTES_MOST:
        raise InvalidInput(f"The picture has {len(raw):,} bytes; {BYTES_MOST:,} are taken.")
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MOST:
                raise InvalidInput("The picture has too many pixels; send a smaller one.")
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            ) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput("This is no picture (JPEG, PNG or WebP), or it is damaged.") from None
    return _encoded(upright)


def _encoded(image: "Image") -> bytes:
    from PIL import Image as Pictures

    image.thumbnail((SIDE, SIDE))
    bare = Pictures.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()

"""Pictures of places beside an order: encoded anew, so that place, camera and owner stay behind."""

from sqlalchemy.orm import Session

from layers.across.orders_tables import IncidentOrder, IncidentPhoto
from spatial.errors import Conflict
from spatial.pictures import clean

EACH_MOST = 8


def keep_photo(session: Session, order: IncidentOrder, raw: bytes) -> IncidentPhoto:
    """Keep a picture beside an order; call it within the reach of the order's words."""
    held = session.query(IncidentPhoto.id).filter_by(incident_id=order.incident_id).count()
    if held >= EACH_MOST:
        raise Conflict(f"An order holds {EACH_MOST} pictures at most.")
    photo = IncidentPhoto(incident_id=order.incident_id, scope=order.scope, image=clean(raw))
    session.add(photo)
    session.flush()
    return photo

"""To which level an order has risen, as SQL: for lists and for figures alike."""

from sqlalchemy import case, func, literal

from layers.across.orders_tables import IncidentOrder

_O = IncidentOrder
#: When an order's clock was stopped: when it was done, else closed, else now.
END = func.coalesce(_O.done_at, _O.closed_at, func.now())
LEVEL = case((_O.district_at <= END, literal("district")),
             (_O.subdistrict_at <= END, literal("subdistrict")),
             (_O.community_at <= END, literal("community")), else_=literal("grid"))

"""What is asked of the figures of orders."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which orders: received in a period, half open; and how grouped."""

    by: str = "service"
    since: datetime | None = None
    until: datetime | None = None
    zone: str = "Asia/Shanghai"

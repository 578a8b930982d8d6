"""What must never happen, tried on purpose: kills, a full disk, two at once (`make faults`)."""

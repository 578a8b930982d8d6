"""The ground: database, CRS, geometry, addressing, volumes. Knows no layer."""

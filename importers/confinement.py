"""What a process that reads foreign files is told of the world (spatial/confinement.py bounds it).

GDAL opens many things that are no files of the format asked for: a VRT renamed `.geojson` reads
another file, others fetch from the network. So all its drivers are skipped but those named here,
and it is told to look at nothing beside the file.
"""

import os
from collections.abc import Iterable

#: The drivers of GDAL that are used, one a format that is declared.
DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GML"})
#: Told before GDAL is loaded, for afterwards it does not listen.
SETTINGS = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE", "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL", "GML_SKIP_CORRUPTED_FEATURES": "NO",
    "SHAPE_RESTORE_SHX": "NO", "PROJ_NETWORK": "OFF", "CPL_LOG_ERRORS": "OFF",
}
#: Drivers of the GDAL that the lock names; a newer one's are found when it starts.
SKIPPED = (
    "MEM", "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG",
    "MapInfo File", "LVBAG", "S57", "DGN", "OGR_VRT", "CSV", "GPX", "LIBKML", "KML", "GeoJSON",
    "GeoJSONSeq", "ESRIJSON", "TopoJSON", "OGR_GMT", "GPKG", "SQLite", "WAsP", "OpenFileGDB",
    "DXF", "GeoRSS", "VFK", "PGDUMP", "OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO",
    "Idrisi", "ODS", "XLSX", "Elasticsearch", "Carto", "AmigoCloud", "SXF", "Selafin", "JML",
    "PLSCENES", "CSW", "VDV", "MVT", "NGW", "MapML", "GTFS", "PMTiles", "JSONFG",
    "MiraMonVector", "ADBC", "AVCBin", "AVCE00", "AIVector", "HTTP")


def environment(root: str, skipped: Iterable[str] = SKIPPED) -> dict[str, str]:
    """Return all that the process is told of the world; no settings of the registry."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, **SETTINGS, "LANG": "C.UTF-8", "PYTHONPATH": root, "OGR_SKIP":
            ",".join(skipped), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1"}

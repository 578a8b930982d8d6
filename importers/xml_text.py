"""XML that strangers wrote: no document type, no entities, nothing from elsewhere.

defusedxml refuses all of them, wherever in the file; the whole file is looked at before any
other parser sees it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse, parse
from defusedxml.sax import make_parser

from importers.base import shown, unreadable

#: Elements within one another; nobody writes more.
DEEPEST = 200


class _Depth(ContentHandler):
    """Counts how deep elements lie."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  its name in SAX
        """Enter an element."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise SAXException(f"elements lie more than {DEEPEST} deep")

    def endElement(self, name: str) -> None:  # noqa: N802
        """Leave an element."""
        self.depth -= 1


def check_xml(path: Path, stream: IO[bytes]) -> None:
    """Refuse what is no whole XML, or has a document type, entities or no end of depth."""
    with stream, guarded(path):
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(_Depth())
        parser.parse(stream)


def elements(path: Path, stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Yield ("start" or "end", element) as the file is read."""
    with guarded(path):
        yield from iterparse(stream, events=("start", "end"), forbid_dtd=True)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Say plainly what is wrong with a file's XML."""
    try:
        yield
    except DefusedXmlException as error:
        what = type(error).__name__
        raise unreadable(path, f"it declares a document type or entities ({what})",
                         "Remove its <!DOCTYPE …>; it is not needed.") from None
    except (ParseError, SAXException, UnicodeError, LookupError, ValueError) as error:
        said = " ".join(str(error).split()).removeprefix("<unknown>:")
        raise unreadable(path, f"it is no whole XML ({shown(said)})", "Export it again.") from None


def tree(path: Path) -> Any:
    """Return the root of a whole file."""
    with path.open("rb") as stream, guarded(path):
        return parse(stream, forbid_dtd=True).getroot()


def local(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]

"""Files that only their owner may read: written whole, once, and on the disk before use."""

import os
import secrets
from pathlib import Path

from spatial.errors import Unavailable


def write_once(path: Path, body: bytes) -> None:
    """Write a new file for its owner's eyes (0400); of two programs at once the first wins."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, body)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise Unavailable(f"The keys cannot be written to {path} ({error.strerror}); give "
                          "DOORPLATE_HOME a folder that this user may write to") from error


def replace(path: Path, body: bytes) -> None:
    """Put another file in the place of one, at once: whoever reads sees the old or the new one."""
    try:
        _draft(path, body).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Unavailable(f"The keys cannot be written to {path} ({error.strerror})") from error


def _draft(path: Path, body: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return draft

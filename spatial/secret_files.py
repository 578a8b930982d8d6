"""Files that only their owner may read: written whole, once, and on the disk before use."""

import os
import secrets
from pathlib import Path

from spatial.errors import Unavailable


def write_once(path: Path, body: bytes) -> None:
    """Write a new file for its owner's eyes (0400); of two programs at once the first wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise Unavailable(f"The keys cannot be written to {path} ({error.strerror}); give "
                          "DOORPLATE_HOME a folder that this user may write to") from error

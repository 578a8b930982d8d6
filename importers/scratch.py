"""Folders for what is unpacked or linked while a file is read; gone with whoever made them."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize


class Scratch:
    """A folder of one's own. A process that is killed leaves it to the process that watches."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="doorplate-read-"))
        finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def link(self, files: Mapping[str, Path]) -> None:
        """Let files be found here under other names, and nothing that lies beside them."""
        for name, path in files.items():
            os.symlink(path.resolve(), self.path / name)

"""What a process that reads what strangers sent may do: little memory, little time, no network."""

import resource
import shutil
import subprocess

FILES = 64


def without_network() -> tuple[str, ...]:
    """Return what to put before a command so that it has no network; nothing where none can."""
    unshare = shutil.which("unshare")
    for how in ((unshare, "-n"), (unshare, "-rn")) if unshare else ():
        tried = subprocess.run([*map(str, how), "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return tuple(map(str, how))
    return ()


def confine(memory: int, seconds: int, written: int) -> None:
    """Limit this process for good: bytes of memory beyond what it has, seconds of work.

    A file it writes (what it unpacks) is not larger than `written`; it holds few files open.
    """
    _limit(resource.RLIMIT_AS, _mapped() + memory)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, written)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, FILES)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _mapped() -> int:
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[0]) * resource.getpagesize()

"""A vault of fixed keys for tests."""

from spatial.sealing import Vault

KEY = "00000001"


def vault() -> Vault:
    """Return a vault whose keys lie in no file."""
    return Vault({KEY: b"k" * 32}, KEY, b"i" * 32)

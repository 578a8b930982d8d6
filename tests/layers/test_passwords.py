"""What is kept of a password costs a thief what RFC 9106 advises; other tests pay less."""

from argon2 import extract_parameters
from argon2.low_level import Type

from tests.conftest import real_hasher


def test_a_password_is_kept_as_argon2id_of_64_mebibytes():
    kept = extract_parameters(real_hasher().hash("seven-quiet-doors-open"))
    assert kept.type is Type.ID
    assert (kept.memory_cost, kept.time_cost, kept.parallelism) == (64 * 1024, 3, 4)

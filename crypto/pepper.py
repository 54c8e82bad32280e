"""The pepper: the one secret outside the database from which all keyed digests derive their keys.

A file holds one version, or several while the older ones are still needed: what was stored under a version is
known again under that version alone. New digests are made under the newest that is in use; a version is there
for all to read some seconds before it is used, so that nobody meets digests that it cannot make itself.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from crypto import base64url, strict_json
from crypto.private_files import PRIVATE, create_file, read_private, replace_file
from crypto.secrecy import Secret

PEPPER_BYTES = 32
MOST_VERSIONS: Final = 8
HIGHEST_VERSION: Final = 255
"""A stored hash names its version in one byte (`crypto.passwords`)."""
_PERSON = b"activation-key"  # at most 16 bytes; no other use of BLAKE2b here shares it


class DerivedKey(bytes):
    """A key derived from a pepper (32 bytes), which knows the version of that pepper."""

    version: int = 1
    others: tuple["DerivedKey", ...] = ()
    """The same purpose's keys under the pepper's other versions, the newest first."""

    @classmethod
    def make(cls, key: bytes, version: int, others: Iterable["DerivedKey"] = ()) -> "DerivedKey":
        """Return `key` as one of this pepper's version, beside those of its others."""
        made = cls(key)
        made.version, made.others = version, tuple(others)
        return made

    def __repr__(self) -> str:
        return f"<DerivedKey version {self.version}>"

    def __str__(self) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a DerivedKey is neither pickled nor copied")


def version_of(key: bytes) -> int:
    """Return the version of the pepper that a key was derived from; the first for a key that does not say."""
    return key.version if isinstance(key, DerivedKey) else 1


def others_of(key: bytes) -> tuple[DerivedKey, ...]:
    """Return the same purpose's keys under its pepper's other versions; none where it was never rotated."""
    return key.others if isinstance(key, DerivedKey) else ()


def each_of(key: bytes) -> tuple[bytes, ...]:
    """Return a key and those of its pepper's other versions: what was stored may be under any of them."""
    return (key, *others_of(key))


class Pepper(Secret):
    """A secret of 32 bytes with a version; shows its version and nothing else."""

    __slots__ = ("_others", "_secret", "use_from", "version")

    version: int
    """Stored beside what was derived under it, so that a new pepper can be told from the old."""
    use_from: int
    """From when on new digests are made under it, in seconds since 1970."""

    def __init__(self, version: int, secret: bytes, use_from: int = 0) -> None:
        """Raise ValueError for a version below 1 or above 255, or a secret that is not 32 bytes long."""
        if not 1 <= version <= HIGHEST_VERSION or len(secret) != PEPPER_BYTES or use_from < 0:
            raise ValueError(f"a pepper has a version from 1 to {HIGHEST_VERSION} and {PEPPER_BYTES} bytes")
        self.version = version
        self.use_from = use_from
        self._secret = secret
        self._others: tuple[Pepper, ...] = ()

    def derive(self, purpose: str) -> DerivedKey:
        """Return the key for one purpose ("devices", "tags", ...), 32 bytes: keyed BLAKE2b (RFC 7693)."""
        others = [DerivedKey.make(one._derive(purpose), one.version) for one in self._others]
        return DerivedKey.make(self._derive(purpose), self.version, others)

    def beside(self, others: Iterable["Pepper"]) -> "Pepper":
        """Return the same version, whose keys know those of the others."""
        same = Pepper(self.version, self._secret, self.use_from)
        same._others = tuple(others)
        return same

    def _derive(self, purpose: str) -> bytes:
        text = purpose.encode("utf-8")
        return hashlib.blake2b(text, digest_size=32, key=self._secret, person=_PERSON).digest()

    def _label(self) -> str:
        return f"version {self.version}"

    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = {"version": self.version, "secret": base64url.encode(self._secret)}
        return members | ({"use_from": self.use_from} if self.use_from else {})


class Peppers(Secret):
    """All versions that a file holds, the newest first; shows their numbers and nothing else."""

    __slots__ = ("versions",)

    versions: tuple[Pepper, ...]

    def __init__(self, versions: Sequence[Pepper]) -> None:
        """Raise ValueError for none, for more than 8, or unless each is newer than the one after it."""
        numbers = [one.version for one in versions]
        if not 1 <= len(numbers) <= MOST_VERSIONS or numbers != sorted(set(numbers), reverse=True):
            raise ValueError(f"1 to {MOST_VERSIONS} versions are expected, the newest first, each once")
        self.versions = tuple(one.beside(other for other in versions if other is not one) for one in versions)

    def __iter__(self) -> Iterator[Pepper]:
        return iter(self.versions)

    def in_use(self, now: int) -> Pepper:
        """Return the version that new digests are made under at `now`; the oldest should none be yet."""
        return next((one for one in self.versions if one.use_from <= now), self.versions[-1])

    def derive(self, now: int, purpose: str) -> DerivedKey:
        """Return the key in use at `now` for one purpose."""
        return self.in_use(now).derive(purpose)

    def gaps(self) -> list[tuple[int, int]]:
        """Return when versions were in use that are not here any more: from, until, in seconds since 1970."""
        found, version, since = [], 0, 0
        for one in reversed(self.versions):
            if one.version > version + 1:
                found.append((since, one.use_from))
            version, since = one.version, one.use_from
        return found

    def _label(self) -> str:
        return f"versions {[one.version for one in self.versions]}"


def create_pepper(path: Path, version: int = 1) -> Pepper:
    """Make a pepper from the system's randomness and write it to a new file, mode 0600.

    Raises FileExistsError: without the old pepper every stored digest is worthless.
    """
    pepper = Pepper(version, secrets.token_bytes(PEPPER_BYTES))
    create_file(path, _text(Peppers([pepper])), PRIVATE)
    return pepper


def rotate_pepper(path: Path, use_from: int) -> Peppers:
    """Add a version, used from `use_from` on (seconds since 1970); the older ones stay for what they keyed.

    The file is replaced whole or not at all. Raises ValueError for a file that is damaged, holds 8 versions
    already, or one that is not in use yet (its `use_from` is not before the new one's).
    """
    before = load_peppers(path)
    newest = before.versions[0]
    if newest.use_from > use_from:
        raise ValueError(f"version {newest.version} is not in use yet")
    if len(before.versions) == MOST_VERSIONS or newest.version == HIGHEST_VERSION:
        raise ValueError("there is no room for another version: retire an old one first")
    new = Pepper(newest.version + 1, secrets.token_bytes(PEPPER_BYTES), use_from)
    return _replace(path, Peppers([new, *before.versions]))


def retire_pepper(path: Path, version: int, now: int) -> Peppers:
    """Take an old version out of the file, for good: nothing that hangs on it is known any more.

    Raises ValueError for a version that is not there, or is the one in use, or is not used yet.
    """
    before = load_peppers(path)
    assert_old(before, version, now)
    return _replace(path, Peppers([one for one in before if one.version != version]))


def assert_old(peppers: Peppers, version: int, now: int) -> None:
    """Raise ValueError for a version that is not there, or is not older than the one in use at `now`."""
    if version not in [one.version for one in peppers]:
        raise ValueError(f"there is no version {version}")
    if version >= peppers.in_use(now).version:
        raise ValueError(f"version {version} is not an old one")


def load_peppers(path: Path) -> Peppers:
    """Read a pepper's file; raises PermissionError when it is open to others, ValueError when damaged."""
    try:
        return _read_peppers(strict_json.loads(read_private(path).encode("ascii")))
    except ValueError as error:
        raise ValueError(f"{path} is no pepper: {error}") from None


def load_pepper(path: Path) -> Pepper:
    """Read the newest version of a pepper's file, as `load_peppers` does."""
    return load_peppers(path).versions[0]


def _replace(path: Path, peppers: Peppers) -> Peppers:
    replace_file(path, _text(peppers), PRIVATE)
    return peppers


def _text(peppers: Peppers) -> str:
    newest, *older = [one._members() for one in peppers]
    return json.dumps(newest | ({"older": older} if older else {})) + "\n"


def _read_peppers(members: object) -> Peppers:
    older = members.get("older", []) if isinstance(members, dict) else []
    if not isinstance(older, list):
        raise ValueError("older is a list of versions")
    return Peppers([_read_pepper(one) for one in (members, *older)])


def _read_pepper(members: object) -> Pepper:
    version, secret, use_from = (
        (members.get("version"), members.get("secret"), members.get("use_from", 0))
        if isinstance(members, dict)
        else (None, None, None)
    )
    if type(version) is not int or not isinstance(secret, str) or type(use_from) is not int:
        raise ValueError("it has a version and a secret")
    return Pepper(version, base64url.decode(secret), use_from)

"""What every holder of key material refuses: to be printed, pickled, copied or listed."""

from typing import NoReturn


class Secret:
    """A value whose repr, str, format, pickle, copy and state never show what it holds.

    Subclasses keep their bytes in slots and may say in `_label` what of them is public.
    """

    __slots__ = ()

    def _label(self) -> str:
        return "hidden"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._label()}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is neither pickled nor copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} has no state to show")

"""Write all vectors: `python tests/vectors/make_vectors.py`. A test holds the files to what this writes."""

import sys
from collections.abc import Iterator

import make_certificates
import make_components
import make_delegations
import make_digests
import make_keys
import make_matching
import make_offline
import make_spellings
import make_trust
from writing import FOLDER, render

MODULES = (
    make_keys,
    make_spellings,
    make_components,
    make_matching,
    make_delegations,
    make_trust,
    make_offline,
)


def all_files() -> Iterator[tuple[str, str]]:
    """Walk over the names of all files and what is to stand in them."""
    yield make_certificates.FILE.name, make_certificates.render()
    yield make_digests.FILE.name, make_digests.render()
    for module in MODULES:
        for name, build in module.FILES.items():
            yield name, render(build())


if __name__ == "__main__":
    for name, text in all_files():
        (FOLDER / name).write_text(text, encoding="ascii")
        sys.stdout.write(f"{name}\n")

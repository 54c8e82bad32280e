"""Every parser that is fuzzed, by name. To be imported first: it makes the vectors importable."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "vectors"), str(_HERE.parents[1])]

import client_parsers  # noqa: E402
import message_parsers  # noqa: E402
import token_parsers  # noqa: E402

BY_NAME = {
    parser.name: parser
    for parser in (*token_parsers.PARSERS, *message_parsers.PARSERS, *client_parsers.PARSERS)
}

"""One parser under Atheris, in a process of its own, as `fuzzing.py` starts it.

    python tests/fuzz/guided.py PARSER [libFuzzer's options and a folder of inputs]

The first input that raises what it must not ends the process and is kept as a file.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))

with atheris.instrument_imports(include=["crypto", "activation"], enable_loader_override=False):
    from all_parsers import BY_NAME

if __name__ == "__main__":
    parser = BY_NAME[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], parser)
    atheris.Fuzz()

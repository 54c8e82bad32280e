"""The `activation` command. Exit status: 0 done, 1 refused, 2 usage, 3 try again later."""

import sys

import stamina

from activation.cli.commands import activation

__all__ = ["main"]


def main() -> None:
    """Run the command line; expected errors end in one line and an exit status, never in a traceback."""
    # What is tried again is nobody's output; the end of it is told below.
    stamina.instrumentation.set_on_retry_hooks(())
    try:
        activation(prog_name="activation")
    except Exception as error:
        from activation.cli.endings import ending_of  # noqa: PLC0415  (it knows every room's errors)

        ending = ending_of(error)
        if ending is None:
            raise
        sys.stderr.write(f"{ending.text}\n")
        sys.exit(ending.status)

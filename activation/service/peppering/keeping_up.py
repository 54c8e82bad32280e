"""D5: a process that has not read the newest pepper knows not what was keyed under it, and says so.

To it a device would be a stranger, a right password wrong, a buyer new. The database has the highest version
that was ever used as one number, raised before anything is keyed under it: whoever reads a higher one than
they know looks at the pepper's file, and answers 503 until it is there.
"""

from activation.service.desk import Desk
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Connection


class PepperBehindError(DatabaseUnavailableError):
    """What the database holds may be keyed under a pepper that this process has not read."""


async def now_knowing_pepper(desk: Desk, connection: Connection) -> int:
    """Return the time (seconds since 1970) where all that is stored can be told here; looks at the file once.

    Raises PepperBehindError.
    """
    now, used = await desk.clock.now_and_pepper(connection)
    desk.peppers.note_used(used)
    if used > desk.peppers.newest:
        await desk.peppers.look()
    assert_known(desk, used)
    return now


def assert_known(desk: Desk, used: int) -> None:
    """Raise PepperBehindError for a version that comes later than all that are known here."""
    if used > desk.peppers.newest:
        raise PepperBehindError(f"The pepper's version {used} is in use, and not in the file here.")

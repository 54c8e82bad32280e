"""The demo run: server up, this machine activated and verified, all of it told, until Ctrl-C."""

import asyncio
import signal
import time
from collections.abc import Iterable
from typing import Any, Final

import aiohttp
from rich.console import Console
from rich.table import Table

from activation.client.conversing import Server
from activation.client.softphone import Activated, Softphone
from activation.config import Settings
from activation.demo.living import LifeError, live
from activation.demo.logins import forget_demo_file, write_demo_file
from activation.demo.seeding import PRODUCT, VERSION, hire_agent, seed
from activation.equipping import add_sealing_key, equip, is_equipped, roots_folder_of
from activation.logs import set_up_logs
from activation.storage.installation import is_demo
from activation.storage.lending import lend
from activation.storage.migrations.checking import ensure_migrated
from activation.storage.peppers import note_pepper
from activation.storage.pool import close_pool, open_pool
from activation.supervising.database import Database, open_database
from activation.supervising.supervisor import Supervisor
from crypto import base64url
from crypto.keyring import KeyRing
from crypto.pepper import load_peppers

READY_S: Final = 30.0
_CODE: Final = """.venv/bin/python -c "import pyotp; print(pyotp.TOTP('SECRET').now())\""""


def run_demo(settings: Settings) -> None:
    """Run everything on this machine until Ctrl-C or SIGTERM, then stop all that was started."""
    set_up_logs(settings.log_level)
    console = Console(highlight=False)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_demo_file(settings.data_dir)
    if not is_equipped(settings):
        equip(settings, roots_folder_of(settings))
        console.print(
            "Keys made; the demo's roots are not encrypted: `activation keys init` asks a passphrase."
        )
    add_sealing_key(settings)
    with open_database(settings) as database:
        ensure_migrated(database.dsn)
        asyncio.run(_run(settings, database, console))
    forget_demo_file(settings.data_dir)
    console.print("Stopped.")


async def _run(settings: Settings, database: Database, console: Console) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    logins, agent = await _seed(settings, database.dsn)
    supervisor = Supervisor(settings, database)
    serving = asyncio.create_task(supervisor.run(stop))
    try:
        url = f"{'https' if settings.tls_cert else 'http'}://{settings.host}:{supervisor.port}"
        if await _wait_until_ready(url, serving, stop):
            if agent is not None:
                await _live(url, logins, agent, console)
            await _show(settings, url, logins, console)
    except BaseException:
        stop.set()  # else it would be served for ever, and nobody told what went wrong
        raise
    finally:
        if not stop.is_set() and serving.done():
            stop.set()
        await serving


async def _live(url: str, logins: dict[str, Any], agent: str, console: Console) -> None:
    """Have a morning's work done. Settings may forbid some of it, or allow what it is refused."""
    try:
        await live(url, logins, agent, PRODUCT.code, VERSION)
    except LifeError as cut:
        console.print(f"The demo's morning went otherwise under these settings, and ended there: {cut}")


async def _seed(settings: Settings, dsn: str) -> tuple[dict[str, Any], str | None]:
    """Return the demo's logins; and where they are new, the token of a support agent who was there before."""
    pool = await open_pool(dsn, 1, name="activation-demo")
    try:
        async with lend(pool) as connection:
            pepper = load_peppers(settings.pepper_file).in_use(int(time.time()))
            await note_pepper(connection, pepper.version)
            is_new = not await is_demo(connection)
            logins = await seed(connection, settings, pepper)
            return logins, await hire_agent(connection, pepper) if is_new else None
    finally:
        await close_pool(pool)


async def _wait_until_ready(url: str, serving: asyncio.Task[None], stop: asyncio.Event) -> bool:
    """Wait for the first worker's word; False when told to stop meanwhile."""
    deadline = time.monotonic() + READY_S
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while not stop.is_set() and not serving.done():
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return True
            except (aiohttp.ClientError, TimeoutError):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError("The server did not become ready in time; its log above tells why.")
            await asyncio.sleep(0.05)
    return False


async def _show(settings: Settings, url: str, logins: dict[str, Any], console: Console) -> None:
    """Activate this machine, tell what happened, and write `demo.json`."""
    roots = KeyRing.load(settings.keys_folder, int(time.time())).roots
    softphone = Softphone(Server(url), PRODUCT.code, roots, settings.data_dir / "softphone")
    account = logins["this_machine"]
    done = await softphone.activate(account["login"], account["password"], VERSION)
    _tell(console, softphone, done)
    tell_logins(console, url, logins)
    contents = {
        "base_url": url,
        "product": PRODUCT.code,
        **logins,
        "public_key": base64url.encode(roots[0]),
    }
    path = write_demo_file(settings.data_dir, contents)
    console.print(f"\nAll of it for programs: [bold]{path}[/]    Ctrl-C stops everything.")


def _tell(console: Console, softphone: Softphone, done: Activated) -> None:
    terms, device = done.verified.terms, softphone.device
    console.print(f"\n[bold]This machine ({device.name}, {device.platform}) as a softphone[/]\n")
    parts = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("part", "counts", "why not"):
        parts.add_column(heading)
    counted, reasons = dict(device.fingerprint.parts), dict(device.fingerprint.ignored)
    for kind in device.components:
        parts.add_row(kind, "yes" if kind in counted else "no", reasons.get(kind, ""))
    for unread in device.reading.unread:
        parts.add_row(unread.kind, "unread", unread.reason.removeprefix(f"{unread.kind}: "))
    console.print(parts)
    said = "201 Created: activated" if done.is_new else "200 OK: already active here"
    console.print(f"\nServer       {said}")
    console.print(f"Licence      {terms.license_id} for {terms.product} {terms.major}.x, {terms.kind}")
    console.print(f"Certificate  {len(done.answer.certificate)} bytes, until {done.answer.expires_at},")
    console.print(
        "             [green]verified offline[/]: root, delegation, Ed25519, times, product, device"
    )
    for notice in done.answer.notices:
        console.print(f"Notice       {notice}")


def tell_logins(console: Console, url: str, logins: dict[str, Any]) -> None:
    """Tell where the console is and who may sign in there: each secret whole on 80 columns."""
    console.print(f"\n[bold]Serving at {url}[/], the console at [bold]{url}/console/[/]\n")
    people = {"end user": logins["end_user"], "company, 50 seats": logins["company"]}
    people |= {"reseller": logins["reseller"]}
    people |= {f"staff: {role}": user for role, user in logins["staff"].items()}
    _list(
        console,
        ("demo login", "login", "password"),
        ((name, user["login"], user["password"]) for name, user in people.items()),
    )
    console.print("\nThe reseller and staff are then asked for a code. Type the secret into an")
    console.print("authenticator app, or put it in place of SECRET:")
    console.print(f"  {_CODE}\n", markup=False)
    with_codes = [(name, user["totp_secret"]) for name, user in people.items() if "totp_secret" in user]
    _list(console, ("demo login", "secret"), with_codes)


def _list(console: Console, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)

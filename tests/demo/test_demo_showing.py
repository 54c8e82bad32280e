"""What `make run` prints for who wants to sign in to the console."""

import io
import shlex
import subprocess
import sys

import pyotp
from rich.console import Console

from activation.demo.showing import tell_logins

WHOLE = "n1c5-rgrc-1wx9-zspx-qecn-ed6r"
SECRET = "NHX3SCJ6MQD47RBLSB7UL2M3WSASAD5B"


def test_logins_are_whole_on_80_columns_and_their_codes_can_be_had_without_an_app():
    customer = {"login": "9a56k-vf4bk", "password": WHOLE}
    known = customer | {"totp_secret": SECRET}
    staff = dict.fromkeys(("support", "sales", "admin", "auditor"), known)
    logins = {"end_user": customer, "company": customer, "reseller": known, "staff": staff}
    printed = io.StringIO()
    tell_logins(Console(file=printed, width=80, highlight=False), "http://localhost:8080", logins)
    text = printed.getvalue()
    assert "http://localhost:8080/console/" in text
    assert (text.count(WHOLE), text.count(SECRET)) == (7, 5)
    assert max(map(len, text.splitlines())) <= 80
    [hint] = [line for line in text.splitlines() if "pyotp" in line]
    command = shlex.split(hint.replace("SECRET", SECRET))
    told = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=True)
    assert pyotp.TOTP(SECRET).verify(told.stdout.strip(), valid_window=1)

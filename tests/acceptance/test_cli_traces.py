"""A refusal's trace id, looked up at the command line as it was read out on the phone."""

import json
import time

import pytest
from acceptance_api import Api, granted, refused
from acceptance_commands import Done, run_cli
from acceptance_devices import device
from acceptance_making import MakeAccount
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_refusal_is_explained_by_the_id_that_its_caller_was_given(
    server: RealServer, dsn: str, new_account: MakeAccount, api: Api
) -> None:
    def traces(*words: str) -> Done:
        return run_cli(server.folder, "traces", *words, settings={"ACTIVATION_DATABASE_URL": dsn})

    account = await new_account()
    granted(await api.activate(account, device()), 201)
    problem = refused(await api.activate(account, device()), "device_limit")
    spoken = problem["trace_id"].upper().replace("-", " ").split()
    patience = time.monotonic() + 20
    while (shown := traces("show", *spoken, "--json")).returncode and time.monotonic() < patience:
        time.sleep(0.1)  # workers write traces every second
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert (told["code"], told["login"]) == ("device_limit", account.login)
    assert [one["outcome"] for one in told["weighed"]][-2:] == ["passed", "refused"]
    assert "Is a licence free for it?" in traces("show", problem["trace_id"]).stdout
    [listed] = json.loads(traces("list", "--account", account.login, "--json").stdout)
    assert listed["trace_id"] == problem["trace_id"]
    unknown = traces("show", "0000-0000")
    assert (unknown.returncode, "30 days" in unknown.stderr) == (1, True)

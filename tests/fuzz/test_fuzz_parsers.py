"""The short form of `make fuzz`: the same parsers and seeds, changed without guidance."""

from itertools import islice

import fuzzing
import pytest
from all_parsers import BY_NAME
from parsing import Parser
from unguided import inputs

from activation.messages.strict import MalformedError


@pytest.mark.parametrize("parser", BY_NAME.values(), ids=BY_NAME)
def test_only_documented_refusals(parser: Parser) -> None:
    for data in islice(inputs(parser, seed=11), 400):
        parser(data)


@pytest.mark.parametrize("parser", BY_NAME.values(), ids=BY_NAME)
def test_each_parser_takes_one_of_its_seeds(parser: Parser) -> None:
    """Seeds that are all refused would lead the fuzzer nowhere."""
    taken = 0
    for data in parser.seeds:
        try:
            parser.feed(data)
        except parser.raises:
            continue
        taken += 1
    assert taken


def test_every_module_that_parses_bodies_is_there() -> None:
    named = {name.removeprefix("messages: ") for name in BY_NAME if name.startswith("messages: ")}
    assert {"requests", "assignments", "purchases", "subscriptions", "hooks", "reselling", "resets"} <= named


def test_what_is_not_documented_is_found(tmp_path) -> None:
    def careless(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError("careless")
        raise MalformedError("", "documented")

    parser = Parser("careless", careless, (b"seed",), (MalformedError,))
    told = fuzzing.fuzz_unguided(parser, 30, 1, tmp_path)
    assert "KeyError" in told.found
    assert b"\xff" in (tmp_path / "found-careless").read_bytes()

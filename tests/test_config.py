"""Settings: each bad one is named with its reason, and nothing is served in a way that leaks passwords."""

import os
import pathlib
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import pytest

from activation.config import BadSettingsError, Settings, is_local, load_settings
from activation.licensing.weeks import ResetWeek


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in os.environ:
        if name.startswith("ACTIVATION_"):
            monkeypatch.delenv(name)


def bad(**settings):
    with pytest.raises(BadSettingsError) as caught:
        load_settings(**settings)
    return str(caught.value)


def test_without_any_setting_it_serves_this_machine_alone():
    settings = load_settings()
    assert (settings.host, settings.port) == ("localhost", 8080)
    assert settings.week == ResetWeek("calendar", ZoneInfo("Europe/Sofia"))
    assert settings.workers == os.cpu_count()
    assert not settings.allow_undurable
    assert settings.keys_folder == pathlib.Path(".activation/keys")
    assert settings.pepper_file == pathlib.Path(".activation/pepper.json")


def test_settings_come_from_the_environment(monkeypatch):
    given = {
        "PORT": "9000",
        "DATA_DIR": "/var/lib/activation",
        "TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::1,",
        "METRICS_READERS": "",
        "RESET_WEEK": "rolling",
        "RESET_ZONE": "Asia/Kathmandu",
        "HOST": "0.0.0.0",
        "ALLOW_UNDURABLE": "true",
        "BODY_S": "2.5",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"ACTIVATION_{name}", value)
    settings = load_settings()
    assert (settings.port, settings.host, settings.body_s) == (9000, "0.0.0.0", 2.5)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1"))
    assert settings.metrics_readers == ()
    assert settings.week == ResetWeek("rolling", ZoneInfo("Asia/Kathmandu"))
    assert settings.allow_undurable


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "-1", "greater than or equal to 0"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("PORT", "http", "valid integer"),
        ("HOST", "", "at least 1 character"),
        ("WORKERS", "0", "greater than or equal to 1"),
        ("WORKERS", "257", "less than or equal to 256"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.1, proxy.example.org", "proxy.example.org"),
        ("METRICS_READERS", "everybody", "everybody"),
        ("JOBS", "sometimes", "boolean"),
        ("MAIL_FROM", "x" * 321, "at most 320 characters"),
        ("ISSUER", "two words", "match pattern"),
        ("ISSUER", "", "match pattern"),
        ("RESET_WEEK", "monthly", "'calendar' or 'rolling'"),
        ("RESET_ZONE", "Europe/Atlantis", "no time zone 'Europe/Atlantis'"),
        ("RESET_ZONE", "", "no time zone"),
        ("RESET_ZONE", "../../etc/passwd", "no time zone"),
        ("RESET_ZONE", "Europe", "no time zone"),
        ("ALLOW_UNDURABLE", "perhaps", "boolean"),
        ("BATCH_LIMIT", "0", "greater than or equal to 1"),
        ("BATCH_LIMIT", "4097", "less than or equal to 4096"),
        ("BATCH_SLOTS", "65", "less than or equal to 64"),
        ("QUEUE_LIMIT", "0", "greater than or equal to 1"),
        ("IDLE_S", "0", "greater than 0"),
        ("IDLE_S", "nan", "less than or equal to 3600"),
        ("BODY_S", "601", "less than or equal to 600"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_each_bad_setting_is_named_with_its_reason(monkeypatch, name, value, reason):
    monkeypatch.setenv(f"ACTIVATION_{name}", value)
    text = bad()
    assert text.startswith(f"ACTIVATION_{name}: ")
    assert reason in text
    assert "\n" not in text


def test_all_bad_settings_are_named_at_once(monkeypatch):
    monkeypatch.setenv("ACTIVATION_PORT", "x")
    monkeypatch.setenv("ACTIVATION_WORKERS", "x")
    assert [line.split(":")[0] for line in bad().splitlines()] == ["ACTIVATION_PORT", "ACTIVATION_WORKERS"]


@pytest.mark.parametrize("alone", ["tls_cert", "tls_key"])
def test_tls_takes_certificate_and_key_together(alone):
    assert "tls_cert and tls_key go together" in bad(**{alone: "x.pem"})
    settings = load_settings(tls_cert="c.pem", tls_key="k.pem", host="0.0.0.0")
    assert (settings.tls_cert, settings.tls_key) == (pathlib.Path("c.pem"), pathlib.Path("k.pem"))


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "activation.example.org", "localhost.example.org"]
)
def test_without_tls_or_proxies_only_this_machine_is_served(host):
    assert f"host is {host!r} without TLS" in bad(host=host)
    load_settings(host=host, trusted_proxies="10.0.0.1")
    load_settings(host=host, tls_cert="c.pem", tls_key="k.pem")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_has_several_names(host):
    assert is_local(host)
    assert load_settings(host=host).host == host


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example.org", "127.evil.example.org", "127.", "localhost.", "::2", "", "127.0.0.256"]
)
def test_a_name_that_only_begins_like_this_machines_is_another(host):
    assert not is_local(host)


def test_mails_are_kept_unless_a_server_for_them_is_named():
    assert load_settings().post is None
    post = load_settings(smtp_url="smtp://ann:geheim@mail.example.org", mail_from="ann@example.org").post
    assert (post.host, post.port, post.password, post.start_tls) == ("mail.example.org", 587, "geheim", True)


@pytest.mark.parametrize("sender", ["", "nobody"])
def test_a_post_that_cannot_work_is_named_without_its_password(sender):
    text = bad(smtp_url="smtp://ann:geheim@mail.example.org", mail_from=sender)
    assert text.startswith("smtp_url and mail_from: ")
    assert "geheim" not in text
    assert "geheim" not in repr(load_settings(smtp_url="smtp://ann:geheim@mail", mail_from="a@b.c"))


def test_the_databases_password_does_not_print(monkeypatch):
    monkeypatch.setenv("ACTIVATION_DATABASE_URL", "postgresql://u:hunter2@db/x")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    assert settings.database_url.get_secret_value() == "postgresql://u:hunter2@db/x"
    assert "hunter2" not in bad(port=-1)


def test_settings_do_not_change_while_serving():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_every_setting_says_what_it_means():
    assert all(field.description for field in Settings.model_fields.values())

"""The server's settings, as the arguments it is started with.

Arguments, not a file: what an earlier release or a hand has written into postgresql.conf cannot outlive
or override them. Every default is known to PostgreSQL 15 and newer.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

DEFAULTS: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # No personal data in the log. The text of an error quotes the value that it refuses, its detail the
    # row, its statement the parameters. The application receives every error and logs it by its own rules,
    # so the server logs none: `log` keeps only its own life and what ends a session or the server.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# Who may reach the server, where it lives and how it is found again is not a matter of taste.
RESERVED = frozenset(
    {
        "listen_addresses",
        "unix_socket_directories",
        "unix_socket_permissions",
        "port",
        "cluster_name",
        "data_directory",
        "config_file",
        "hba_file",
        "ident_file",
    }
)


def merge_settings(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the defaults with the `chosen` settings over them.

    Raises ValueError for a setting that this package must decide itself.
    """
    # PostgreSQL takes upper case and dashes too; one spelling keeps the reserved ones reserved.
    named = {name.strip().lower().replace("-", "_"): value for name, value in chosen.items()}
    if refused := sorted(RESERVED & named.keys()):
        raise ValueError(f"The embedded database decides these settings itself: {', '.join(refused)}")
    return {**DEFAULTS, **named}


def server_arguments(settings: Mapping[str, str], cluster: str, socket_folder: Path) -> Iterator[str]:
    """Yield the arguments that give the server `settings`, its name and its only entrance."""
    # The setting is a comma-separated list; quoted, a blank or a quote in the path is only a character.
    quoted = str(socket_folder).replace('"', '""')
    own = {
        "cluster_name": cluster,
        "listen_addresses": "",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
    }
    for name, value in {**settings, **own}.items():
        yield "-c"
        yield f"{name}={value}"

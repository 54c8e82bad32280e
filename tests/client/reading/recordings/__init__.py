"""What Windows and macOS tools print on several machines; all serial numbers are made up."""

from pathlib import Path


def recorded(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")

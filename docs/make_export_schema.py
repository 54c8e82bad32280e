"""Writes export.schema.json, the JSON Schema of a person's copy; a test holds it to the code."""

import json
from pathlib import Path

from activation.messages.person_data import schema_of_copy

if __name__ == "__main__":
    text = json.dumps(schema_of_copy(), indent=2) + "\n"
    Path(__file__).with_name("export.schema.json").write_text(text, "utf-8")

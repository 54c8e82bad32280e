"""The schema's steps. Each is a plain SQL file in `versions/`, put in order and remembered by Alembic."""

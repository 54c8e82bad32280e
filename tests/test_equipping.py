"""What a data folder needs, and what one of an earlier release gets."""

from activation.equipping import add_sealing_key
from crypto.sealing import SEALING_FILE, load_sealing_key


def test_a_folder_of_an_earlier_release_gets_a_sealing_key_once(settings):
    path = settings.keys_folder / SEALING_FILE
    path.unlink()
    assert add_sealing_key(settings)
    made = load_sealing_key(settings.keys_folder)
    assert not add_sealing_key(settings)
    assert load_sealing_key(settings.keys_folder).public_key == made.public_key


def test_a_folder_that_is_no_server_s_gets_none(settings):
    (settings.keys_folder / SEALING_FILE).unlink()
    settings.pepper_file.unlink()
    assert not add_sealing_key(settings)

"""QR pictures, drawn and read back by another's decoder; the page to print."""

import hashlib

import pytest
from PIL import Image

from activation.client.picturing import MOST_BYTES, PictureError, draw, save_pictures
from activation.client.request_page import write_page
from activation.client.scanning import read_carried
from activation.messages.armour import write_armour


def text_of(size):
    content = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(size // 64 + 1))[:size]
    return write_armour("SOFTPHONE CERTIFICATE", content)


@pytest.mark.parametrize(("size", "codes"), [(1, 1), (700, 1), (1020, 1), (1040, 2), (1500, 2), (3000, 3)])
def test_a_file_read_back_from_its_pictures_is_the_file(tmp_path, size, codes):
    text = text_of(size)
    paths = save_pictures(text, tmp_path / "request.png")
    assert len(paths) == codes
    assert read_carried(paths) == text.encode()
    assert all(code.version <= 27 for code in draw(text))


def test_the_ends_of_a_file_find_their_places_by_themselves(tmp_path):
    text = text_of(1500)
    paths = save_pictures(text, tmp_path / "request.png")
    assert [path.name for path in paths] == ["request-1.png", "request-2.png"]
    assert read_carried(paths[::-1]) == text.encode()


def test_two_codes_in_one_photograph_turned_and_grey_are_read(tmp_path):
    text = text_of(1500)
    first, second = (Image.open(path).convert("L") for path in save_pictures(text, tmp_path / "x.png"))
    sheet = Image.new("L", (first.width + second.width + 80, first.height + 200), 235)
    sheet.paste(first, (20, 90))
    sheet.paste(second, (first.width + 50, 100))
    sheet.rotate(4, expand=True, fillcolor=235).save(tmp_path / "photograph.jpg", quality=80)
    assert read_carried([tmp_path / "photograph.jpg"]) == text.encode()


def test_svg_is_drawn_and_other_endings_are_not(tmp_path):
    [path] = save_pictures(text_of(10), tmp_path / "x.SVG")
    assert "<svg" in path.read_text()
    with pytest.raises(PictureError, match=r"\.png or \.svg"):
        save_pictures("text", tmp_path / "x.jpeg")


def test_a_text_is_found_with_txt_after_its_name(tmp_path):
    (tmp_path / "a.certificate.txt").write_text("text")
    assert read_carried([tmp_path / "a.certificate"]) == b"text"
    with pytest.raises(FileNotFoundError):
        read_carried([tmp_path / "b.certificate"])


def test_what_is_no_such_file_is_told_in_words(tmp_path):
    empty = tmp_path / "empty.png"
    Image.new("L", (200, 200), 255).save(empty)
    with pytest.raises(PictureError, match="no QR code"):
        read_carried([empty])
    (tmp_path / "cut.png").write_bytes(empty.read_bytes()[:40])
    with pytest.raises(PictureError, match="cannot be read"):
        read_carried([tmp_path / "cut.png"])
    (tmp_path / "long").write_bytes(b"x" * 100_000)
    with pytest.raises(PictureError, match="too large"):
        read_carried([tmp_path / "long"])
    (tmp_path / "text").write_text("x")
    with pytest.raises(PictureError, match="one text at a time"):
        read_carried([tmp_path / "text", empty])


def test_the_page_names_no_other_place_and_trusts_no_name():
    codes = draw(text_of(MOST_BYTES // 2))
    page = write_page("<b>PC</b>", "zoiper", "5.6.4", "https://a.example", 1_795_000_000, codes)
    assert "<b>PC" not in page
    assert page.count("<figure>") == len(codes) == 1
    assert "src=" not in page
    assert "$" not in page

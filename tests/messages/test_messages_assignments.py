"""Rows of CSV as people's spreadsheets write them, and what is wrong with the others."""

import pytest

from activation.messages.assignments import BatchRowMessage, read_csv
from activation.messages.strict import MalformedError


@pytest.mark.parametrize(
    "text",
    [
        "login,product,major,count\nanna,softphone,5,2\n",
        "\ufeffLogin;Product;Major;Count\r\nanna;softphone;5;2\r\n\r\n",
        'count,major,product,login\n"2",5,"softphone", anna \n',
        "login,product,major,count,email,name\nanna,softphone,5,2,,\n",
        "login\tproduct\tmajor\tcount\r\nanna\tsoftphone\t5\t2\r\n\t\t\t\r\n",
    ],
)
def test_p5_rows_are_read_whatever_wrote_them(text):
    assert list(read_csv(text)) == [BatchRowMessage("softphone", 5, 2, "anna")]


def test_p5_what_a_row_leaves_out_may_be_said_for_all():
    text = "login,product\nanna,\nbert,other\n"
    assert list(read_csv(text, {"product": "softphone", "major": "5"})) == [
        BatchRowMessage("softphone", 5, 1, "anna"),
        BatchRowMessage("other", 5, 1, "bert"),
    ]


def test_p5_a_count_left_out_is_one():
    text = 'email,name,product,major\na@b.example,"Smith, Anna",softphone,5\n'
    assert list(read_csv(text)) == [BatchRowMessage("softphone", 5, 1, "", "a@b.example", "Smith, Anna")]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("anna,softphone,5,0", "count"),
        ("anna,softphone,five,1", "major"),
        ("anna,,5,1", "product"),
        (",softphone,5,1", "login"),
        ("anna,softphone,5", ""),
        ("anna,softphone,5,1,more", ""),
    ],
)
def test_p5_a_wrong_row_names_its_field_and_the_next_is_read(row, field):
    wrong, right = read_csv(f"login,product,major,count\n{row}\nbert,softphone,5,1\n")
    assert isinstance(wrong, MalformedError)
    assert wrong.field == field
    assert right == BatchRowMessage("softphone", 5, 1, "bert")


@pytest.mark.parametrize(
    "text",
    ["", "a\n", "login,product\n", "login,product,major,colour\n", 'login,product,major\n"a', '"login'],
)
def test_p5_what_is_no_table_is_refused_whole(text):
    with pytest.raises(MalformedError) as wrong:
        list(read_csv(text))
    assert wrong.value.field == "csv"

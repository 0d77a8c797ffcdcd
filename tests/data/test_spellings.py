"""Numbers, sentinels and lines as files have them: read, left out in one line, or refused with the way out."""

from __future__ import annotations

import warnings

import pytest

from seqkit.data.tables import read_csv

GOOD = {  # the cells of a column in a file with semicolons, and their numbers
    "truth values": (["TRUE", "false", "True"], [1, 0, 1]),
    "percent": (["41.4%", "7 %", "-3.5%"], [41.4, 7, -3.5]),
    "dollars": (["$1,506.91", "$7.00", "-$3.50"], [1506.91, 7, -3.5]),
    "euros behind": (["147.828,60 €", "7,00 €", "3,50 €"], [147828.6, 7, 3.5]),
    "one unit": (["1506.9 kWh", "7 kWh", "3.25 kWh"], [1506.9, 7, 3.25]),
    "brackets for minus": (["(93.09)", "7", "3.5"], [-93.09, 7, 3.5]),
    "minus behind": (["4.1-", "7", "3.5"], [-4.1, 7, 3.5]),
    "thousands by blanks": (["1 506,91", "147 828,60", "3,5"], [1506.91, 147828.6, 3.5]),
    "thousands by narrow blanks": (["1\u202f506,91", "7\u202f828,60", "3,5"], [1506.91, 7828.6, 3.5]),
    "thousands by apostrophes": (["147'828.60", "1’506.91", "3.5"], [147828.6, 1506.91, 3.5]),
    "lakh": (["14,78,286", "15,06,910.50", "3.5"], [1478286, 1506910.5, 3.5]),
    "a point that is certain": (["1,507", "0.200", "3,000"], [1507, 0.2, 3000]),
}
REFUSED = {
    "multipliers": (["1.51K", "2.3M", "7K"], "'1.51K' is not a finite number"),
    "two units": (["1 kg", "2 lb", "3 kg"], "'1 kg' is not a finite number"),
    "words": (["1", "seven", "3"], "'seven' is not a finite number"),
}


def written(tmp_path, cells):
    path = tmp_path / "table.csv"
    path.write_text("day;x\n" + "".join(f"2024-01-0{at};{cell}\n" for at, cell in enumerate(cells, start=1)))
    return path


@pytest.mark.parametrize("spelling", GOOD)
def test_a_number_is_read_in_the_spelling_of_the_file(tmp_path, spelling):
    cells, numbers = GOOD[spelling]
    assert read_csv(written(tmp_path, cells))["x"].tolist() == numbers


@pytest.mark.parametrize("spelling", REFUSED)
def test_what_is_no_number_is_refused_as_the_file_has_it(tmp_path, spelling):
    cells, message = REFUSED[spelling]
    with pytest.raises(ValueError, match=message):
        read_csv(written(tmp_path, cells), columns="x")


def test_a_limit_of_detection_is_missing_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="column 'x' has 1 cells that name a limit, such as '<1'"):
        assert read_csv(written(tmp_path, ["<1", "7", "3"]))["x"].isna().tolist() == [True, False, False]


# Numbers that stand for missing values


@pytest.mark.parametrize("sentinel", ["-999", "-200", "9999", "-99.99"])
def test_a_number_that_stands_for_missing_values_is_refused_with_the_way_out(tmp_path, sentinel):
    path = written(tmp_path, ["1", sentinel, "3", sentinel, "2"])
    with pytest.raises(ValueError, match=rf"holds {sentinel} in 2 rows.*missing={float(sentinel)}, or missing='none'"):
        read_csv(path)
    assert read_csv(path, missing=float(sentinel))["x"].isna().tolist() == [False, True, False, True, False]
    assert read_csv(path, missing=[sentinel])["x"].isna().sum() == 2
    assert read_csv(path, missing="none")["x"].tolist()[1] == float(sentinel)
    with pytest.raises(TypeError, match='missing must be a number, a list of numbers or "none"'):
        read_csv(path, missing="minus nine")


@pytest.mark.parametrize("cells", [["-999", "1", "2"], ["990", "999", "1010", "999"], ["-200", "150", "-200", "-180"]])
def test_the_same_numbers_among_their_like_are_values(tmp_path, cells):
    assert read_csv(written(tmp_path, cells))["x"].tolist() == [float(cell) for cell in cells]


# Lines that hold no row

ROWS = "day,x\n2024-01-01,1\n2024-01-02,4\n2024-01-03,9\n2024-01-04,16\n"
NOTES = {
    "a preamble": ("Sales of shoes\nsource: the shop\n\n" + ROWS, "lines 1, 2"),
    "a preamble as wide as the table": ("Station 7, Bridge\nin cm\n\n" + ROWS, "lines 1, 2"),
    "a preamble and a wider header": ("Shoes\nsold\n" + ROWS.replace("day,x", "day,x,"), "lines 1, 2"),
    "comments": ("# a comment, with a comma\n" + ROWS.replace("2024-01-03", "# another\n2024-01-03"), "lines 1, 5"),
    "units": (ROWS.replace("day,x\n", "day,x\nyyyy-mm-dd,kEUR\n"), "line 2"),
    "three header lines": (ROWS.replace("day,x\n", "Price,Close\nTicker,AAPL\nDate,\n"), "lines 2, 3"),
    "a footer": (ROWS + "Source: the shop in 2024.\n", "line 6"),
}


@pytest.mark.parametrize("note", NOTES)
def test_lines_that_hold_no_row_are_left_out_in_one_line(tmp_path, note):
    text, lines = NOTES[note]
    path = tmp_path / "table.csv"
    path.write_text(text)
    message = f"left out, since they hold no row: {lines}.*skip_rows=.*skip_footer="
    with pytest.warns(UserWarning, match=message) as caught:
        frame = read_csv(path)
    assert len(caught) == 1
    assert frame.iloc[:, 0].tolist() == [1, 4, 9, 16]


def test_a_separator_at_the_end_of_the_header_alone_names_no_column(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(ROWS.replace("day,x", "day,x,"))
    assert read_csv(path)["x"].tolist() == [1, 4, 9, 16]


def test_lines_that_are_named_are_left_out_without_a_word(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("2023-01-01,0\n" + ROWS + "2025-01-01,0\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_csv(path, skip_rows=1, skip_footer=1)["x"].tolist() == [1, 4, 9, 16]
    with pytest.raises(ValueError, match="skip_rows must be 0 or more"):
        read_csv(path, skip_rows=-1)


@pytest.mark.parametrize(
    "text",
    [
        "day,x\n2024-01-01,1,\n2024-01-02,4,\n2024-01-03,9,\n",
        ROWS + "2024-01-05\n",
        "day,x\n2024-01\na,b\n" + ROWS.replace("day,x\n", ""),
        ROWS.replace("day,x", "day,x,,"),
        ROWS.replace("day,x", "day,x,y"),
        "x\n" + ROWS.replace("day,x\n", ""),
    ],
)
def test_a_line_that_may_be_a_row_is_never_left_out(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="cells, but the header has"):
        read_csv(path)


def test_a_header_of_numbers_is_told_from_data(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(ROWS.replace("day,x", "0,1"))
    assert read_csv(path)["1"].tolist() == [1, 4, 9, 16]
    path.write_text(ROWS.replace("day,x\n", ""))
    with pytest.raises(ValueError, match="looks like data"):
        read_csv(path)
    assert read_csv(path, header=False)["column 2"].tolist() == [1, 4, 9, 16]

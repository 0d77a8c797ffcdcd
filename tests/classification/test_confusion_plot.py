"""The picture of a confusion matrix: what stands in its cells, from 2 classes to 100, and what it refuses."""

import logging

import numpy as np
import pandas as pd
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

import seqkit as sk

CHINESE = ["体育", "财经", "房产"]


def matrix(counts, names=None):
    names = [f"class {number}" for number in range(len(counts))] if names is None else names
    return pd.DataFrame(counts, index=names, columns=names)


def diagonal(count, of=7):
    return matrix(np.eye(count, dtype=int) * of)


def written(figure):
    """The text of each cell that has one, by (row, column)."""
    return {tuple(int(at) for at in text.get_position()[::-1]): text.get_text() for text in figure.axes[0].texts}


def ticks(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def mesh(figure):
    return next(one for one in figure.axes[0].collections if isinstance(one, QuadMesh))


@pytest.fixture
def only_matplotlibs_fonts(monkeypatch):
    own = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)


@pytest.fixture
def a_chinese_font(tmp_path, monkeypatch, only_matplotlibs_fonts):
    """A font with a box for each character of CHINESE, under a name that no machine has."""
    pen = TTGlyphPen(None)
    for number, point in enumerate([(50, 0), (50, 700), (650, 700), (650, 0)]):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    names = {ord(character): f"uni{ord(character):04X}" for character in "".join(CHINESE)}
    glyphs = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Seqkit Class Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "boxes.ttf")
    font_manager.fontManager.addfont(tmp_path / "boxes.ttf")
    return "Seqkit Class Boxes"


def test_a_cell_has_its_count_and_its_share_of_the_row():
    figure = sk.plot_confusion(matrix([[3, 1, 0], [2, 5, 3], [0, 0, 11]]))
    assert written(figure) == {
        (0, 0): "3\n75%",
        (0, 1): "1\n25%",
        (0, 2): "0",
        (1, 0): "2\n20%",
        (1, 1): "5\n50%",
        (1, 2): "3\n30%",
        (2, 0): "0",
        (2, 1): "0",
        (2, 2): "11\n100%",
    }


def test_true_classes_go_down_and_predicted_ones_across():
    panel = sk.plot_confusion(matrix([[3, 1], [2, 5]], ["rain", "sun"])).axes[0]
    assert (panel.get_ylabel(), panel.get_xlabel()) == ("true class", "predicted class")
    assert ticks(panel.xaxis) == ticks(panel.yaxis) == ["rain", "sun"]
    assert panel.get_ylim() == (1.5, -0.5)  # the first row on top


def test_the_colour_is_the_share_of_the_row_and_a_row_without_samples_has_none():
    drawn = mesh(sk.plot_confusion(matrix([[3, 1], [0, 0]])))
    shown = drawn.get_array()
    assert drawn.get_clim() == (0, 1)
    assert shown[0].tolist() == [0.75, 0.25]
    assert shown.mask.tolist() == [[False, False], [True, True]]


def test_a_share_that_is_not_quite_all_or_nothing_is_not_written_as_that():
    cells = written(sk.plot_confusion(matrix([[997, 3], [0, 5]])))
    assert (cells[0, 0], cells[0, 1], cells[1, 1]) == ("997\n>99%", "3\n<1%", "5\n100%")


def test_eleven_classes_or_more_have_counts_alone_and_no_zeros():
    assert written(sk.plot_confusion(diagonal(10)))[3, 3] == "7\n100%"
    assert written(sk.plot_confusion(diagonal(11))) == {(place, place): "7" for place in range(11)}


def test_thirty_classes_have_every_label_and_counts_large_enough_to_read():
    figure = sk.plot_confusion(diagonal(30, of=997))
    panel = figure.axes[0]
    assert len(ticks(panel.xaxis)) == len(ticks(panel.yaxis)) == 30
    assert min(text.get_fontsize() for text in panel.texts) >= 7
    assert max(figure.get_size_inches()) < 15


def test_a_hundred_classes_are_drawn_in_colour_alone():
    figure = sk.plot_confusion(diagonal(100, of=997))
    assert written(figure) == {}
    assert max(figure.get_size_inches()) < 15


@pytest.mark.parametrize("count", [2, 9, 23])
def test_counts_stay_inside_their_cells(count):
    figure = sk.plot_confusion(matrix(np.full((count, count), 12347)))
    figure.canvas.draw()
    panel = figure.axes[0]
    cell_width, cell_height = panel.bbox.width / count, panel.bbox.height / count
    boxes = [text.get_window_extent() for text in panel.texts]
    assert len(boxes) == count**2
    assert max(box.width for box in boxes) < cell_width
    assert max(box.height for box in boxes) < cell_height


def test_text_on_a_dark_cell_is_white():
    panel = sk.plot_confusion(matrix([[9, 1], [5, 5]])).axes[0]
    assert [text.get_color() == "white" for text in panel.texts] == [True, False, False, False]


@pytest.mark.parametrize("size", [(9, 4), (4, 9)])
def test_it_goes_on_the_callers_own_axes_with_type_that_fits(size):
    own = Figure(figsize=size)
    panel = own.subplots(1, 2)[1]
    assert sk.plot_confusion(diagonal(7, of=123), title="Scores", ax=panel) is own
    assert panel.get_title() == "Scores"
    own.canvas.draw()
    assert max(text.get_window_extent().width for text in panel.texts) < panel.bbox.width / 7


def test_a_title_stands_above_the_figure():
    assert sk.plot_confusion(diagonal(3), title="Scores").get_suptitle() == "Scores"


@pytest.mark.parametrize("names", [CHINESE, ["US$", "HK$", r"$\bad$"], ["", "😀\t\x07", "長" * 99], [True, 2.5, 3]])
def test_any_label_is_drawn_without_a_word(names, tmp_path, only_matplotlibs_fonts, caplog):
    with caplog.at_level(logging.WARNING):
        sk.plot_confusion(matrix(np.eye(3, dtype=int), names), title=names[0]).savefig(tmp_path / "picture.png")
    assert not caplog.records


def test_labels_that_a_font_has_are_drawn_in_that_font(a_chinese_font, tmp_path):
    figure = sk.plot_confusion(matrix(np.eye(3, dtype=int), CHINESE))
    figure.savefig(tmp_path / "picture.png")
    assert ticks(figure.axes[0].xaxis) == ticks(figure.axes[0].yaxis) == CHINESE
    assert a_chinese_font in figure.axes[0].get_xticklabels()[0].get_fontfamily()


def test_labels_that_no_font_has_are_escaped_and_a_footnote_says_why(only_matplotlibs_fonts):
    figure = sk.plot_confusion(matrix([[7, 0], [0, 7]], CHINESE[:2]))
    assert ticks(figure.axes[0].yaxis) == [r"\u4f53\u80b2", r"\u8d22\u7ecf"]
    assert "in no installed font" in figure.get_supxlabel()


@pytest.mark.parametrize(
    ("confusion", "error", "message"),
    [
        (np.eye(3), TypeError, "confusion must be a DataFrame of counts, got ndarray"),
        (
            sk.ClassScores(diagonal(2), diagonal(2), diagonal(2), "said"),
            TypeError,
            "got ClassScores. Pass its .confusion",
        ),
        (matrix([["a", "b"], ["c", "d"]]), TypeError, "confusion must hold numbers"),
        (diagonal(5).iloc[:3], ValueError, "the same classes in the same order, got 3 rows and 5 columns.*reindex"),
        (diagonal(3).iloc[::-1], ValueError, "the same classes in the same order"),
        (diagonal(3) / 2, ValueError, "must hold counts, whole numbers of 0 or more.*Pass counts, not shares"),
        (-diagonal(3), ValueError, "must hold counts"),
        (diagonal(3) * np.nan, ValueError, "must hold counts"),
        (diagonal(0), ValueError, "must hold counts.*one class or more"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(confusion, error, message):
    with pytest.raises(error, match=f"plot_confusion: .*{message}"):
        sk.plot_confusion(confusion)


def test_several_axes_are_refused():
    with pytest.raises(ValueError, match="plot_confusion: ax must be 1 axes.*got 2"):
        sk.plot_confusion(diagonal(3), ax=Figure().subplots(1, 2))

"""Pictures: what is on them, that they survive any name, and what they refuse."""

import logging
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure

from seqkit.drawing import fonts as _fonts
from seqkit.drawing.history import plot_history
from seqkit.forecasting.plots import plot_backtest, plot_forecast

ROWS, HORIZON = 41, 5
CURVES = {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7], "mae": [31.0, 19.0, 17.0]}
CHINESE = "乘客（千人）"


def table(*names, rows=ROWS, start="2021-03-01", freq="MS", tz=None):
    values = np.arange(rows * len(names), dtype=float).reshape(rows, len(names)) % 17
    index = pd.date_range(start, periods=rows, freq=freq, tz=tz, unit="us")
    return pd.DataFrame(values, index=index, columns=names)


def backtested(*names, origins=3):
    frame = table(*names)
    rows = [
        (
            frame.index[start],
            step,
            frame.index[start + step],
            name,
            frame[name].iloc[start + step],
            7.0,
            3.0,
            5.0,
        )
        for name in names
        for start in range(11, 11 + origins * HORIZON, HORIZON)
        for step in range(1, HORIZON + 1)
    ]
    columns = ["origin", "step", "time", "target", "actual", "forecast", "naive", "seasonal_naive"]
    scores = pd.DataFrame({"mase": [0.44, 2.17, np.nan]}, index=["forecast", "naive", "seasonal_naive"])
    return SimpleNamespace(forecasts=pd.DataFrame(rows, columns=columns), scores=scores)


def pictures(name):
    """A plot of every kind, with `name` as column name and title."""
    frame = table(name, "other")
    return [
        plot_history({"loss": [2.0, 1.0], name: [4.0, 3.0]}, title=name),
        plot_forecast(frame[:-HORIZON], frame[-HORIZON:], title=name),
        plot_backtest(backtested(name, "other"), title=name),
    ]


def legend_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, label):
    return next(line for line in axes.get_lines() if line.get_label() == label)


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.fixture
def only_matplotlibs_fonts(monkeypatch):
    entries = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)


@pytest.fixture
def a_chinese_font(tmp_path, monkeypatch, only_matplotlibs_fonts):
    """A font with a box for each of the characters of CHINESE, under a name that no machine has."""
    pen = TTGlyphPen(None)
    for number, point in enumerate([(50, 0), (50, 700), (650, 700), (650, 0)]):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    glyphs = [".notdef"] + [f"uni{ord(character):04X}" for character in CHINESE]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(character): f"uni{ord(character):04X}" for character in CHINESE})
    builder.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (700, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Seqkit Test Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "boxes.ttf")
    font_manager.fontManager.addfont(tmp_path / "boxes.ttf")
    return "Seqkit Test Boxes"


# What is on a picture


def test_a_history_has_a_panel_for_the_loss_and_for_each_metric():
    figure = plot_history(SimpleNamespace(history=CURVES))
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "mae"]
    assert legend_of(figure.axes[0]) == ["training", "validation"]
    assert len(figure.axes[1].get_lines()) == 1


def test_a_history_draws_only_the_metrics_asked_for():
    curves = CURVES | {"rmse": [3.0, 2.0, 1.0], "r2": [0.1, 0.2, 0.3], "learning_rate": [0.1, 0.1, 0.1]}
    assert len(plot_history(curves).axes) == 5
    assert [axes.get_ylabel() for axes in plot_history(curves, metrics="r2").axes] == ["loss", "r2"]
    assert len(plot_history(curves, metrics=()).axes) == 1


def test_validation_every_second_epoch_stands_at_its_own_epochs():
    figure = plot_history({"loss": [5.0, 4.0, 3.0, 2.0, 1.0], "val_loss": [4.5, 2.5]})
    assert line(figure.axes[0], "validation").get_xdata().tolist() == [2, 4]


def test_a_forecast_has_a_panel_for_each_target_in_its_own_units():
    frame = table("passengers", "cargo", "mail")
    figure = plot_forecast(frame[:-HORIZON], frame[-HORIZON:])
    assert [axes.get_ylabel() for axes in figure.axes] == ["passengers", "cargo", "mail"]
    assert legend_of(figure.axes[0]) == ["history", "forecast"]
    figure = plot_forecast(frame[:-HORIZON], frame[-HORIZON:], targets="cargo")
    assert [axes.get_ylabel() for axes in figure.axes] == ["cargo"]


def test_a_forecast_starts_at_the_last_observation():
    frame = table("passengers")
    past = frame[:-HORIZON].copy()
    past.iloc[-1] = np.nan
    axes = plot_forecast(past, frame[-HORIZON:]).axes[0]
    drawn = line(axes, "forecast").get_ydata()
    assert drawn.tolist() == [past["passengers"].iloc[-2], *frame["passengers"].iloc[-HORIZON:]]


@pytest.mark.parametrize(("rows", "drawn"), [(None, 25), (7, 7), (999, ROWS - HORIZON)])
def test_a_forecast_shows_the_last_rows_of_its_history(rows, drawn):
    frame = table("passengers")
    axes = plot_forecast(frame[:-HORIZON], frame[-HORIZON:], rows=rows).axes[0]
    assert len(line(axes, "history").get_xdata()) == drawn


@pytest.mark.parametrize("is_argument", [False, True])
def test_what_really_came_stands_beside_the_forecast(is_argument):
    frame = table("passengers")
    past = frame[:-HORIZON] if is_argument else frame
    axes = plot_forecast(past, frame[-HORIZON:] + 1, actual=frame if is_argument else None).axes[0]
    assert legend_of(axes) == ["history", "actual", "forecast"]
    assert len(line(axes, "history").get_xdata()) == 25
    assert line(axes, "actual").get_ydata()[1:].tolist() == frame["passengers"].iloc[-HORIZON:].tolist()


@pytest.mark.parametrize(
    "frame",
    [
        table("a", tz="Europe/Berlin", freq="h", start="2024-03-30"),
        table("a", start="0001-01-01"),
        table("a").reset_index(drop=True),
        table("a") * np.nan,
        table("a").astype("Float64"),
    ],
    ids=["time zone across daylight saving", "year 1", "row numbers", "nothing known", "nullable"],
)
@pytest.mark.parametrize("horizon", [1, HORIZON])
def test_unusual_tables_are_drawn(frame, horizon, tmp_path):
    plot_forecast(frame, frame[-horizon:]).savefig(tmp_path / "forecast.png")


def test_a_backtest_shows_each_origin_and_the_error_by_step():
    figure = plot_backtest(backtested("passengers", origins=3))
    left, right = figure.axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("passengers", "MAE (passengers)")
    assert legend_of(left) == ["actual", "forecast"]
    assert legend_of(right) == ["forecast (MASE 0.44)", "naive (MASE 2.17)", "seasonal naive"]
    assert sum(len(line.get_xdata()) == HORIZON for line in left.get_lines()) == 3
    assert line(right, "seasonal naive").get_xdata().tolist() == [1, 2, 3, 4, 5]


def test_ets_is_drawn_where_it_has_a_forecast_of_every_row():
    result = backtested("passengers")
    result.forecasts["ets"] = 6.0
    result.scores.loc["ets"] = 1.1
    right = plot_backtest(result).axes[1]
    assert legend_of(right)[-1] == "ETS (MASE 1.10)"
    result.forecasts.loc[0, "ets"] = np.nan
    assert "ETS" not in "".join(legend_of(plot_backtest(result).axes[1]))


def test_a_backtest_has_its_own_row_of_panels_for_each_target():
    figure = plot_backtest(backtested("passengers", "cargo"))
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["passengers", "cargo"]


def test_the_error_by_step_is_the_mean_absolute_error():
    result = backtested("passengers", origins=2)
    errors = (result.forecasts["actual"] - 7.0).abs().to_numpy().reshape(2, HORIZON).mean(axis=0)
    right = plot_backtest(result).axes[1]
    np.testing.assert_allclose(line(right, "forecast (MASE 0.44)").get_ydata(), errors)


def test_rows_without_a_forecast_break_the_line_of_what_came():
    result = backtested("passengers", origins=3)
    result.forecasts = result.forecasts[result.forecasts["origin"] != result.forecasts["origin"].unique()[1]]
    assert np.isnan(line(plot_backtest(result).axes[0], "actual").get_ydata()).sum() == 1


def test_pictures_go_on_the_callers_own_axes():
    figure = Figure()
    panels = figure.subplots(2, 1)
    assert plot_history(CURVES, ax=panels, title="Training") is figure
    assert panels[0].get_title() == "Training"
    frame = table("passengers")
    assert plot_forecast(frame[:-HORIZON], frame[-HORIZON:], ax=Figure().add_subplot()).axes


def test_a_notebook_shows_a_picture_and_pyplot_holds_none():
    program = (
        "import sys; from seqkit.drawing.history import plot_history; figure = plot_history({'loss': [2.0, 1.0]});"
        "assert figure._repr_png_().startswith(b'\\x89PNG'); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# Names in any script


@pytest.mark.parametrize(
    "name",
    [CHINESE, "US$ and HK$", r"$\bad$", "_hidden", "😀\t\x07", "", "長" * 99],
    ids=["Chinese", "dollars", "broken formula", "underscore", "control and emoji", "empty", "long"],
)
def test_any_name_is_drawn_without_a_word(name, tmp_path, only_matplotlibs_fonts, caplog):
    with caplog.at_level(logging.WARNING):
        for figure in pictures(name):
            figure.savefig(tmp_path / "picture.png")
            figure.savefig(tmp_path / "picture.svg")
    assert not caplog.records


def test_a_name_that_no_font_has_is_escaped_and_a_footnote_says_why(only_matplotlibs_fonts):
    for figure in pictures("乘客"):
        assert r"\u4e58\u5ba2" in texts_of(figure)
        assert "in no installed font" in texts_of(figure)


def test_a_name_that_a_font_has_is_drawn_in_that_font(a_chinese_font, tmp_path):
    for figure in pictures(CHINESE):
        assert CHINESE in texts_of(figure)
        assert "in no installed font" not in texts_of(figure)
        assert a_chinese_font in figure.axes[0].yaxis.label.get_fontfamily()
        figure.savefig(tmp_path / "picture.png")


def test_a_font_of_the_package_mplfonts_is_used_where_the_machine_has_none(a_chinese_font, tmp_path, monkeypatch):
    folder = tmp_path / "mplfonts" / "fonts"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (tmp_path / "boxes.ttf").rename(folder / "NotoSansCJKsc-Regular.otf")
    entries = [entry for entry in font_manager.fontManager.ttflist if entry.name != a_chinese_font]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    monkeypatch.syspath_prepend(tmp_path)
    _fonts._packaged_families.cache_clear()
    for figure in pictures(CHINESE):
        assert "in no installed font" not in texts_of(figure)
        assert a_chinese_font in figure.axes[0].yaxis.label.get_fontfamily()
    _fonts._packaged_families.cache_clear()


def test_a_chinese_font_is_kept_ready_for_a_title_set_later(a_chinese_font, monkeypatch, tmp_path):
    monkeypatch.setattr(_fonts, "PREFERRED_FONTS", (a_chinese_font,))
    figure = plot_history(CURVES)
    figure.axes[0].set_title(CHINESE)
    figure.savefig(tmp_path / "picture.png")


def test_a_dollar_in_a_name_is_a_dollar():
    assert plot_history({"loss": [1.0], "US$ in HK$": [2.0]}).axes[1].get_ylabel() == "US$ in HK$"


# Many series


def panel(*names, targets=("sales",), rows=ROWS):
    """A table of many series, the last named first in size."""
    parts = {name: table(*targets, rows=rows) + 100.0 * (len(names) - at) for at, name in enumerate(names)}
    return pd.concat(parts, names=["shop", "month"])


def ahead(frame):
    last = frame.groupby(level=0, sort=False).tail(HORIZON)
    months = last.index.levels[1] + pd.DateOffset(months=HORIZON)
    return last.set_axis(last.index.set_levels(months, level=1)) * 1.1


def titles_of(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_a_few_series_have_a_panel_each_and_share_a_legend():
    frame = panel("north", "south", "west")
    figure = plot_forecast(frame, ahead(frame))
    assert titles_of(figure) == ["north", "south", "west"]
    assert figure.get_suptitle() == ""
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["history", "forecast"]
    assert line(figure.axes[1], "history").get_ydata()[-1] == frame.loc["south", "sales"].iloc[-1]
    assert line(figure.axes[1], "forecast").get_ydata()[1:].tolist() == ahead(frame).loc["south", "sales"].tolist()


def test_of_many_series_six_are_drawn_by_a_rule_that_the_title_says():
    frame = panel(*(f"s{number}" for number in range(11)))
    figure = plot_forecast(frame, ahead(frame), title="Sales")
    assert titles_of(figure) == ["s10", "s8", "s6", "s4", "s2", "s0"]
    assert figure.get_suptitle() == "Sales: 6 of 11 series, at even distances from the smallest mean to the largest"


def test_a_series_without_a_known_value_is_drawn_where_it_is_named_alone():
    frame = panel(*(f"s{number}" for number in range(7)))
    frame.loc["s6"] = np.nan
    assert "s6" not in titles_of(plot_forecast(frame, ahead(frame)))
    assert titles_of(plot_forecast(frame, ahead(frame), series="s6")) == ["s6"]


def test_series_of_several_targets_have_a_panel_for_each():
    frame = panel("a", "b", "c", "d", targets=("sales", "price"))
    figure = plot_forecast(frame, ahead(frame))
    assert titles_of(figure) == ["d", "d", "b", "b", "a", "a"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["sales", "price"] * 3


def test_the_series_that_are_named_are_drawn_with_what_came(tmp_path):
    frame = panel("north", "south", "west")
    figure = plot_forecast(frame, ahead(frame), series=["west", "north"], actual=ahead(frame) + 1)
    assert titles_of(figure) == ["west", "north"]
    assert line(figure.axes[0], "actual").get_ydata()[-1] == ahead(frame).loc["west", "sales"].iloc[-1] + 1
    figure.savefig(tmp_path / "shops.png")


def test_a_series_of_one_row_and_a_long_name_are_drawn(tmp_path, only_matplotlibs_fonts):
    names = ["x" * 99, CHINESE * 9, "two\nlines", "$x^2$"]
    frame = panel(*names, rows=1)
    future = panel(*names, rows=HORIZON)
    figure = plot_forecast(
        frame, future.set_axis(future.index.set_levels(future.index.levels[1] + pd.DateOffset(1), level=1))
    )
    figure.savefig(tmp_path / "names.png")
    assert titles_of(figure)[0] == "x" * 44 + " ..."
    assert titles_of(figure)[2:] == ["two lines", "$x^2$"]
    assert max(map(len, titles_of(figure))) <= 48


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"series": "est"}, "series 'est' is not in the forecast, which has 'north', 'south'"),
        ({"targets": "price"}, "target .* 'price' is not in the table"),
        ({"forecast": table("sales")}, "forecast must be a panel as frame is, got a DataFrame of one series"),
        ({"actual": table("sales")}, "actual must be a panel as frame is"),
        ({"forecast": ahead(panel("east"))}, "series 'east' of the forecast is not in frame"),
        ({"frame": table("sales"), "forecast": table("sales")[-1:], "series": "a"}, "series='a' is for a panel"),
    ],
)
def test_what_is_no_forecast_of_the_panel_is_refused(arguments, message):
    frame = panel("north", "south")
    with pytest.raises(ValueError, match=f"^plot_forecast: .*({message})"):
        plot_forecast(**{"frame": frame, "forecast": ahead(frame), **arguments})


# What is refused


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        (None, TypeError, "plot_history: history must be what model.fit returned.*got NoneType"),
        ({}, ValueError, "holds no epochs.*Train first"),
        ({"loss": []}, ValueError, "holds no epochs.*Train first"),
    ],
)
def test_what_is_no_history_is_refused(history, error, message):
    with pytest.raises(error, match=message):
        plot_history(history)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="must be one of 'mae', got 'mea'. Did you mean 'mae'"):
        plot_history(CURVES, metrics=["mea"])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"frame": np.zeros((3, 1))}, TypeError, "frame must be a DataFrame with a time index, got ndarray"),
        ({"forecast": [1.0]}, TypeError, "forecast must be a DataFrame with a time index, got list"),
        ({"forecast": table("passengers")[:0]}, ValueError, "forecast has no rows"),
        ({"forecast": table("passengers")}, ValueError, "frame must have rows before the forecast's first"),
        (
            {"forecast": table("passengers", tz="UTC")},
            TypeError,
            "dates with a time zone beside dates without",
        ),
        ({"frame": table("passengers").rename(index=str)}, TypeError, "no time but"),
        ({"forecast": pd.concat({"x": table("passengers")})}, ValueError, "must hold one series.*loc"),
        ({"frame": table("passengers").astype(str)}, TypeError, "column 'passengers' must hold numbers"),
        ({"targets": "pasengers"}, ValueError, "Did you mean 'passengers'"),
        ({"targets": ["passengers", "passengers"]}, ValueError, "named twice"),
        ({"rows": 0}, ValueError, "rows must be 1 or more, got 0"),
        ({"rows": 2.5}, TypeError, "rows must be a whole number, got 2.5"),
        ({"actual": table("passengers")[:3]}, ValueError, "actual must have rows from"),
        ({"actual": table("cargo")}, ValueError, "of actual.*whose columns are 'cargo'"),
        ({"ax": Figure().subplots(1, 2)}, ValueError, "ax must be 1 axes.*'passengers', got 2"),
        ({"ax": "axes"}, TypeError, "ax must be matplotlib axes, got str"),
    ],
)
def test_what_is_no_forecast_of_the_table_is_refused(arguments, error, message):
    frame = table("passengers")
    with pytest.raises(error, match=f"plot_forecast: .*{message}"):
        plot_forecast(**{"frame": frame[:-HORIZON], "forecast": frame[-HORIZON:]} | arguments)


def test_what_is_no_backtest_is_refused():
    with pytest.raises(TypeError, match="plot_backtest: result must be what backtest returned.*got dict"):
        plot_backtest({})
    result = backtested("passengers")
    result.forecasts = result.forecasts[:0]
    with pytest.raises(ValueError, match="holds no forecasts"):
        plot_backtest(result)

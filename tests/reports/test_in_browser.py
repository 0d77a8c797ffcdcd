"""Reports opened in Chromium: nothing is loaded, no error, values under the pointer, a search, small screens, print."""

import base64
import functools
import shutil
import time

import pytest
from small_reports import SALES, report_of_many, report_of_months

import seqkit as sk

pytestmark = pytest.mark.browser
CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
WIDE, NARROW = 1280, 480
PATIENCE = 60  # seconds
MALICE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no chromium and chromedriver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={WIDE},900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def until(browser, script, *arguments):
    """What the script returns, as soon as that is something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = browser.execute_script(script, *arguments)
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing came of {script}")


def resized(browser, width, height=900):
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@functools.cache
def classifier_report():
    texts = ["so good a film", "bad so bad", "good 電影 <b>", "bad <b>"] * 2
    model = sk.build_classifier(like=texts, labels=["好", MALICE] * 4, units=2, embedding=2)
    return sk.report(model, texts, ["好", MALICE] * 4, train=(texts, ["好", MALICE] * 4))


PAGES = {
    "one": report_of_months,
    "malicious": lambda: report_of_months(columns=(MALICE,)),
    "many": report_of_many,
    "classifier": classifier_report,
}


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page of `PAGES` from the disk."""

    def open_page(name, width=WIDE):
        resized(browser, width)
        path = tmp_path / f"{name}.html"
        PAGES[name]().save(path)
        browser.get(path.as_uri())
        until(browser, "return document.documentElement.dataset.ready")
        until(browser, "return document.querySelector('.figure .main-svg')")
        return browser

    yield open_page
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def errors(browser):
    return [line for line in browser.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]


def draw_all(browser):
    """Scroll through the page, so that each figure is drawn."""
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    script = "arguments[0].scrollIntoView({block: 'center'})"
    for holder in browser.find_elements("css selector", ".figure"):
        browser.execute_script(script, holder)
        until(browser, "return arguments[0].querySelector('.main-svg')", holder)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_an_error_and_without_a_network(opened, name):
    browser = opened(name)
    draw_all(browser)
    assert errors(browser) == []
    assert browser.execute_script("return performance.getEntriesByType('resource').map(one => one.name)") == []
    with pytest.raises(Exception, match="no such alert"):
        browser.switch_to.alert  # noqa: B018


def hovered(browser, holder):
    """The text that a figure shows under the pointer, above the last point of its forecast."""
    from selenium.webdriver.common.action_chains import ActionChains

    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", holder)
    point = holder.find_elements("css selector", ".cartesianlayer .scatterlayer .trace:last-child .point")[-1]
    box = browser.execute_script(
        "const one = arguments[0].getBoundingClientRect(), all = arguments[1].getBoundingClientRect();"
        "return [one.x + one.width / 2 - all.x - all.width / 2, one.y + one.height / 2 - all.y - all.height / 2]",
        point,
        holder,
    )
    ActionChains(browser).move_to_element_with_offset(holder, round(box[0]), round(box[1])).perform()
    return until(browser, "return [...document.querySelectorAll('.hovertext')].map(one => one.textContent).join(' ')")


def test_the_pointer_shows_the_value_in_the_stamps_and_the_column_of_the_data(opened):
    browser = opened("one")
    shown = hovered(browser, browser.find_element("css selector", ".figure"))
    assert "2020-04" in shown
    assert "sales: " in shown
    assert "80 %: " in shown


def test_a_search_filters_the_panels(opened):
    browser = opened("many")
    box = browser.find_element("css selector", "input[type=search]")
    assert browser.find_element("css selector", "output").text == "9 of 9 series"
    box.send_keys("北京")
    shown = [one for one in browser.find_elements("css selector", ".panel") if one.is_displayed()]
    assert [one.get_attribute("data-name") for one in shown] == [f"店 {at} 北京: {SALES}" for at in (0, 3, 6)]
    assert browser.find_element("css selector", "output").text == "3 of 9 series"
    box.clear()
    box.send_keys("SHOP 7")
    shown = [one for one in browser.find_elements("css selector", ".panel") if one.is_displayed()]
    assert [one.get_attribute("data-name") for one in shown] == [f"shop 7: {SALES}"]


def test_an_order_sorts_the_panels(opened):
    browser = opened("many")
    browser.find_element("xpath", "//option[text()='by name']").click()
    names = [one.get_attribute("data-name") for one in browser.find_elements("css selector", ".panel")]
    assert names == sorted(names)
    errors_of = "return [...document.querySelectorAll('.panel figcaption')].map(one => one.textContent)"
    browser.find_element("xpath", "//option[text()='smallest error first']").click()
    found = [float(text.split()[1].strip(";")) for text in browser.execute_script(errors_of)]
    assert found == sorted(found)


def test_figures_are_drawn_when_they_come_into_view(opened):
    browser = opened("many")
    assert browser.execute_script("return [...document.querySelectorAll('.figure')].some(one => !one.dataset.drawn)")


def test_chinese_names_are_in_the_figures(opened):
    browser = opened("many")
    titles = until(browser, "return [...document.querySelectorAll('.ytitle')].map(one => one.textContent)")
    assert set(titles) == {SALES}
    fonts = browser.execute_script("return getComputedStyle(document.querySelector('.ytitle')).fontFamily")
    assert "Noto Sans CJK SC" in fonts


def test_a_name_like_a_tag_is_shown_as_it_is(opened):
    browser = opened("malicious")
    titles = until(browser, "return [...document.querySelectorAll('.ytitle')].map(one => one.textContent)")
    assert titles[0] == MALICE
    assert browser.find_elements("css selector", "img") == []


@pytest.mark.parametrize("name", PAGES)
def test_a_small_screen_needs_no_scrolling_sideways(opened, name):
    browser = opened(name, NARROW)
    draw_all(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= NARROW
    widths = browser.execute_script("return [...document.querySelectorAll('.main-svg')].map(one => one.clientWidth)")
    assert max(widths) <= NARROW


def test_print_draws_all_panels_and_unfolds_the_tables(opened):
    browser = opened("many")
    undrawn = "return [...document.querySelectorAll('.figure')].filter(one => !one.dataset.drawn).length"
    assert browser.execute_script(undrawn) > 0
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert base64.b64decode(printed).startswith(b"%PDF")
    assert browser.execute_script(undrawn) == 0
    assert errors(browser) == []

"""Settings of the documentation site: `make docs` builds it, without network, and warnings are errors."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_extensions")]

import seqkit  # noqa: E402


def copy_notebooks() -> None:
    """Copy the committed notebooks beside the other pages; an unchanged one keeps its time, and is not read again."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        target = HERE / "notebooks" / path.name
        if not target.exists() or target.read_bytes() != path.read_bytes():
            shutil.copyfile(path, target)


copy_notebooks()

project = "seqkit"
author = "The seqkit developers"
project_copyright = author
version = release = seqkit.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "mathml_renderer",
    "docstring_words",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]

# Pages
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks are committed with their outputs
nb_ipywidgets_js = {}  # else a page with a widget would ask a server for scripts
html_math_renderer = "mathml"

# The public names
autosummary_generate = [f"api/{path.name}" for path in sorted((HERE / "api").glob("*.md"))]
autosummary_imported_members = True
autodoc_typehints = "none"  # the signature has the names, the text has types and shapes
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]
add_module_names = False
toc_object_entries = False

# The look
html_theme = "pydata_sphinx_theme"
html_title = "seqkit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_search_summary = False  # a page that is opened from the disk may not read the others
html_context = {"default_mode": "auto"}
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "seqkit"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "search_bar_text": "Search",
    "show_nav_level": 1,
    "show_toc_level": 2,
}

"""What the estimators share: parameters become options of a recipe, and samples are read as scikit-learn reads them.

Shapes: B samples, T timesteps, T_i those of sample i, F features.
"""

from __future__ import annotations

import contextlib
import copy
import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils.validation import validate_data

from seqkit._checks import LARGEST_SEED
from seqkit._errors import InvalidValue
from seqkit.data.feature_names import names_of_features
from seqkit.data.series import as_series
from seqkit.data.texts import is_text

TABLE, SERIES, TEXTS = "a table [samples, timesteps]", "series", "texts"
TABLE_NAMES = ("n_features_in_", "feature_names_in_")
LEAST_SAMPLES = 2


class RecipeEstimator(BaseEstimator):
    """An estimator whose `fit` calls a recipe; `model_` is the Keras model that it trained."""

    def recipe_options(self, *left_out: str) -> dict[str, Any]:
        """The parameters that are not None, as arguments of the recipe; each fit has callbacks of its own."""
        chosen = {name: value for name, value in self.get_params(deep=False).items() if name not in left_out}
        seed = seed_of(chosen.pop("random_state"))
        options = {name: value for name, value in chosen.items() if value is not None}
        if "callbacks" in options:
            options["callbacks"] = copy.deepcopy(options["callbacks"])
        return {**options, "seed": seed}


class SampleEstimator(RecipeEstimator):
    """An estimator of whole samples: `[B, T, F]`, `[B, T]`, or a list of series of any length."""

    reads_texts = False
    n_features_in_: int
    feature_names_: tuple[str, ...]  # of series that are tables
    samples_are_: str

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may pass."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.string = self.reads_texts
        tags.input_tags.allow_nan = self.missing == "mask"
        return tags

    def samples_to_fit(self, x: Any) -> Any:
        """Samples as the recipe takes them; note what they are, and their features."""
        self.samples_are_ = _kind_of(x, self.reads_texts)
        for name in TABLE_NAMES:
            self.__dict__.pop(name, None)
        samples = self._read("fit", x, is_new=True)
        if len(samples) < LEAST_SAMPLES:
            raise InvalidValue(_where(self, "fit"), "1 sample alone tells nothing.", "Pass two samples or more.")
        return samples

    def samples_to_answer(self, where: str, x: Any) -> Any:
        """Samples as the model takes them; refuse others than `fit` had."""
        kind = _kind_of(x, self.reads_texts)
        if kind != self.samples_are_ and not (self.samples_are_ == SERIES and self.n_features_in_ == 1):
            problem = f"fit had {self.samples_are_}, and these are {kind}."
            raise InvalidValue(_where(self, where), problem, "Pass the same kind of samples.")
        return self._read(where, x, is_new=False)

    def _read(self, where: str, x: Any, *, is_new: bool) -> Any:
        if self.samples_are_ == TEXTS:
            return x
        if self.samples_are_ == TABLE:
            finite: Any = "allow-nan" if self.missing == "mask" else True
            least = LEAST_SAMPLES if is_new else 1
            checked = validate_data(self, x, reset=is_new, ensure_all_finite=finite, ensure_min_samples=least)
            return checked[:, :, None]  # (B, T, 1): one feature over time
        features = None if is_new else self.n_features_in_
        names = () if is_new else self.feature_names_
        series = as_series(_where(self, where), x, features, self.missing, names=names)
        self.n_features_in_ = series[0].shape[1]
        self.feature_names_ = names_of_features(x) if is_new else names
        return x if isinstance(x, np.ndarray) and x.ndim > 1 else series


def seed_of(random_state: Any) -> int | None:
    """The seed of a recipe: None and a number as they are, a number drawn from a `RandomState`."""
    if random_state is None or isinstance(random_state, int | np.integer):
        return None if random_state is None else int(random_state)
    return int(check_random_state(random_state).randint(LARGEST_SEED, dtype=np.int64))


@contextlib.contextmanager
def random_numbers_given_back(seed: int | None) -> Iterator[None]:
    """Give Python's and NumPy's random numbers back as they were, where a seed sets them anew."""
    if seed is None:
        yield
        return
    of_python, of_numpy = python_random.getstate(), check_random_state(None).get_state()
    try:
        yield
    finally:
        python_random.setstate(of_python)
        check_random_state(None).set_state(of_numpy)


def require_answers(estimator: Any, y: Any) -> Any:
    """Refuse missing answers; return them checked for NaN, and as they came."""
    if y is None:
        problem = "it requires y to be passed, but the target y is None."
        raise InvalidValue(_where(estimator, "fit"), problem, argument="y")
    if not isinstance(y, pd.DataFrame | pd.Series):
        y = np.asarray(y)
    assert_all_finite(y, input_name="y", estimator_name=type(estimator).__name__)
    return y


def _where(estimator: Any, verb: str) -> str:
    return f"{type(estimator).__name__}.{verb}"


def _kind_of(x: Any, reads_texts: bool) -> str:
    if reads_texts and is_text(x):
        return TEXTS
    if sparse.issparse(x) or isinstance(x, pd.DataFrame):
        return TABLE
    try:
        array = np.asarray(x)
    except ValueError:  # of unequal lengths
        return SERIES
    is_list_of_series = array.dtype == object and array.ndim == 1 and len(array) and hasattr(array[0], "__len__")
    return SERIES if array.ndim > 2 or is_list_of_series else TABLE

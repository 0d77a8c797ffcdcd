"""Python's random numbers for one thread alone: what other threads draw from `random` does not move them on.

`keras.utils.set_random_seed` seeds `random`, from which Keras draws the seed of each layer. The worker of a Dask
cluster draws from `random`, too, in threads of its own: between two layers, their seeds would change.
"""

from __future__ import annotations

import contextlib
import functools
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def own_random_numbers() -> Iterator[None]:
    """Keep the functions of `random` for this thread; they give other threads numbers of another generator.

    A function that another module has taken out of `random` by `from random import ...` still moves these numbers on.
    """
    this_thread, others = threading.get_ident(), random.Random()
    usual = _functions_of_one_generator()
    for name, function in usual.items():
        setattr(random, name, _by_thread(this_thread, function, getattr(others, name)))
    try:
        yield
    finally:
        for name, function in usual.items():
            setattr(random, name, function)


def _functions_of_one_generator() -> dict[str, Callable[..., Any]]:
    """The functions of `random` that are methods of the generator that all threads share."""
    shared = getattr(random.random, "__self__", None)
    functions = {name: getattr(random, name) for name in random.__all__}
    return {name: function for name, function in functions.items() if getattr(function, "__self__", None) is shared}


def _by_thread(this_thread: int, own: Callable[..., Any], of_others: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(own)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        return (own if threading.get_ident() == this_thread else of_others)(*args, **kwargs)

    return chosen

"""Model files that were damaged or tampered with, one for each way, made from good ones."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
SEAL = "_zz_seal"
SETTINGS, OLDER, OLDER_CODE = "settings", "settings, without checksum", "code, without checksum"
CANARY_MODULE = "seqkit_canary"  # which leaves a file when it is imported
LARGE = 3 * 10**9
ZEROS = bytes(2**20)
Members = dict[str, bytes]
Change = Callable[[Path, Path], None]  # of a good file, to a file that it writes


@dataclass(frozen=True)
class Damage:
    """A way to damage a file: what it is done to, and a group for the table."""

    group: str
    model: str
    change: Change


def members(path: Path) -> Members:
    """What a `.keras` file holds, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: Members) -> None:
    """A `.keras` file that is whole to ZIP."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def edited(edit: Callable[[Members], Any]) -> Change:
    """Change the members."""

    def change(good: Path, bad: Path) -> None:
        parts = members(good)
        edit(parts)
        write(bad, parts)

    return change


def config(edit: Callable[[dict[str, Any]], Any]) -> Change:
    """Change what config.json holds."""

    def change(parts: Members) -> None:
        held = json.loads(parts[CONFIG])
        edit(held)
        parts[CONFIG] = json.dumps(held).encode()

    return edited(change)


def settings(**values: Any) -> Change:
    """Change some settings; a function gives the new value from the old one."""

    def change(held: dict[str, Any]) -> None:
        known = held["config"]["settings"]
        for name, value in values.items():
            known[name] = value(known.get(name)) if callable(value) else value

    return config(change)


def weights(edit: Callable[[h5py.File], Any]) -> Change:
    """Change the file of weights, which is whole to HDF5."""

    def change(parts: Members) -> None:
        held = io.BytesIO(parts[WEIGHTS])
        with h5py.File(held, "r+") as file:
            edit(file)
        parts[WEIGHTS] = held.getvalue()

    return edited(change)


def in_bytes(edit: Callable[[bytearray], Any]) -> Change:
    """Change the bytes of the file, whatever ZIP says to it."""

    def change(good: Path, bad: Path) -> None:
        held = bytearray(good.read_bytes())
        changed = edit(held)
        bad.write_bytes(held if changed is None else changed)

    return change


def packed(sizes: dict[str, int]) -> Change:
    """Put members of zeros, packed, in the place of others or beside them."""

    def change(good: Path, bad: Path) -> None:
        with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, part in members(good).items():
                if name not in sizes:
                    archive.writestr(name, part)
            for name, size in sizes.items():
                with archive.open(name, "w", force_zip64=True) as member:
                    for _ in range(size // len(ZEROS)):
                        member.write(ZEROS)

    return change


def largest(file: h5py.File) -> h5py.Dataset:
    """The dataset of the layers with the most numbers."""
    found: list[h5py.Dataset] = []
    file["layers"].visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return max(found, key=lambda item: item.size)


def flip(array: np.ndarray) -> np.ndarray:
    """The array with another bit in its first number, its sign."""
    changed = array.copy()
    changed.reshape(-1).view("uint8")[array.dtype.itemsize - 1] ^= 0x80
    return changed


def set_largest(value: Callable[[np.ndarray], Any]) -> Change:
    def change(file: h5py.File) -> None:
        dataset = largest(file)
        dataset[...] = value(dataset[...])

    return weights(change)


def replace_largest(make: Callable[[h5py.Group, str, tuple[int, ...]], Any]) -> Change:
    """Put something else under the name of the largest dataset."""

    def change(file: h5py.File) -> None:
        dataset = largest(file)
        group, name, shape = dataset.parent, dataset.name.rsplit("/", 1)[1], dataset.shape
        del group[name]
        make(group, name, shape)

    return weights(change)


def link_within(group: h5py.Group, name: str, shape: Any) -> None:
    group[name] = h5py.SoftLink("/optimizer/vars/0")


def link_outside(group: h5py.Group, name: str, shape: Any) -> None:
    group[name] = h5py.ExternalLink("/etc/hostname", "/")


def bytes_outside(group: h5py.Group, name: str, shape: Any) -> None:
    group.create_dataset(name, shape, "float32", external=[("/etc/passwd", 0, int(np.prod(shape)) * 4)])


def declare(numbers: int, **how: Any) -> Callable[[h5py.Group, str, Any], Any]:
    """A dataset of many numbers, of which none is written."""
    return lambda group, name, shape: group.create_dataset(name, (numbers,), "float32", chunks=(2**20,), **how)


def optimizer_state(file: h5py.File) -> None:
    dataset = file["optimizer/vars/2"]
    dataset[...] = flip(dataset[...])


def group_in_itself(file: h5py.File) -> None:
    file["layers/again"] = file["layers"]


def without(name: str) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]

    return change


def weights_of(other: str) -> Change:
    """The weights of another model, which stands beside the good one."""

    def change(good: Path, bad: Path) -> None:
        write(bad, {**members(good), WEIGHTS: members(good.with_name(f"{other}.keras"))[WEIGHTS]})

    return change


def as_an_older_release(change: Change) -> Change:
    """The same, and every mark of the checksum taken away, as if an older release had written the file."""

    def change_both(good: Path, bad: Path) -> None:
        change(good, bad)
        config(lambda held: held["build_config"].pop("seqkit"))(bad, bad)
        weights(without(SEAL))(bad, bad)

    return change_both


def twice(good: Path, bad: Path) -> None:
    parts = members(good)
    write(bad, parts)
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr(CONFIG, parts[CONFIG].replace(b'"log"', b'"none"'))


class Runs:
    """An object whose pickle runs code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return __import__, (CANARY_MODULE,)


def a_lambda() -> dict[str, Any]:
    """A function as Keras writes one that it would run."""
    from keras.src.utils import python_utils

    value = python_utils.func_dump(lambda *_: __import__("seqkit_canary"))
    return {"class_name": "__lambda__", "config": {"value": value}}


def loss(value: Any) -> Change:
    return config(lambda held: held["compile_config"].update(loss=value))


def named(module: str, name: str, registered: str | None = None) -> dict[str, Any]:
    """A function or class of some module, as Keras writes it."""
    return {"module": module, "class_name": name, "config": {}, "registered_name": registered}


def function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def lambda_layer(held: dict[str, Any]) -> None:
    config = {"name": "l", "function": a_lambda(), "output_shape": None, "mask": None, "arguments": {}}
    held["config"]["encoder"] = {**named("keras.layers", "Lambda"), "config": config}


def layer_of_a_module(held: dict[str, Any]) -> None:
    held["config"]["encoder"] = named(CANARY_MODULE, "Run", "other>Run")


def nest(parts: Members) -> None:
    parts[CONFIG] = parts[CONFIG].replace(b'"asked": {', b'"asked": {"a": ' + b"[" * 10**5 + b"]" * 10**5 + b",")


def many_words(words: Any) -> list[str]:
    return [*words, *(f"word{number}" for number in range(5_000_000))]


def swapped(values: Any) -> list[Any]:
    return [*values[:-2], values[-1], values[-2]]


def ways() -> dict[str, Damage]:
    """All ways, by name."""
    found: dict[str, Damage] = {}

    def add(group: str, model: str, **changes: Change) -> None:
        found.update({name: Damage(group, model, change) for name, change in changes.items()})
        if group == SETTINGS:
            add(OLDER, model, **{f"older_{name}": as_an_older_release(change) for name, change in changes.items()})

    add(
        SETTINGS,
        "forecaster",
        units_below_zero=settings(units=[-1]),
        no_units=settings(units=[]),
        units_of_text=settings(units="many"),
        horizon_of_a_billion=settings(horizon=10**9),
        timesteps_of_a_billion=settings(timesteps=10**9, segment=1),
        units_of_gigabytes=settings(units=[40_000]),
        a_thousand_layers=settings(units=[64] * 1000, dropout=[0.0] * 1000),
        season_of_a_million=settings(season=1, long_season=10**6, timesteps=10**6, segment=1),
        transform_none=settings(transform=["none"] * 2),
        transform_missing=config(lambda held: held["config"]["settings"].pop("transform")),
        unknown_cell=settings(cell="lsmt"),
        unknown_setting=settings(colour="red"),
        columns_swapped=settings(columns=swapped),
        unknown_target=settings(targets=["nothing"]),
        other_spread=settings(least_spread=[9.0, 9.0]),
        spread_not_finite=settings(least_spread=[float("nan")] * 2),
        fills_gaps=settings(fill="last"),
        other_frequency=settings(frequency="nonsense"),
        settings_of_a_list=config(lambda held: held["config"].update(settings=[1, 2])),
        no_settings=config(lambda held: held["config"].pop("settings")),
        unknown_part=config(lambda held: held["config"].update(colour="red")),
        other_loss=loss("mse"),
        of_another_class=config(lambda held: held.update(registered_name="seqkit>Classifier")),
    )
    add(
        SETTINGS,
        "classifier",
        labels_reordered=settings(labels=swapped),
        label_renamed=settings(labels=lambda labels: [*labels[:-1], "other"]),
        one_label=settings(labels=lambda labels: labels[:1]),
        words_swapped=settings(words=swapped),
        word_twice=settings(words=lambda words: [*words[:-1], words[0]]),
        five_million_words=settings(words=many_words),
        other_class_weights=settings(class_weights=lambda values: [9.0 for _ in values]),
    )
    add(SETTINGS, "tagger", tags_swapped=settings(tags=swapped))
    add(SETTINGS, "language_model", next_words_swapped=settings(words=swapped))
    add(
        "weights",
        "forecaster",
        a_bit=set_largest(flip),
        a_bit_of_the_optimizer=weights(optimizer_state),
        one_nan=set_largest(lambda array: np.where(np.arange(array.size).reshape(array.shape) == 0, np.nan, array)),
        of_another_training=weights_of("retrained"),
        of_another_model=weights_of("classifier"),
        one_missing=replace_largest(lambda *_: None),
        a_link_within=replace_largest(link_within),
        a_link_outside=replace_largest(link_outside),
        bytes_of_another_file=replace_largest(bytes_outside),
        seven_gigabytes=replace_largest(declare(7 * 10**9 // 4)),
        three_gigabytes_packed=replace_largest(declare(LARGE // 4, compression="gzip")),
        a_group_in_itself=weights(group_in_itself),
        no_checksum=weights(without(SEAL)),
    )
    add("weights", "not_finite", saved_by_keras_with_nan=edited(lambda parts: None))
    cuts = {"nothing_left": 0, "ten_bytes": 10, "a_kilobyte": 1000}
    add(
        "file", "forecaster", **{f"cut_to_{name}": in_bytes(lambda held, at=at: held[:at]) for name, at in cuts.items()}
    )
    add(
        "file",
        "forecaster",
        settings_not_json=edited(lambda parts: parts.update({CONFIG: b"seqkit> {"})),
        settings_nested_deeply=edited(nest),
        cut_in_half=in_bytes(lambda held: held[: len(held) // 2]),
        hundred_bytes_short=in_bytes(lambda held: held[:-100]),
        one_byte_short=in_bytes(lambda held: held[:-1]),
        a_bit_in_the_middle=in_bytes(lambda held: held.__setitem__(len(held) // 2, held[len(held) // 2] ^ 1)),
        zeros_in_the_middle=in_bytes(lambda held: held[: len(held) // 2] + bytes(999) + held[len(held) // 2 + 999 :]),
        bytes_before_it=in_bytes(lambda held: b"x" * 100 + held),
        settings_of_three_gigabytes=packed({CONFIG: LARGE}),
        weights_of_three_gigabytes=packed({WEIGHTS: LARGE}),
        many_large_members=packed({f"assets/{number}": 2**28 - 2**20 for number in range(12)}),
        weights_renamed=edited(lambda parts: parts.update({"weights.h5": parts.pop(WEIGHTS)})),
        settings_renamed=edited(lambda parts: parts.update({"Config.json": parts.pop(CONFIG)})),
        settings_twice=twice,
        a_way_out=edited(lambda parts: parts.update({"assets/../../../canary": b"x"})),
        a_path_from_the_root=edited(lambda parts: parts.update({"/tmp/canary": b"x"})),
        a_text=in_bytes(lambda held: b"once upon a time"),
        a_file_of_weights=edited_weights_alone,
    )
    add(
        "code",
        "forecaster",
        a_pickle=in_bytes(lambda held: pickle.dumps(Runs())),
        a_pickle_beside=edited(lambda parts: parts.update({"assets/data.pkl": pickle.dumps(Runs())})),
        another_class_than_ours=config(lambda held: held.update(named(CANARY_MODULE, "Run", "other>Run"))),
    )
    in_settings = {
        "a_lambda_as_loss": loss(a_lambda()),
        "a_module_as_loss": loss(function(CANARY_MODULE, "run")),
        "system_as_loss": loss(function("os", "system")),
        "optimizer_of_a_module": config(
            lambda held: held["compile_config"].update(optimizer=named(CANARY_MODULE, "Run", "other>Run"))
        ),
    }
    layers = {"a_lambda_layer": config(lambda_layer), "a_layer_of_a_module": config(layer_of_a_module)}
    for group, prefix, wrapped in (("code", "", lambda change: change), (OLDER_CODE, "older_", as_an_older_release)):
        for model, changes in (("forecaster", in_settings), ("captioner", layers)):
            add(group, model, **{f"{prefix}{name}": wrapped(change) for name, change in changes.items()})
    return found


def edited_weights_alone(good: Path, bad: Path) -> None:
    """A file of weights under the name of a model."""
    bad.write_bytes(members(good)[WEIGHTS])

"""Files and folders appear whole or not at all, and killed writers leave nothing for long."""

import errno
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit import _leftovers, _whole_paths
from seqkit._whole_paths import together, whole_file, whole_folder

WRITER_KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from seqkit._whole_paths import whole_file
with whole_file("save", sys.argv[1]) as written:
    written.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def hidden(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def write(path, text):
    with whole_file("save", path) as written:
        written.write_text(text)


def test_a_killed_writer_leaves_the_old_file_and_the_next_one_cleans(tmp_path):
    path = tmp_path / "model"
    write(path, "old")
    killed = subprocess.run([sys.executable, "-c", WRITER_KILLED_HALFWAY, path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert len(hidden(tmp_path)) == 1
    write(tmp_path / "another", "new")
    assert hidden(tmp_path) == []
    assert path.read_text() == "old"


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    with whole_file("save", tmp_path / "one") as one:
        one.write_text("first")
        write(tmp_path / "other", "second")
    assert (tmp_path / "one").read_text() == "first"
    assert hidden(tmp_path) == []


def folder_of(machine, process, start, tmp_path):
    folder = tmp_path / f".seqkit-{machine}-{process}-{start}-abc"
    folder.mkdir()
    return folder


def test_only_folders_of_ours_are_cleaned_and_those_of_other_machines_after_a_day(tmp_path):
    (tmp_path / ".seqkit-notes").mkdir()
    (tmp_path / ".other").mkdir()
    fresh, old = folder_of("0" * 8, 1, 1, tmp_path), folder_of("0" * 8, 2, 1, tmp_path)
    day_before = time.time() - 2 * _leftovers.SECONDS_UNTIL_ABANDONED
    os.utime(old, (day_before, day_before))
    write(tmp_path / "model", "new")
    assert sorted(hidden(tmp_path)) == sorted([".other", ".seqkit-notes", fresh.name])


def test_a_process_number_that_another_process_has_by_now_is_no_writer(tmp_path):
    ours = _leftovers.LEFTOVER.fullmatch(_leftovers.prefix() + "abc")
    folder_of(ours["machine"], os.getpid(), int(ours["start"]) + 1, tmp_path)
    write(tmp_path / "model", "new")
    assert hidden(tmp_path) == []


def make_folder(path, text):
    with whole_folder("export", path) as written:
        written.mkdir()
        (written / "part").write_text(text)


def two_renames(monkeypatch):
    monkeypatch.setattr(_whole_paths, "_are_exchanged", lambda one, other: False)


@pytest.mark.parametrize("prepare", [lambda monkeypatch: None, two_renames])
def test_a_folder_takes_the_place_of_another(prepare, monkeypatch, tmp_path):
    prepare(monkeypatch)
    for text in ("old", "new"):
        make_folder(tmp_path / "model" / "1", text)
        assert (tmp_path / "model" / "1" / "part").read_text() == text
    assert hidden(tmp_path / "model") == []


def test_linux_exchanges_folders_in_one_step(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    assert not _whole_paths._are_exchanged(one, other)
    other.mkdir()
    (other / "part").touch()
    assert _whole_paths._are_exchanged(one, other) == (sys.platform == "linux")
    assert (one / "part").exists() == (sys.platform == "linux")


def test_a_folder_that_was_taken_away_by_a_killed_writer_is_put_back(tmp_path):
    machine = _leftovers.LEFTOVER.fullmatch(_leftovers.prefix() + "abc")["machine"]
    for process, name in ((1, "gone"), (2, "there")):
        replaced = folder_of(machine, process, 10**15, tmp_path) / _leftovers.REPLACED / name
        replaced.mkdir(parents=True)
        (replaced / "part").write_text("old")
    make_folder(tmp_path / "there", "new")
    assert (tmp_path / "gone" / "part").read_text() == "old"
    assert (tmp_path / "there" / "part").read_text() == "new"
    assert hidden(tmp_path) == []


def test_a_folder_comes_back_where_the_new_one_cannot_take_its_place(monkeypatch, tmp_path):
    two_renames(monkeypatch)
    make_folder(tmp_path / "model", "old")
    with (
        pytest.raises(OSError, match="export: the disk of .* does not answer.*model held before is unchanged"),
        whole_folder("export", tmp_path / "model"),
    ):
        pass  # nothing is written, so there is nothing to move
    assert (tmp_path / "model" / "part").read_text() == "old"


OF_HDF5 = f"Can't write data (file write failed, errno = 28, error message = '{os.strerror(errno.ENOSPC)}')"
ERRORS = {
    "full": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk of .* is full.*Free some space"),
    "full, says HDF5": (RuntimeError(OF_HDF5), "the disk of .* is full"),
    "full, says TensorFlow": (
        tf.errors.ResourceExhaustedError(None, None, f"part-0; {os.strerror(errno.ENOSPC)}"),
        "the disk of .* is full",
    ),
    "read-only": (OSError(errno.EROFS, ""), "you may not write in .*Name another folder"),
    "vanished": (OSError(errno.ESTALE, ""), "the disk of .* does not answer, or was taken away. .*Mount it again"),
    "another": (OSError(errno.EMFILE, ""), "the system does not let .* be written"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_the_disk_refuses_is_said_in_words_and_the_old_file_stays(name, tmp_path):
    error, message = ERRORS[name]
    path = tmp_path / "model"
    write(path, "old")

    def fail():
        with whole_file("save", path) as written:
            written.write_text("half")
            raise error

    with pytest.raises(OSError, match=f"save: {message}") as refused:
        fail()
    assert "model held before is unchanged" in str(refused.value)
    assert path.read_text() == "old"
    assert hidden(tmp_path) == []


def test_faults_that_are_not_the_disks_stay_as_they_are(tmp_path):
    for error in (RuntimeError("no such layer"), ValueError("x"), OSError("a text alone")):
        with pytest.raises(type(error), match=str(error)), whole_file("save", tmp_path / "model"):
            raise error


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match=f"save: there is no folder {tmp_path / 'none'}. Make it first"):
        write(tmp_path / "none" / "model", "new")


def network(value=1.0):
    model = sk.build_recurrent("many_to_one", features=2, outputs=1, units=3)
    model.set_weights([np.full_like(weights, value) for weights in model.get_weights()])
    return model


@pytest.mark.parametrize("kind", [".keras", ".weights.h5"])
def test_a_model_that_cannot_be_saved_leaves_the_file_before(kind, monkeypatch, tmp_path):
    path, old = tmp_path / f"model{kind}", network(1.0)
    verb = "save" if kind == ".keras" else "save_weights"
    getattr(old, verb)(path)

    def half(model, filepath, **options):
        filepath.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(keras.Model, verb, half)
    with pytest.raises(OSError, match=f"{verb}: the disk of .* is full.*model{kind} held before is unchanged"):
        getattr(network(2.0), verb)(path)
    monkeypatch.undo()
    again = keras.models.load_model(path) if kind == ".keras" else network(3.0)
    if kind != ".keras":
        again.load_weights(path)
    assert {float(value) for weights in again.get_weights() for value in weights.ravel()} == {1.0}
    assert hidden(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system reserves no space")
def test_weights_are_not_begun_where_they_have_no_room(monkeypatch, tmp_path):
    path, reserved = tmp_path / "model.weights.h5", []

    def full(file, start, size):
        reserved.append(size)
        raise OSError(errno.ENOSPC, "full")

    network().save_weights(path)
    size = path.stat().st_size
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="save_weights: the disk of .* is full"):
        network().save_weights(path)
    assert size < reserved[0] < 10 * size


def test_a_link_is_followed_and_permissions_are_kept(tmp_path):
    path, link = tmp_path / "model.keras", tmp_path / "latest.keras"
    network(1.0).save(path)
    path.chmod(0o640)
    link.symlink_to(path)
    network(2.0).save(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert float(keras.models.load_model(path).get_weights()[0].ravel()[0]) == 2.0


def test_what_is_no_file_goes_to_keras(tmp_path):
    with pytest.raises(ValueError, match="Invalid filepath extension"):
        network().save(tmp_path / "model.txt")
    network().save(tmp_path / "model", zipped=False)
    assert (tmp_path / "model" / "config.json").is_file()


def test_several_appear_together_or_none_of_them(tmp_path, monkeypatch):
    write(tmp_path / "replaced", "old")

    def write_all():
        with together() as paths:
            paths.file("--output", tmp_path / "new").write_text("1")
            paths.file("--plot", tmp_path / "replaced").write_text("2")
            folder = paths.folder("--export", tmp_path / "model")
            folder.mkdir()
            (folder / "saved_model.pb").write_text("3")
            assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["replaced"]

    move = _whole_paths._move

    def not_the_folder(one):
        if one.where == "--export":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return move(one)

    for is_exchanged in (_whole_paths._are_exchanged, lambda *_: False):
        monkeypatch.setattr(_whole_paths, "_are_exchanged", is_exchanged)
        with monkeypatch.context() as patched:
            patched.setattr(_whole_paths, "_move", not_the_folder)
            with pytest.raises(OSError, match="--export: the disk of .* does not answer"):
                write_all()
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"replaced": "old"}
    write_all()
    assert (tmp_path / "replaced").read_text() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "new", "replaced"]

"""Make data/spoken_digits.npz: synthetic voices say numbers; features by NumPy.

python benchmarks/make_spoken_digits.py

Needs espeak-ng (Debian: apt-get install espeak-ng), which reads each number digit by digit, in accents of English and
with other voices, each at its own speeds and pitches. Features are the log energies of bands on the mel scale (Davis &
Mermelstein 1980), in frames of 32 ms, every 16 ms. They are kept as whole numbers of 0 to 255, in tenths of a bel above
the least energy. The voices of VOICES_HELD_OUT speak no training sample.
"""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import numpy as np

PLACE = Path(__file__).resolve().parents[1] / "data" / "spoken_digits.npz"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en", "en-us", "en-gb-scotland", "en-gb-x-rp")
VOICES = ("", "+m1", "+m3", "+m7", "+f2", "+f4", "+Andy", "+f5", "+Michael", "+klatt2")
VOICES_HELD_OUT = ("en-gb-x-gbclan+m2", "en-us-nyc+f3", "en-us+Alex", "en+Alicia", "en-029+m5")
EACH_TRAINING_VOICE, EACH_HELD_OUT_VOICE = 18, 30
LONGEST = 3  # digits of a number
BANDS, FRAME_SECONDS, STEP_SECONDS = 12, 0.032, 0.016
LEAST_ENERGY = 1e-4


def main() -> None:
    """Write the features, the words and the voices."""
    random = np.random.default_rng(0)
    plan = [(accent + voice, EACH_TRAINING_VOICE) for accent in ACCENTS for voice in VOICES]
    plan += [(voice, EACH_HELD_OUT_VOICE) for voice in VOICES_HELD_OUT]
    texts, voices, all_features = [], [], []
    for voice, count in plan:
        for _ in range(count):
            text = " ".join(random.choice(DIGITS, random.integers(1, LONGEST + 1)))
            signal, rate = spoken(text, voice, speed=int(random.integers(150, 221)), pitch=int(random.integers(30, 71)))
            texts.append(text)
            voices.append(voice)
            all_features.append(log_mel(signal, rate))
    np.savez_compressed(
        PLACE,
        frames=np.concatenate(all_features),  # (sum of all lengths, BANDS)
        lengths=np.array([len(features) for features in all_features], "uint16"),
        texts=np.array(texts),
        voices=np.array(voices),
        is_held_out=np.isin(voices, VOICES_HELD_OUT),
    )
    seconds = sum(map(len, all_features)) * STEP_SECONDS
    print(f"{len(texts)} numbers, {len(plan)} voices, {seconds:.0f} s, {PLACE.stat().st_size / 1000:.0f} kB")


def spoken(text: str, voice: str, *, speed: int, pitch: int) -> tuple[np.ndarray, int]:
    """The sound `[N]` in -1 to 1, and its samples a second; `speed` in words a minute, `pitch` from 0 to 99."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
    sound = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(sound)) as file:
        rate, samples = file.getframerate(), file.readframes(file.getnframes())
    return np.frombuffer(samples, "<i2") / 32768, rate


def log_mel(signal: np.ndarray, rate: int) -> np.ndarray:
    """The features `[T, BANDS]` of a sound, without the silence at both ends."""
    size, step = round(rate * FRAME_SECONDS), round(rate * STEP_SECONDS)
    frames = np.lib.stride_tricks.sliding_window_view(signal, size)[::step] * np.hanning(size)
    energies = (np.abs(np.fft.rfft(frames)) ** 2) @ mel_bands(size, rate).T
    tenths = np.round(10 * np.log10(np.maximum(energies, LEAST_ENERGY) / LEAST_ENERGY)).astype("uint8")
    loud = np.flatnonzero(tenths.max(axis=1) > 0)
    return tenths[loud[0] : loud[-1] + 1]


def mel_bands(size: int, rate: int) -> np.ndarray:
    """Triangles `[BANDS, size // 2 + 1]` over the frequencies, evenly spaced on the mel scale from 100 Hz up."""
    mels = np.linspace(*(2595 * np.log10(1 + np.array([100, 8000]) / 700)), BANDS + 2)
    low, middle, high = ((700 * (10 ** (mels / 2595) - 1))[start : start + BANDS, None] for start in range(3))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling))


if __name__ == "__main__":
    main()

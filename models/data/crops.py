"""Training crops of the default instrument: short, cold-started, with a past that cannot be trusted.

A network that may lean on its past copies it and ignores embedding and phase; crops therefore start with empty
history anywhere in a note, and the fed-back samples are noisy, partly or wholly blanked.
"""

from dataclasses import dataclass

import numpy as np
import torch

from models.config import HARMONIC_LIMIT_HZ, WaveNetConfig
from models.data.harmonics import STEP, absolute_phases, angles, track_harmonics
from models.data.notes import Notes
from models.mulaw import compress
from models.spectrum import REFERENCE_LEVEL, analyse, emphasise, with_context

TICK = 64  # samples for which the conditioning is held, as in playing
NOTE_START_SHARE = 0.15  # of the crops begin with the note
BLANK_SHARE, PATCHY_SHARE = 0.25, 0.35  # of the crops have no past, or one with holes
NOISE = 0.05  # greatest standard deviation added to the companded past
FAINTEST = 1e-3  # amplitude of a harmonic, relative to the reference level, below which nothing is to be learned
PITCH_REACH = 14  # semitones to the note whose spectrum makes the embedding


@dataclass(frozen=True)
class Batch:
    """One batch of crops, all tensors.

    signal : float32 (batch, time, 2), the past as the network hears it, and its known flag
    target : float32 (batch, time), companded
    phases : float32 (batch, time, harmonics)
    spectra : float32 (batch, frames, features) of a note of another pitch
    weights : float32 (batch, ticks, frames), interpolation of frames to ticks
    f0_hz : float32 (batch,)
    frames : Frames, for the loss on the harmonics' amplitudes
    """

    signal: torch.Tensor
    target: torch.Tensor
    phases: torch.Tensor
    spectra: torch.Tensor
    weights: torch.Tensor
    f0_hz: torch.Tensor
    frames: "Frames"


@dataclass(frozen=True)
class Frames:
    """Single frames of many notes: far cheaper than crops, so that the embedding sees far more of them.

    spectra : float32 (frames, features) of a note of another pitch
    log_amplitudes : float32 (frames, harmonics), of the note itself, relative to the reference level
    audible : float32 (frames, harmonics), 1 below the limit
    f0_hz : float32 (frames,)
    """

    spectra: torch.Tensor
    log_amplitudes: torch.Tensor
    audible: torch.Tensor
    f0_hz: torch.Tensor


class Crops:
    """Draws batches from notes. All analysis happens once, at construction.

    notes : the training notes; config : with harmonics, mixture and loudness
    """

    def __init__(self, notes: Notes, config: WaveNetConfig, progress=iter):
        self.notes, self.config = notes, config
        self.samples = notes.audio.shape[1] // config.hop * config.hop
        self.audio = [emphasise(config, notes.sound(note)) for note in range(len(notes.audio))]
        analysed = [self._analyse(note) for note in progress(range(len(notes.audio)))]
        self.spectra = torch.stack([spectra for spectra, *_ in analysed])
        self.loudness_db = np.stack([loudness for _, loudness, *_ in analysed])
        self.angles = [angles for _, _, angles, _ in analysed]
        self.log_amplitudes = torch.from_numpy(np.stack([log_amplitudes for *_, log_amplitudes in analysed]))
        partners = [self._find_partners(note) for note in range(len(notes.audio))]
        self.partner_counts = np.array([len(found) for found in partners])
        self.partners = np.concatenate(partners)
        self.first_partners = np.cumsum(self.partner_counts) - self.partner_counts

    def _analyse(self, note):
        audio = self.audio[note][: self.samples]
        spectra, loudness_db = analyse(torch.from_numpy(audio), self.config.hop, self.config.rate)
        tracked = track_harmonics(audio, self.notes.f0_hz[note], self.config.rate, self.config.harmonics)
        centres = (np.arange(len(loudness_db)) * self.config.hop + self.config.hop // 2) // STEP
        amplitudes = np.abs(tracked[centres]) / (REFERENCE_LEVEL * 10 ** (loudness_db.numpy()[:, None] / 20))
        log_amplitudes = np.log(np.maximum(amplitudes, FAINTEST)).astype(np.float32)
        return with_context(spectra), loudness_db.numpy(), angles(tracked), log_amplitudes

    def _find_partners(self, note):
        """Notes of the same instrument and velocity, at most PITCH_REACH semitones away."""
        notes = self.notes
        same = (notes.instrument == notes.instrument[note]) & (notes.velocity == notes.velocity[note])
        return np.flatnonzero(same & (np.abs(notes.pitch - notes.pitch[note]) <= PITCH_REACH))

    def _draw_partners(self, chosen, rng):
        """One partner for each note. int (n,) -> int (n,)."""
        return self.partners[self.first_partners[chosen] + rng.integers(0, self.partner_counts[chosen])]

    def draw(self, batch, time, frame_count, rng):
        """A Batch of `batch` crops of `time` samples, and of single frames; rng : numpy Generator."""
        chosen = rng.integers(0, len(self.notes.audio), batch)
        last = (self.samples - time) // TICK
        starts = rng.integers(0, last + 1, batch) * TICK * (rng.random(batch) > NOTE_START_SHARE)
        companded = np.stack([self._companded(n, s, time) for n, s in zip(chosen, starts, strict=True)])
        known = np.stack([_known(time, rng) for _ in range(batch)])
        noise = rng.standard_normal((batch, time), np.float32) * np.float32(NOISE) * rng.random((batch, 1), np.float32)
        past = (companded[:, :-1] + noise) * known
        frames = time // self.config.hop + 3
        first = np.clip(starts // self.config.hop - 1, 0, self.samples // self.config.hop - frames)
        partner = self._draw_partners(chosen, rng)
        f0_hz = self.notes.f0_hz[chosen]
        phases = [
            absolute_phases(self.angles[n], f0, np.arange(s, s + time), self.config.rate)
            for n, f0, s in zip(chosen, f0_hz, starts, strict=True)
        ]
        return Batch(
            signal=torch.from_numpy(np.stack([past, known], -1)),
            target=torch.from_numpy(companded[:, 1:]),
            phases=torch.from_numpy(np.stack(phases)),
            spectra=torch.stack([self.spectra[p, f : f + frames] for p, f in zip(partner, first, strict=True)]),
            weights=torch.from_numpy(self._frame_weights(starts, first, frames, time)),
            f0_hz=torch.from_numpy(f0_hz.astype(np.float32)),
            frames=self.draw_frames(frame_count, rng),
        )

    def draw_frames(self, count, rng):
        """Frames of `count` notes; rng : numpy Generator."""
        chosen = rng.integers(0, len(self.audio), count)
        partner = self._draw_partners(chosen, rng)
        frame = rng.integers(0, self.spectra.shape[1], count)
        f0_hz = torch.from_numpy(self.notes.f0_hz[chosen].astype(np.float32))
        k = torch.arange(1, self.config.harmonics + 1)
        return Frames(
            spectra=self.spectra[partner, frame],
            log_amplitudes=self.log_amplitudes[chosen, frame],
            audible=(k * f0_hz[:, None] < HARMONIC_LIMIT_HZ).float(),
            f0_hz=f0_hz,
        )

    def _companded(self, note, start, time):
        """float32 (time + 1,): sample start - 1 (0 before the note) to start + time - 1, at the reference level."""
        centres = (np.arange(self.loudness_db.shape[1]) + 0.5) * self.config.hop
        index = np.arange(start - 1, start + time)
        audio = self.audio[note][np.maximum(index, 0)] * (index >= 0)
        loudness_db = np.interp(index, centres, self.loudness_db[note])
        return compress(np.clip(audio * 10 ** (-loudness_db / 20), -1.0, 1.0))

    def _frame_weights(self, starts, first, frames, time):
        """float32 (batch, ticks, frames): straight lines between the centres of the frames, flat outside."""
        middles = (starts[:, None] + (np.arange(time // TICK) + 0.5) * TICK) / self.config.hop - 0.5
        position = np.clip(middles - first[:, None], 0, frames - 1)
        distance = np.abs(position[..., None] - np.arange(frames))
        return np.maximum(0.0, 1.0 - distance).astype(np.float32)


def _known(time, rng):
    """float32 (time,): 1 where the fed-back sample is real, 0 where it is blanked."""
    known = np.ones(time, np.float32)
    kind = rng.random()
    if kind < BLANK_SHARE:
        known[:] = 0.0
    elif kind < BLANK_SHARE + PATCHY_SHARE:
        for hole in rng.integers(0, time, 6):
            known[hole : hole + rng.integers(10, 300)] = 0.0
    return known

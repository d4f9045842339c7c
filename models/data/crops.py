"""Training crops of the default instrument: short, cold-started, with a past that cannot be trusted.

A network that may lean on its past copies it and ignores embedding and excitation; crops therefore start with empty
history anywhere in a note, and fed-back samples, if the network hears any, are noisy, partly or wholly blanked.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from models.analysis.frames import FLOOR_DB, frame_centres
from models.analysis.harmonics import absolute_phases
from models.analysis.note import Analysis, analyse_note
from models.config import WaveNetConfig
from models.data.notes import Notes
from models.excitation import noise_bands, noise_filters, noise_taps
from models.mulaw import compress
from models.spectral import with_context

NOTE_START_SHARE = 0.15  # of the crops begin with the note
HEARD_DB = 10.0  # frames this far above the floor are worth learning
BLANK_SHARE, PATCHY_SHARE = 0.25, 0.35  # of the crops have no past, or one with holes
NOISE = 0.05  # greatest standard deviation added to the companded past
TAUGHT_SHARE = 0.5  # of the crops are driven at the recorded levels, so that the network follows them in playing
PITCH_REACH = 18  # semitones to the note whose spectrum makes the embedding


@dataclass(frozen=True)
class Frames:
    """Single frames of many notes: far cheaper than crops, so that the embedding sees far more of them.

    spectra : float32 (frames, features) of a note of another pitch
    log_levels : float32 (frames, harmonics + noise), of the note itself, see models.analysis.note
    audible : float32 (frames, harmonics + noise), 1 below the limit
    f0_hz : float32 (frames,)
    """

    spectra: torch.Tensor
    log_levels: torch.Tensor
    audible: torch.Tensor
    f0_hz: torch.Tensor


@dataclass(frozen=True)
class Batch:
    """One batch of crops, all tensors.

    signal : float32 (batch, time, inputs), the past as the network hears it, and its known flag
    target : float32 (batch, time), companded
    phases : float32 (batch, time, harmonics)
    noise : float32 (batch, time, noise), what lies between the harmonics, in bands, at unit level; or white noise
    spectra : float32 (batch, frames, features) of a note of another pitch
    weights : float32 (batch, ticks, frames), interpolation of frames to ticks
    f0_hz : float32 (batch,)
    log_levels : float32 (batch, ticks, harmonics + noise), of the crop itself
    taught : bool (batch,), crops whose excitation has these levels, not those that the embedding wants
    begins : bool (batch,), crops that begin with their note
    frames : Frames, for the loss on the levels of harmonics and noise
    """

    signal: torch.Tensor
    target: torch.Tensor
    phases: torch.Tensor
    noise: torch.Tensor
    spectra: torch.Tensor
    weights: torch.Tensor
    f0_hz: torch.Tensor
    log_levels: torch.Tensor
    taught: torch.Tensor
    begins: torch.Tensor
    frames: Frames


class Crops:
    """Draws batches from notes. All analysis happens once, at construction.

    notes : the training notes; config : with harmonics, mixture and loudness
    progress : wraps the list of notes, to draw a bar
    """

    def __init__(self, notes: Notes, config: WaveNetConfig, progress=iter):
        self.notes, self.config = notes, config
        self.samples = notes.audio.shape[1] // config.hop * config.hop
        self.centres = frame_centres(config, self.samples)
        self.bands = torch.from_numpy(noise_bands(config).astype(np.float32)) if config.noise else None
        self.filters = torch.from_numpy(noise_filters(config).astype(np.float32)) if config.noise else None
        self.analyses: list[Analysis] = self._analysed(progress)
        self.spectra = torch.stack([analysis.spectra for analysis in self.analyses])
        self.loudness_db = np.stack([analysis.loudness_db for analysis in self.analyses])
        self.log_levels = torch.from_numpy(np.stack([analysis.log_levels for analysis in self.analyses]))
        self.heard = np.argwhere(self.loudness_db > FLOOR_DB + HEARD_DB)
        partners = [self._find_partners(note) for note in range(len(notes.audio))]
        self.partner_counts = np.array([len(found) for found in partners])
        self.partners = np.concatenate(partners)
        self.first_partners = np.cumsum(self.partner_counts) - self.partner_counts

    def _analysed(self, progress):
        """One Analysis a note, made on all cores: the transforms do not hold Python's lock."""
        notes = self.notes

        def analysed(note):
            return analyse_note(self.config, notes.sound(note)[: self.samples], notes.f0_hz[note])

        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            return [note.result() for note in progress([pool.submit(analysed, n) for n in range(len(notes.audio))])]
        finally:
            pool.shutdown(cancel_futures=True)

    def _find_partners(self, note):
        """Notes of the same instrument and velocity, at most PITCH_REACH semitones away."""
        notes = self.notes
        same = (notes.instrument == notes.instrument[note]) & (notes.velocity == notes.velocity[note])
        return np.flatnonzero(same & (np.abs(notes.pitch - notes.pitch[note]) <= PITCH_REACH))

    def _draw_partners(self, chosen, rng):
        """One partner for each note. int (n,) -> int (n,)."""
        return self.partners[self.first_partners[chosen] + rng.integers(0, self.partner_counts[chosen])]

    def draw(self, batch, time, frame_count, rng, white=False):
        """A Batch of `batch` crops of `time` samples, and of single frames.

        rng : numpy Generator; white : the noise is that of playing, not the recording's
        """
        config, tick = self.config, self.config.tick
        chosen, frame = self.heard[rng.integers(0, len(self.heard), batch)].T
        starts = frame * config.hop // tick * tick * (rng.random(batch) > NOTE_START_SHARE)
        starts = np.minimum(starts, (self.samples - time) // tick * tick)
        companded = np.stack([self._companded(n, s, time) for n, s in zip(chosen, starts, strict=True)])
        frames = time // config.hop + 3
        first = np.clip(starts // config.hop - 1, 0, len(self.centres) - frames)
        partner = self._draw_partners(chosen, rng)
        f0_hz = self.notes.f0_hz[chosen]
        phases = [
            absolute_phases(note.angles, note.partials, config.harmonics, np.arange(s, s + time), config.rate)
            for note, s in zip((self.analyses[n] for n in chosen), starts, strict=True)
        ]
        spectra = torch.stack([self.spectra[p, f : f + frames] for p, f in zip(partner, first, strict=True)])
        log_levels = torch.stack([self.log_levels[n, f : f + frames] for n, f in zip(chosen, first, strict=True)])
        weights = torch.from_numpy(self._frame_weights(starts, first, frames, time))
        return Batch(
            signal=torch.from_numpy(self._signal(companded[:, :-1], rng)),
            target=torch.from_numpy(companded[:, 1:]),
            phases=torch.from_numpy(np.stack(phases)),
            noise=self._white(batch, time, rng) if white else self._noise(chosen, starts, time),
            spectra=with_context(spectra),
            weights=weights,
            f0_hz=torch.from_numpy(f0_hz.astype(np.float32)),
            log_levels=weights @ log_levels,
            taught=torch.from_numpy(rng.random(batch) < TAUGHT_SHARE),
            begins=torch.from_numpy(starts == 0),
            frames=self.draw_frames(frame_count, rng),
        )

    def draw_frames(self, count, rng):
        """Frames of `count` notes; rng : numpy Generator."""
        chosen, frame = self.heard[rng.integers(0, len(self.heard), count)].T
        partner = self._draw_partners(chosen, rng)
        f0_hz = torch.from_numpy(self.notes.f0_hz[chosen].astype(np.float32))
        around = np.clip(frame[:, None] + np.arange(-1, 2), 0, len(self.centres) - 1)
        k = torch.arange(1, self.config.harmonics + 1)
        audible = (k * f0_hz[:, None] < self.config.harmonic_limit_hz).float()
        return Frames(
            spectra=with_context(self.spectra[partner[:, None], around])[:, 1],
            log_levels=self.log_levels[chosen, frame],
            audible=torch.cat([audible, torch.ones(count, self.config.noise)], 1),
            f0_hz=f0_hz,
        )

    def _signal(self, past, rng):
        """float32 (batch, time, inputs): the past with noise and holes. past : (batch, time), companded"""
        if not self.config.feedback:
            return np.zeros((*past.shape, 0), np.float32)
        known = np.stack([_known(past.shape[1], rng) for _ in past])
        noise = rng.standard_normal(past.shape, np.float32) * np.float32(NOISE) * rng.random((len(past), 1), np.float32)
        return np.stack([(past + noise) * known, known], -1)

    def _companded(self, note, start, time):
        """float32 (time + 1,): sample start - 1 (0 before the note) to start + time - 1, at the reference level."""
        index = np.arange(start - 1, start + time)
        audio = self.analyses[note].audio[np.maximum(index, 0)] * (index >= 0)
        loudness_db = np.interp(index, self.centres, self.loudness_db[note])
        return compress(np.clip(audio * 10 ** (-loudness_db / 20), -1.0, 1.0))

    def _white(self, batch, time, rng):
        """float32 (batch, time, noise): white noise in bands of unit level, as excitation.py makes it."""
        if self.bands is None:
            return torch.zeros(batch, time, 0)
        white = torch.from_numpy(rng.standard_normal((batch, 1, time + noise_taps(self.config) - 1), np.float32))
        return torch.nn.functional.conv1d(white, self.filters[:, None]).transpose(1, 2)

    def _noise(self, chosen, starts, time):
        """float32 (batch, time, noise): bands of the remainders, divided by the level that each band has there."""
        if self.bands is None:
            return torch.zeros(len(chosen), time, 0)
        half = noise_taps(self.config) // 2
        index = starts[:, None] + np.arange(-half, time + half)
        inside = (index >= 0) & (index < self.samples)
        index = np.clip(index, 0, self.samples - 1)
        rows = [self.analyses[n].remainder[row] for n, row in zip(chosen, index, strict=True)]
        parts = torch.from_numpy(np.stack(rows).astype(np.float32) * inside)
        bands = torch.nn.functional.conv1d(parts[:, None], self.bands[:, None].flip(-1)).transpose(1, 2)
        place = torch.from_numpy((starts[:, None] + np.arange(time)) / self.config.hop - 0.5)
        place = place.clamp(0, len(self.centres) - 1.001)
        frame, share = place.long(), (place - place.floor()).float()[..., None]
        levels = torch.stack([torch.from_numpy(self.analyses[n].log_remainder) for n in chosen])
        batch = torch.arange(len(chosen))[:, None]
        return bands * torch.exp(-torch.lerp(levels[batch, frame], levels[batch, frame + 1], share))

    def _frame_weights(self, starts, first, frames, time):
        """float32 (batch, ticks, frames): straight lines between the centres of the frames, flat outside."""
        tick = self.config.tick
        middles = (starts[:, None] + (np.arange(time // tick) + 0.5) * tick) / self.config.hop - 0.5
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

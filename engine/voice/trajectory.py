"""Embeddings over time: for every voice, where it stands in each corner's frames, and the latents that result.

A held note runs through the attack frames, then to and fro inside the sustain loop; a released one runs from the
release frame to the end, or, where no release was recorded, on through the loop, fading. Its way is one number, the
frames travelled, and each corner folds it into its own loop: so the pad and the preset may change under a sounding
note, and every corner keeps its own length. What fades by itself fades faster beyond its highest stored pitch, and
slower below its lowest. Where the way itself jumps, to the release or into another preset, the sound is left behind and
catches up; attacks are as sharp as they were encoded.

With life the loop turns elsewhere every time, and elsewhere in each corner and each note: nothing comes back as it was
for many seconds, layers drift apart, and no two notes of a key are the same. The farther a stroke lies beyond the
velocities that were stored, the brighter or duller it is.
"""

import math

import numpy as np
from numba import njit

from common.smoothing import remaining
from engine.parameters import Param
from engine.telemetry import Standing
from engine.voice.noise import drawn
from engine.voice.places import Places, clear, lag, make_places, put
from engine.voice.sound import Sound
from models.config import Playable, told_pitch

CATCH_UP_MS = 8.0  # preset changes and the jump to the release frame reach the sound with this time constant
_DENORMAL = 1e-20  # what is left behind is zero below it
_MIN_LEVEL_DB = -120.0  # keeps decayed notes away from denormals
DAMPING_DB_PER_S = 30.0  # a released sound fades at least so fast where no release was recorded
_SILENT_DB = -100.0  # a released note is over below it
KEY_TRACKING = 0.27  # octaves of tempo per octave: how decays go with the key, over 27 instruments of FluidR3_GM
_AUDIBLE_WEIGHT = 1e-3  # a corner below it does not keep a released note alive
TURNS = 16  # of a loop with life, until they come back: some 15 s of a loop of 1.6 s
TURNING = 0.4  # share of the loop, at both of its ends, in which it turns with a life of 1
_NEPERS = math.log(10) / 20  # of a dB
_VELOCITIES = 126.0  # steps from the softest stroke to the hardest

VOICE = np.dtype(
    [
        ("pitch", np.float64),  # MIDI number, as it reads the pitch axis
        ("velocity", np.float64),
        ("start", np.float64),  # share of the held part that is skipped
        ("travelled", np.float64),  # frames since note-on, or since release
        ("held", np.float64),  # frames from note-on to release
        ("elapsed", np.int64),  # samples rendered since the last advance
        ("held_db", np.float64),  # level while held, then the level at note-off
        ("source", np.float64),  # MIDI note that the latents hold
        ("source_behind", np.float64),  # what a jump left of it
        ("life", np.float64),
        ("chance", np.uint64),  # the stream of its random numbers
        ("corner", np.int64),  # that weighs most, and where in it the voice stands
        ("frame", np.float64),
        ("fresh", np.bool_),
        ("jumped", np.bool_),
        ("released", np.bool_),
        ("over", np.bool_),  # the last frame or silence was reached
    ],
    align=True,
)


class Trajectories:
    """The latents of all voices, renewed once a tick.

    latents : float32 (slots, mixed), what the decoder is to be given
    sources : float64 (slots,), the MIDI notes that they hold where the network is not told the pitch
    over : bool (slots,), released voices that reached their last frame or silence
    """

    def __init__(self, config: Playable, slots: int):
        self.latents = np.zeros((slots, config.mixed), np.float32)
        self._voices = np.zeros(slots, VOICE)
        self.sources = self._voices["source"]
        self.over = self._voices["over"]
        self._behind = np.zeros((slots, config.latent))  # what a jump left: latents less what they are to be
        self._target = np.zeros(config.latent)
        self._reference = np.zeros(config.latent)
        self._places = make_places(config)
        self._loudness = config.loudness
        octaves = np.log2(np.arange(1, config.harmonics + 1))
        self._octaves = np.zeros(config.latent)  # what a dB an octave adds to each channel, a natural logarithm
        self._octaves[config.detail][: config.harmonics] = _NEPERS * octaves[: config.detail.stop - config.detail.start]
        self._vibrato = config.deviation if config.motion else -1  # channel
        self._repitched = not told_pitch(config)
        self._frames_per_sample = 1.0 / config.hop
        self._damping_db = -DAMPING_DB_PER_S * config.hop / config.rate  # a frame
        self._middle = 0.5 * config.tick / config.hop  # frames from a tick's start to the moment that it stands for
        self._keep = remaining(CATCH_UP_MS, config.rate / config.tick)

    def start(self, slot: int, pitch: float, velocity: int, start: float, life: float = 0.0, chance: int = 0) -> None:
        """A note begins; its latents come with the next `advance`, at once.

        start : share of the held part skipped; life : see the module, 0..1; chance : what it draws from, `noise.stream`
        """
        self._voices[slot] = np.zeros((), VOICE)
        voice = self._voices[slot]
        voice["pitch"], voice["velocity"], voice["start"] = pitch, velocity, start
        voice["life"], voice["chance"], voice["fresh"] = life, chance, True

    def move(self, slot: int, pitch: float) -> None:
        """The voice goes on where it is in time, as another key of the sound; what it leaves behind fades."""
        self._voices[slot]["pitch"], self._voices[slot]["jumped"] = pitch, True

    def release(self, slot: int) -> None:
        """The voice moves on from the release frame with the next `advance`."""
        voice = self._voices[slot]
        voice["held"] = voice["travelled"] + voice["elapsed"] * self._frames_per_sample
        voice["released"], voice["travelled"], voice["elapsed"], voice["jumped"] = True, 0.0, 0, True

    def standing(self, slot: int) -> Standing:
        """Where a voice stands, for the window."""
        voice = self._voices[slot]
        corner, frame, pitch, velocity = (voice[name].item() for name in ("corner", "frame", "pitch", "velocity"))
        return Standing(corner, frame, pitch, velocity)

    def jump(self, slots: np.ndarray) -> None:
        """The next `advance` has another sound for these voices: they move over to it."""
        self._voices["jumped"][slots] = True

    def advance(self, slots: np.ndarray, sound: Sound, weights: np.ndarray, parameters: np.ndarray) -> None:
        """Move these voices on by the samples that they have sounded since the last time, and renew their latents.

        slots : int64 (n,); weights : float64 (slots, points), how much of each corner a slot's voice has
        parameters : float64, rows of the parameter table
        """
        speed = parameters[Param.SPEED]
        _advance(
            slots, self._voices, self.latents, sound.latents, sound.corners, sound.pitches, sound.velocities,
            sound.sources, weights, speed * self._frames_per_sample, self._middle, self._keep, self._damping_db,
            self._loudness, self._vibrato, self._repitched, parameters[Param.LOW_KEY_DB], parameters[Param.BRIGHTNESS],
            self._octaves, *self._places, self._target, self._reference, self._behind,
        )  # fmt: skip

    def sounded(self, slots: np.ndarray, samples: int) -> None:
        """These voices have rendered so many samples more."""
        self._voices["elapsed"][slots] += samples


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(
    slots, voices, latents, stored, corners, pitches, velocities, sources, weights,
    frames_per_sample, middle, keep, damping_db, loudness, vibrato, repitched, low_key_db, brightness, octaves,
    free, partials, channels, asked, standing, before,
    target, reference, behind,
):  # fmt: skip
    # A tuple handed over as one is garbage at every call.
    places = Places(free, partials, channels, asked, standing, before)
    for slot in slots:
        voice = voices[slot]
        voice.travelled += voice.elapsed * frames_per_sample
        voice.elapsed = 0
        travelled = voice.travelled + middle
        target[:] = 0.0
        reference[:] = 0.0
        clear(places, latents[slot])
        fall_db = low_db = tilt_db = source = heaviest = 0.0
        over = voice.released
        for c in range(corners.size):
            weight = weights[slot, c]
            if weight == 0.0:
                continue
            corner = corners[c]
            if repitched:
                row = sources[c, int(min(max(voice.pitch + 0.5, 0.0), 127.0))]
                pitch = row, row, 0.0
                source += weight * pitches[c, row]
            else:
                pitch = _bracket(pitches[c], corner.pitches, voice.pitch)
            velocity = _bracket(velocities[c], corner.velocities, voice.velocity)
            speed = _speed(corner, pitches[c], voice.pitch)
            low_db += weight * low_key_db * max(pitches[c, 0] - voice.pitch, 0.0) / 12.0
            tilt_db += weight * brightness * (voice.velocity - _middle(velocities[c], corner.velocities)) / _VELOCITIES
            if voice.released and corner.release < corner.frames - 1.0:
                frame = min(corner.release + speed * travelled, corner.frames - 1.0)
                over = over and (frame == corner.frames - 1.0 or weight < _AUDIBLE_WEIGHT)
                _add(reference, stored, corner, corner.release, pitch, velocity, weight, vibrato)
            else:
                way = _way(corner, voice.start, speed * (voice.held + travelled))
                frame = _looped(way, corner, voice, c)
                corner_fall_db = _fall_db(corner, way) - _fall_db(corner, _way(corner, voice.start, 0.0))
                if voice.released:
                    over = over and weight < _AUDIBLE_WEIGHT
                    left_way = _way(corner, voice.start, speed * voice.held)
                    corner_fall_db = min(_fall_db(corner, way) - _fall_db(corner, left_way), damping_db * travelled)
                    left = _looped(left_way, corner, voice, c)
                    _add(reference, stored, corner, left, pitch, velocity, weight, vibrato)
                fall_db += weight * corner_fall_db
            if weight > heaviest:
                heaviest, voice.corner, voice.frame = weight, c, frame
            _add(target, stored, corner, frame, pitch, velocity, weight, vibrato)
            put(places, latents[slot], c, weight, stored, _nearest(corner, frame, pitch, velocity), target)
        if tilt_db != 0.0:
            target += tilt_db * octaves
        if loudness:
            target[-1] += fall_db
            if voice.released:
                target[-1] += voice.held_db - reference[-1]
                over = over or target[-1] < _SILENT_DB
            else:
                target[-1] += low_db
                voice.held_db = target[-1]
            target[-1] = max(target[-1], _MIN_LEVEL_DB)
        voice.over = over
        _catch_up(latents[slot], target, behind[slot], source, voice, keep, places)


@njit(cache=True, nogil=True)
def _catch_up(latents, target, behind, source, voice, keep, places):
    """A voice has the target, and for a while what a jump left behind; a fresh one has the target at once.

    So has the note that the latents hold: while they move from one to another, what is heard keeps its pitch. Free
    partials stand in their places already.
    """
    if voice.fresh:
        voice.source_behind = 0.0
    elif voice.jumped:
        voice.source_behind = voice.source - source
    voice.source_behind *= keep
    if abs(voice.source_behind) < _DENORMAL:
        voice.source_behind = 0.0
    voice.source = source + voice.source_behind
    for k in range(target.size):
        if places.start <= k < places.start + 2 * places.partials:
            continue
        if voice.fresh:
            behind[k] = 0.0
        elif voice.jumped:
            behind[k] = latents[k] - target[k]
        behind[k] *= keep
        if abs(behind[k]) < _DENORMAL:
            behind[k] = 0.0
        latents[k] = target[k] + behind[k]
    lag(places, latents, behind)
    voice.fresh = voice.jumped = False


@njit(cache=True, nogil=True)
def _way(corner, start, frames):
    """Frames since the first one's centre, which lies half a hop after the start; until then the first frame holds."""
    return max(min(start * corner.release, corner.loop_end) + frames - 0.5, 0.0)


@njit(cache=True, nogil=True)
def _fall_db(corner, way):
    """By how much a held sound has faded by itself, in dB: from the start of its loop on, 0 or negative."""
    return corner.fall_db * max(way - corner.loop_start, 0.0)


@njit(cache=True, nogil=True)
def _speed(corner, axis, pitch):
    """How fast a note goes through the frames: 1, unless the sound fades and the key lies beyond its stored pitches."""
    if corner.fall_db == 0.0:
        return 1.0
    return 2.0 ** (KEY_TRACKING * _beyond(axis, corner.pitches, pitch) / 12.0)


@njit(cache=True, nogil=True)
def _beyond(axis, count, value):
    """How far a value lies outside an ascending axis: 0 within, negative below it."""
    return value - min(max(value, axis[0]), axis[count - 1])


@njit(cache=True, nogil=True)
def _middle(axis, count):
    """Of what an ascending axis spans."""
    return 0.5 * (axis[0] + axis[count - 1])


@njit(cache=True, nogil=True)
def _looped(way, corner, voice, c):
    """Frame of a held note of corner c."""
    if voice.life == 0.0:
        return _fold(way, corner.loop_start, corner.loop_end)
    return _wandered(way, corner.loop_start, corner.loop_end, TURNING * voice.life, voice.chance, c * TURNS)


@njit(cache=True, nogil=True)
def _fold(way, first, last):
    """Ping-pong: forward to `last`, then to and fro between `first` and `last`."""
    if way <= last:
        return way
    length = last - first
    if length == 0.0:
        return last
    past = (way - last) % (2.0 * length)
    return last - past if past <= length else first + (past - length)


@njit(cache=True, nogil=True)
def _wandered(way, first, last, share, chance, begin):
    """To and fro as `_fold`, but from one drawn turn to the next; after TURNS of them over again.

    share : of the loop at its ends, in which turns are drawn; begin : number of the first turn in the stream
    """
    turn = _turn(0, first, last, share, chance, begin)
    past = way - turn
    if past <= 0.0:
        return way
    length = 0.0
    for number in range(TURNS):
        after = _turn(number + 1, first, last, share, chance, begin)
        length += abs(after - turn)
        turn = after
    past = past % length if length > 0.0 else 0.0
    for number in range(TURNS):
        after = _turn(number + 1, first, last, share, chance, begin)
        if past <= abs(after - turn):
            return turn + past if after > turn else turn - past
        past -= abs(after - turn)
        turn = after
    return turn


@njit(cache=True, nogil=True)
def _turn(number, first, last, share, chance, begin):
    """Frame at which a loop turns: the even ones near its end, the odd ones near its start."""
    number %= TURNS
    reach = share * (last - first) * drawn(chance, begin + number)
    return last - reach if number % 2 == 0 else first + reach


@njit(cache=True, nogil=True)
def _bracket(axis, count, value):
    """Neighbours of a value on an ascending axis, clamped to its ends: (lower row, upper row, share of the upper)."""
    upper = 0
    while upper < count and axis[upper] < value:
        upper += 1
    if upper == 0:
        return 0, 0, 0.0
    if upper == count:
        return count - 1, count - 1, 0.0
    return upper - 1, upper, (value - axis[upper - 1]) / (axis[upper] - axis[upper - 1])


@njit(cache=True, nogil=True)
def _add(target, stored, corner, frame, pitch, velocity, weight, vibrato):
    """target += weight * the corner's latents at this frame, straight lines over frames, pitches and velocities.

    The vibrato is the nearest note's: two that do not swing together would cancel each other in between.
    """
    first = int(frame)
    share = frame - first
    for pitch_row, pitch_weight, nearer_pitch in _sides(pitch):
        for velocity_row, velocity_weight, nearer_velocity in _sides(velocity):
            row = corner.offset + (pitch_row * corner.velocities + velocity_row) * corner.frames + first
            among, alone = weight * pitch_weight * velocity_weight, weight * nearer_pitch * nearer_velocity
            _add_row(target, stored, row, among * (1.0 - share), alone * (1.0 - share), vibrato)
            _add_row(target, stored, row + 1, among * share, alone * share, vibrato)


@njit(cache=True, nogil=True)
def _nearest(corner, frame, pitch, velocity):
    """Row of the note and the frame that are nearest."""
    pitch_row = pitch[1] if pitch[2] >= 0.5 else pitch[0]
    velocity_row = velocity[1] if velocity[2] >= 0.5 else velocity[0]
    return corner.offset + (pitch_row * corner.velocities + velocity_row) * corner.frames + int(frame + 0.5)


@njit(cache=True, nogil=True)
def _sides(bracket):
    """((lower row, its weight, 1 where it is the nearer one), the same of the upper row)."""
    lower, upper, share = bracket
    nearer = 1.0 if share >= 0.5 else 0.0
    return (lower, 1.0 - share, 1.0 - nearer), (upper, share, nearer)


@njit(cache=True, nogil=True)
def _add_row(target, stored, row, among, alone, vibrato):
    if among != 0.0 or alone != 0.0:  # also keeps the row after the last frame from being read
        for k in range(target.size):
            target[k] += (alone if k == vibrato else among) * stored[row, k]

"""Impulse responses of simulated rooms: first reflections, then a tail that dies away.

The first reflections are the mirror images of the talker in the walls of a box-shaped
room; after them comes noise, as strong as a diffuse sound field is at this distance.
Lengths are in metres, responses begin with the direct sound, whose strength is 1.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

SOUND_M_S = 343.0
SMALLEST_M, LARGEST_M = (2.5, 2.5, 2.3), (7.0, 5.0, 3.2)  # length, width, height
WALL_M = 0.3  # nobody sits in the wall
EARLY_S = 0.02  # all mirror images that come so soon are among those of `_images`


class Room(NamedTuple):
    """Where somebody speaks into a microphone.

    Attributes
    ----------
    size_m, talker_m, microphone_m : ndarray, (3,)
        Length, width and height of the room, and the two places in it.
    t60_s : float
        Time for the sound to fall by 60 dB.
    """

    size_m: np.ndarray
    talker_m: np.ndarray
    microphone_m: np.ndarray
    t60_s: float

    @property
    def distance_m(self):
        """Distance of the talker from the microphone."""
        return float(np.linalg.norm(self.talker_m - self.microphone_m))


def draw_room(t60_s, distance_m, rng):
    """Draw the size of a room and two places in it.

    Parameters
    ----------
    t60_s : float
        Reverberation time.
    distance_m : float
        Distance of the talker from the microphone; less if a wall is in the way.
    rng : np.random.Generator
        Source of the draw.

    Returns
    -------
    room : Room
        Never with the two in one place.
    """
    size = rng.uniform(SMALLEST_M, LARGEST_M)
    microphone = rng.uniform(WALL_M, size - WALL_M)
    step = rng.normal(size=3)
    step *= distance_m / np.linalg.norm(step)
    # Towards the middle, so that a wall seldom is in the way.
    step = np.copysign(step, size / 2 - microphone)
    talker = np.clip(microphone + step, WALL_M, size - WALL_M)
    return Room(size, talker, microphone, t60_s)


def room_response(room, sample_rate, rng):
    """Compute how a room answers to an impulse.

    Parameters
    ----------
    room : Room
        As from `draw_room`.
    sample_rate : int
        Hz.
    rng : np.random.Generator
        Draws the tail.

    Returns
    -------
    response : ndarray, (n_samples,)
        As long as the reverberation time; its first sample, 1, is the direct sound.

    References
    ----------
    Allen and Berkley (1979). Image method for efficiently simulating small-room
    acoustics. J. Acoust. Soc. Am. doi:10.1121/1.382599
    """
    n_samples = 1 + round(max(room.t60_s, EARLY_S) * sample_rate)
    time_s = np.arange(n_samples) / sample_rate
    decay = 10 ** (-3 * time_s / room.t60_s)
    # Direct and diffuse sound are equally strong at the critical distance.
    critical_m = 0.057 * np.sqrt(room.size_m.prod() / room.t60_s)
    response = decay * rng.normal(size=len(decay)) / np.linalg.norm(decay)
    response *= room.distance_m / critical_m
    response[time_s < EARLY_S] = 0
    delays_s, gains = _images(room)
    np.add.at(response, np.round(delays_s * sample_rate).astype(int), gains)
    return response


def _images(room):
    """Return delay and strength of early images, against those of the direct sound."""
    length, width, height = room.size_m
    surface = 2 * (length * width + length * height + width * height)
    # Eyring: what the walls absorb follows from the reverberation time.
    reflected = np.exp(-0.161 * room.size_m.prod() / (surface * room.t60_s))
    n, q = (part.reshape(-1, 1) for part in np.mgrid[-1:2, 0:2])
    places = (1 - 2 * q) * room.talker_m + 2 * n * room.size_m  # (6, 3)
    squares = (places - room.microphone_m) ** 2
    distances = np.sqrt(reduce(np.add.outer, squares.T))  # (6, 6, 6)
    n_walls = reduce(np.add.outer, [np.abs(2 * n - q).ravel()] * 3)
    delays_s = (distances - room.distance_m) / SOUND_M_S
    gains = reflected ** (n_walls / 2) * room.distance_m / distances
    early = delays_s < EARLY_S
    return delays_s[early], gains[early]

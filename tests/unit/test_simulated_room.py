"""Measurements of simulated rooms."""

import numpy as np
import pytest

from data_prep.simulated_room import EARLY_S, SOUND_M_S, Room, draw_room, room_response

RATE = 11025
HALL = Room(
    np.array([6.0, 4, 3]), np.array([2.0, 2, 1.5]), np.array([3.0, 2, 1.5]), 0.4
)


def test_talker_and_microphone_are_inside_and_as_far_apart_as_asked_for(rng):
    rooms = [draw_room(0.3, 0.5, rng) for _ in range(100)]
    for room in rooms:
        for place in (room.talker_m, room.microphone_m):
            assert (place > 0.2).all() and (place < room.size_m - 0.2).all()
    distances = [room.distance_m for room in rooms]
    assert np.median(distances) == pytest.approx(0.5)
    assert 0.1 < min(distances) <= max(distances) < 0.501


def test_direct_sound_comes_first_with_a_strength_of_1(rng):
    response = room_response(HALL, RATE, rng)
    assert response[0] == pytest.approx(1)
    assert np.argmax(np.abs(response)) == 0


def test_the_first_reflection_comes_when_geometry_says(rng):
    # Floor and ceiling, 1.5 m away, and the walls, 2 m away: the straight way is 1 m,
    # by the floor or the ceiling it is the hypotenuse of 1 m and 3 m.
    response = room_response(HALL, RATE, rng)
    first = np.flatnonzero(response)[1]
    assert first == round((np.hypot(1, 3) - 1) / SOUND_M_S * RATE)
    # Eyring: 72 m^3, 108 m^2, of the energy exp(-0.161 V / (S T)) is left by each.
    left = np.exp(-0.161 * 72 / (108 * 0.4)) ** 0.5
    assert response[first] == pytest.approx(2 * left / np.hypot(1, 3))


def test_late_sound_falls_by_60_db_in_t60():
    responses = [room_response(HALL, RATE, np.random.default_rng(i)) for i in range(50)]
    late = np.array(responses)[:, round(EARLY_S * RATE) + 1 :]
    frames = late[:, : late.shape[1] // 100 * 100].reshape(50, -1, 100)
    db = 10 * np.log10((frames**2).mean(axis=(0, 2)))
    slope = np.polyfit(np.arange(len(db)) * 100 / RATE, db, 1)[0]
    assert slope * HALL.t60_s == pytest.approx(-60, abs=1.5)


def test_farther_away_there_is_more_room_in_the_sound():
    def reverberant_energy(distance_m):
        microphone = HALL.talker_m + [distance_m, 0, 0]
        room = HALL._replace(microphone_m=microphone)
        response = room_response(room, RATE, np.random.default_rng(0))
        return (response[1:] ** 2).sum()

    near, far = reverberant_energy(0.2), reverberant_energy(1.6)
    assert 10 * np.log10(far / near) == pytest.approx(20 * np.log10(8), abs=3)


def test_a_room_without_echo_has_its_first_reflections_all_the_same(rng):
    for _ in range(20):
        room = draw_room(0.001, 0.5, rng)
        assert room_response(room, RATE, rng).shape == (1 + round(EARLY_S * RATE),)

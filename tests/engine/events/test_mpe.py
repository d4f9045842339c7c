"""The zones of MPE: laid, moved, and off again (specification 1.1, section 2)."""

import pytest

from engine.events.mpe import Zones


def members(zones, master):
    return [channel % 16 for channel in zones.of(master)]


@pytest.fixture
def zones():
    return Zones()


def test_a_lower_and_an_upper_zone(zones):
    assert zones.configure(0, 5) == [1, 2, 3, 4, 5]
    assert zones.configure(15, 3) == [12, 13, 14]
    assert (members(zones, 0), members(zones, 15)) == ([1, 2, 3, 4, 5], [12, 13, 14])


@pytest.mark.parametrize(
    ("first", "then", "left"), [((0, 10), (15, 8), 6), ((15, 14), (0, 14), 0), ((0, 15), (15, 1), 13)]
)
def test_a_zone_that_grows_shrinks_the_other(zones, first, then, left):
    zones.configure(*first)
    zones.configure(*then)
    assert (len(zones.of(first[0])), len(zones.of(then[0]))) == (left, then[1])


def test_fifteen_members_take_the_other_master(zones):
    zones.configure(15, 15)
    assert members(zones, 15) == list(range(15))
    assert not zones.of(0)


def test_no_members_is_off_and_the_other_zone_stays(zones):
    zones.configure(0, 4)
    zones.configure(15, 4)
    assert zones.configure(0, 0) == [1, 2, 3, 4]
    assert (zones.sizes(0), members(zones, 15)) == ((0, 4), [11, 12, 13, 14])


def test_only_masters_can_ask(zones):
    assert zones.configure(3, 5) == []
    assert not zones.members.any()


def test_ports_are_apart(zones):
    zones.configure(16, 2)
    assert zones.of(16) == [17, 18]
    assert not zones.of(0)


def test_always_on_and_always_off(zones):
    assert zones.set_mode(0, "on") == list(range(1, 16))
    assert zones.configure(0, 0) == []
    assert zones.set_mode(0, "off") == list(range(1, 16))
    assert zones.configure(0, 7) == []
    zones.set_mode(1, "on")
    zones.reset()
    assert (zones.of(0), len(zones.of(16))) == ([], 15)

"""Chance that is the same every time: whole numbers that look drawn, made of two others."""

from numba import njit


@njit(cache=True, nogil=True)
def drawn(count, other):
    """0 to 2**32 - 1, another for every pair: the finaliser of MurmurHash3 over both."""
    bits = (count * 0x9E3779B1 + other * 0x85EBCA77 + 0x27D4EB2F) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return bits ^ (bits >> 16)

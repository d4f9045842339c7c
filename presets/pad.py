"""The pad: a square with a sound at every corner, and how much of each sounds at a point in it."""

CORNERS = 4
POINTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))  # (x, y) of the corners, y upwards
PLACES = ("bottom left", "bottom right", "top left", "top right")  # the same in words


def corner_weights(x, y):
    """Bilinear weights of the corners, in the order of POINTS: four numbers that sum to 1.

    x, y : 0..1, floats or arrays of one shape; the weights are of the same kind
    """
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y

"""Bars for long work, on a terminal only."""

from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def share_bar(label):
    """A function that draws a bar from the share done, 0 to 1, on a terminal only."""
    with tqdm(desc=label, total=1.0, disable=None, leave=False, bar_format="{desc} {percentage:3.0f} %|{bar}|") as bar:
        yield lambda share: bar.update(share - bar.n)


def item_bar(label):
    """A wrapper of an iterable that draws a bar, on a terminal only."""
    return lambda items: tqdm(items, desc=label, disable=None, leave=False)

"""The tab that shows what sounds: sight.py holds rainbow.py (its spectrum, scrolling) and curves.py (its embedding)."""

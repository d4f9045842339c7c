"""The tables of Engel et al. 2017: arrays in, findings out; starts no process.

labelled.py (notes with pitch and qualities; qualities.py measures what nobody has labelled)
    -> table1.py: a classifier of pitch and qualities, asked about recordings and about what the models make of them
    -> table2.py: how well a linear classifier reads the pitch from Z
statistics.py: intervals of confidence
"""

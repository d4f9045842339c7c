"""The paper's results, made again: what the commands `paper` print, beside the paper's figures.

tables.py   which weights there are -> models.evaluation.tables -> tables 1 and 2
"""

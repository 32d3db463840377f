"""Project files: OpenRaster archives that other painting programs open, with all that only this program knows inside.

`writing` makes one, `reading` opens one; `archive` is the zip, `stack` its list of layers, `own` our folder in it.
"""

"""`make screenshots`: the window in each of its main states, in both themes and both languages, with real pictures.

One window goes through all states; at each, its theme and language are changed while it stands still. Knows nothing of
how a state looks: it is reached as a person would reach it.
"""

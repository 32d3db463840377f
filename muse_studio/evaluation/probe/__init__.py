"""Small classifiers that say what a picture shows: concept, style, count and background.

They learn from real drawings alone and judge generated pictures; what they score on real drawings is the ceiling.
"""

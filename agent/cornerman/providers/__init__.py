"""Speech, models and accounts from outside: from settings to objects the rest of the house can use.

Imports nothing by itself: the offline recogniser's own process lives below this package and must stay small.
"""

"""Cornerman: a silent sales coach in a LiveKit call."""

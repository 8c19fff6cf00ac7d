"""The least that a playbook.yaml must say, for tests that write a playbook of their own round it."""

from __future__ import annotations

PLAYBOOK = """\
name: small
company: Clearwater
language: en
stages:
  opening: [Agree on how the call should end together]
  discovery: [Ask what happens if nothing changes at all]
  presentation: [Show the one thing they asked for first]
  negotiation: [Ask for something with every single concession made]
  closing: [Agree on one next step and a date]
"""

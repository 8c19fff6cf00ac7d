"""Who is in the demo's calls, and whom they talk about."""

from __future__ import annotations

REP, PROSPECT, WITNESS, GUEST = "rep", "prospect", "witness", "guest"
"""Identities. The witness sits in the call in the terminal, the guest looks on at the page's recorded one."""
NAMES = {REP: "Maya", PROSPECT: "Tom", WITNESS: "Ines", GUEST: "Ines"}
COMPANY = "Harbor Foods"

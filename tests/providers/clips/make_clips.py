"""Makes the clips beside it, with the words' true times where the synthesiser tells them.

Needs flite, festival with `cmu_us_slt_arctic_hts`, and sox; the tests need none of them. Run it as a script, without
arguments. flite prints when each of its phones ends; a word has as many phones in a sentence as alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

FLITE_CLIPS = {
    "too_expensive": "That is way too expensive for us right now.",
    "hubspot": "We are looking at hubspot.",
}
FESTIVAL_CLIPS = {"manager": "I need to check with my manager before we decide."}
HERE = Path(__file__).parent


def speak_phones(text: str, wav: Path) -> list[tuple[str, float]]:
    """Each phone with the second it ends at."""
    command = ["flite", "-voice", "rms", "-psdur", "-t", text, "-o", str(wav)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [(phone, float(end)) for phone, end in (item.split(":") for item in printed)]


def time_words(text: str, phones: list[tuple[str, float]], scratch: Path) -> list[list[str | float]]:
    timed: list[list[str | float]] = []
    index = 0
    for word in re.findall(r"[a-z']+", text.lower()):
        while phones[index][0] == "pau":
            index += 1
        count = sum(phone != "pau" for phone, _ in speak_phones(word, scratch))
        start = phones[index - 1][1]
        index += count
        timed.append([word, start, phones[index - 1][1]])
    if any(phone != "pau" for phone, _ in phones[index:]):
        raise SystemExit(f"the phones of {text!r} do not add up; choose another sentence")
    return timed


def write_clip(source: Path, name: str) -> None:
    subprocess.run(["sox", source, "-r", "16000", "-c", "1", "-b", "16", HERE / f"{name}.wav"], check=True)


def main() -> None:
    truth = {}
    with tempfile.TemporaryDirectory() as folder:
        spoken, scratch = Path(folder, "spoken.wav"), Path(folder, "scratch.wav")
        for name, text in FLITE_CLIPS.items():
            truth[name] = time_words(text, speak_phones(text, spoken), scratch)
            write_clip(spoken, name)
        for name, text in FESTIVAL_CLIPS.items():
            command = ["text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", spoken]
            subprocess.run(command, check=True, input=text, text=True)
            write_clip(spoken, name)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(words)}" for name, words in truth.items())
    (HERE / "truth.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()

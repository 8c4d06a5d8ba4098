"""Words of the field that a speech recogniser wrote as several short ones ("my low graphic"), told by their sound."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache, lru_cache

from extractor.lexicon_files import load

_RUN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)+")
_MOST_WORDS = 4
_FEWEST_SOUNDS = 5
"""Consonants; a shorter row of them belongs to too many words."""

_LIKE = 0.55
"""How much of the letters must agree where all consonants do."""

_SOUNDS = (
    ("ph", "f"), ("sch", "sk"), ("ck", "k"), ("ch", "k"), ("qu", "k"), ("wr", "r"), ("kn", "n"), ("x", "ks"),
    ("q", "k"), ("z", "s"),
)  # fmt: skip
_SOFT_C = re.compile(r"c(?=[eiy])")
_SILENT = re.compile(r"[aeiouyhw]")
_DOUBLED = re.compile(r"(.)\1+")

_Edit = tuple[int, int, str]


def misheard(clean: str) -> list[_Edit]:
    """Runs of two to four words that sound like one long word of the field, with that word."""
    found: list[_Edit] = []
    for run in _RUN.finditer(clean):
        words = run.group().split(" ")
        sounds = [_sound(word.lower()) for word in words]
        starts = [run.start()]
        for word in words[:-1]:
            starts.append(starts[-1] + len(word) + 1)
        place = 0
        while place < len(words) - 1:
            for many in range(min(_MOST_WORDS, len(words) - place), 1, -1):
                heard = sounds[place : place + many]
                meant = _by_sound().get("".join(heard))
                if not meant or not (heard[0] and heard[-1]) or _sound(meant) in heard:
                    continue
                if _is_like("".join(words[place : place + many]).lower(), meant):
                    end = starts[place + many - 1] + len(words[place + many - 1])
                    found.append((starts[place], end, meant))
                    place += many - 1
                    break
            place += 1
    return found


@lru_cache(maxsize=20_000)
def _sound(word: str) -> str:
    """The consonants of a word as they are heard."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _DOUBLED.sub(r"\1", _SILENT.sub("", _SOFT_C.sub("s", word).replace("c", "k")))


@cache
def _by_sound() -> dict[str, str]:
    """Every long word of the field by its sound; sounds that two words share are dropped."""
    words = load("spelling")["heard_words"]
    sounds = [_sound(word) for word in words]
    return {
        sound: word
        for sound, word in zip(sounds, words, strict=True)
        if sounds.count(sound) == 1 and len(sound) >= _FEWEST_SOUNDS
    }


def _is_like(said: str, meant: str) -> bool:
    return said != meant and SequenceMatcher(None, said, meant, autojunk=False).ratio() >= _LIKE

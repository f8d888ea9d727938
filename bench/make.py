#!/usr/bin/env python3
"""Makes what the comparisons run on: N articles of 600 words, N drafts, or a list of N subscribers. The same every time.

make.py articles|drafts|subscribers COUNT PATH
"""
import datetime
import itertools
import pathlib
import random
import sys

COMMON = (
    "harbour bridge council budget harvest river clinic teacher engine market village border minister report season "
    "storm ferry railway price school water election judge letter evening morning island mountain committee answer "
    "question number people worker driver farmer captain nurse voice paper record promise delay repair account tax"
).split()
SECTIONS = ["news", "politics", "economy", "culture"]
ZONES = ["Africa/Nairobi", "America/Port-au-Prince", "Europe/Paris", "Asia/Beirut", "America/New_York", "Asia/Kathmandu"]
AUTHORS = [f"{first} {last}" for first in ("Rose", "Ben", "Amina", "Luc", "Nadia") for last in ("Jean", "Oduor", "Said", "Roy")]
TOPICS = [f"{word}s" for word in COMMON[:20]]
# The newest article, and how far the next older one lies behind it: a paper of 110 articles a day.
NEWEST = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
STEP = datetime.timedelta(minutes=13)
VOCABULARY = 20_000
PARAGRAPHS = 4_000
# Every so many articles hold this phrase; the first and the last of an archive do not.
PHRASE = "golden pelican treaty"
PHRASE_EVERY = 400


def vocabulary():
    """Words as often as in a language (Zipf): the first in every article, the last in a handful."""
    rng = random.Random(7)
    first, last = "bcdfghklmnprstv", "aeiou"
    made = dict.fromkeys(COMMON)
    while len(made) < VOCABULARY:
        made["".join(rng.choice(first) + rng.choice(last) for _ in range(rng.randint(2, 5))) + rng.choice("nrstl")] = None
    return list(made)


class Writer:
    def __init__(self):
        self.rng, self.words = random.Random(20250825), vocabulary()
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
        self.paragraphs = [" ".join(self.sentence(12) for _ in range(5)) for _ in range(PARAGRAPHS)]

    def sentence(self, length):
        return " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=length)).capitalize() + "."

    def article(self, number, name, front):
        rng = self.rng
        parts = rng.choices(self.paragraphs, k=10)
        rare = " ".join(rng.choices(self.words, k=12))
        phrase = f" They signed the {PHRASE}." if number % PHRASE_EVERY == 7 else ""
        parts[5:5] = [f"## {self.sentence(4)[:-1]}", f"> {rare}.{phrase}\n>\n> — Amina Said, harbour master, on the quay, Friday"]
        body = "\n\n".join(parts)
        return (
            f'---\nheadline: "{self.sentence(8)[:-1]} {name}"\nstandfirst: "{self.sentence(20)}"\n'
            f"section: {SECTIONS[number % 4]}\nlanguage: en\ntopics: [{TOPICS[number % 20]}]\n"
            f"bylines:\n  - {{name: {AUTHORS[number % 20]}, role: writer}}\n{front}\n---\n\n{body}\n"
        )


def write(kind, count, out):
    writer = Writer()
    for section in SECTIONS:
        (out / section).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        if kind == "articles":
            name, front = number, f"slug: article-{number}\npublished: {(NEWEST - number * STEP).strftime('%Y-%m-%dT%H:%M:%SZ')}"
        else:
            name, front = f"draft{number}", f"slug: draft-{number}\nstate: ready"
        text = writer.article(number, name, front)
        with open(out / SECTIONS[number % 4] / f"{kind[:-1]}-{number}.md", "w", encoding="utf-8") as file:
            file.write(text)


def main():
    kind, count, out = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    if kind in ("articles", "drafts"):
        write(kind, count, out)
    elif kind == "subscribers":
        rng = random.Random(20250825)
        lines = ["address,languages,zone,hour,sections"]
        for number in range(count):
            sections = " ".join(rng.sample(SECTIONS, rng.randint(1, 4)))
            lines.append(f"reader{number}@list.example,en,{rng.choice(ZONES)},{rng.randint(5, 9)},{sections}")
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes what the comparisons run on: N articles of 600 words, or a list of N subscribers. The same every time."""
import pathlib
import random
import sys

WORDS = (
    "harbour bridge council budget harvest river clinic teacher engine market village border minister report season "
    "storm ferry railway price school water election judge letter evening morning island mountain committee answer "
    "question number people worker driver farmer captain nurse voice paper record promise delay repair account tax"
).split()
SECTIONS = ["news", "politics", "economy", "culture"]
ZONES = ["Africa/Nairobi", "America/Port-au-Prince", "Europe/Paris", "Asia/Beirut", "America/New_York", "Asia/Kathmandu"]


def sentence(rng, length):
    words = [rng.choice(WORDS) for _ in range(length)]
    return " ".join(words).capitalize() + "."


def article(rng, number):
    headline = f"{sentence(rng, 8)[:-1]} {number}"
    paragraphs = []
    for at in range(10):
        paragraphs.append(" ".join(sentence(rng, 12) for _ in range(5)))
        if at == 4:
            paragraphs.append(f"## {sentence(rng, 4)[:-1]}")
            paragraphs.append(f"> {sentence(rng, 14)}\n>\n> — Amina Said, harbour master, on the quay, Friday")
    body = "\n\n".join(paragraphs)
    day, hour, minute = 1 + number % 28, number // 28 % 24, number // 672 % 60
    return (
        f'---\nheadline: "{headline}"\nstandfirst: "{sentence(rng, 20)}"\nslug: article-{number}\n'
        f"section: {SECTIONS[number % 4]}\nlanguage: en\nbylines:\n  - {{name: Rose Jean, role: writer}}\n"
        f"published: 2026-01-{day:02}T{hour:02}:{minute:02}:00Z\n---\n\n{body}\n"
    )


def main():
    kind, count, out = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    rng = random.Random(20250825)
    if kind == "articles":
        for number in range(count):
            folder = out / SECTIONS[number % 4]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"article-{number}.md").write_text(article(rng, number), encoding="utf-8")
    elif kind == "subscribers":
        lines = ["address,languages,zone,hour,sections"]
        for number in range(count):
            sections = " ".join(rng.sample(SECTIONS, rng.randint(1, 4)))
            lines.append(f"reader{number}@list.example,en,{rng.choice(ZONES)},{rng.randint(5, 9)},{sections}")
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        sys.exit("make.py articles|subscribers COUNT PATH")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Draws the pictures of the sample publication: line-screen engravings and one map.

    pip install pillow numpy
    python3 demo/pictures.py [name …]      # all pictures, or only those named

Every picture is made of three things: flat grounds (paper, a tint, ochre), lines whose width
is the tone, and strokes. Nothing is traced; the random numbers are seeded, so the same
versions of the two libraries give the same bytes. A drawing must not pass for a photograph.
"""
import io
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK, TEAL = (0x14, 0x18, 0x1A), (0x1B, 0x3A, 0x42)
PAPER, TINT, OCHRE = (0xF2, 0xF4, 0xF2), (0xCB, 0xD7, 0xD5), (0xD9, 0xAE, 0x5F)
S = 2  # everything is drawn at twice the size and reduced
OUT = Path(__file__).resolve().parent / "pictures"
BYTES_MAX = 140_000


def smooth(e0, e1, x):
    t = np.clip((x - e0) / (e1 - e0), 0, 1)
    return t * t * (3 - 2 * t)


def soft(pts, rounds=2, closed=True):
    """Cuts the corners off (Chaikin), so that cloth and skin do not look like tin."""
    for _ in range(rounds):
        ends = pts + pts[:1] if closed else pts
        out = [] if closed else [pts[0]]
        for (ax, ay), (bx, by) in zip(ends, ends[1:]):
            out += [(ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25), (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75)]
        pts = out if closed else out + [pts[-1]]
    return pts


class Plate:
    def __init__(self, w=1600, h=1067, ink=TEAL, seed=1):
        self.w, self.h, self.inkcolour = w, h, ink
        self.rng = np.random.default_rng(seed)
        self.grounds = [PAPER, TINT, OCHRE]
        self.ground = np.zeros((h * S, w * S), np.uint8)
        self.ink = np.zeros((h * S, w * S), np.float32)
        ys, xs = np.mgrid[0 : h * S, 0 : w * S].astype(np.float32)
        self.X, self.Y = xs / S, ys / S

    # -- noise ------------------------------------------------------------------------------
    def noise(self, cx, cy, octaves=3):
        """Smooth noise, about -1 … 1, with cells of cx by cy pixels."""
        total, amp, out = 0.0, 1.0, 0
        for _ in range(octaves):
            gw, gh = max(2, int(self.w / cx) + 3), max(2, int(self.h / cy) + 3)
            grid = self.rng.uniform(-1, 1, (gh, gw)).astype(np.float32)
            im = Image.fromarray(grid).resize((self.w * S, self.h * S), Image.BICUBIC)
            out = out + amp * np.asarray(im)
            total += amp
            amp, cx, cy = amp * 0.5, cx / 2, cy / 2
        return out / total * 1.6

    def curve(self, base, amp, cell, octaves=4):
        """A ridge line: one y for each column."""
        n = self.w * S
        out, a = np.full(n, float(base)), amp
        for _ in range(octaves):
            k = max(2, int(self.w / cell) + 3)
            pts = self.rng.uniform(-1, 1, k)
            xs = np.linspace(0, k - 1, n)
            i = np.clip(xs.astype(int), 0, k - 2)
            f = xs - i
            f = f * f * (3 - 2 * f)
            out += a * (pts[i] * (1 - f) + pts[i + 1] * f)
            a, cell = a * 0.5, cell / 2.2
        return out

    # -- regions ----------------------------------------------------------------------------
    def mask(self, draw):
        im = Image.new("L", (self.w * S, self.h * S))
        draw(ImageDraw.Draw(im))
        return np.asarray(im) > 0

    def poly(self, pts):
        pts = [(x * S, y * S) for x, y in pts]
        return self.mask(lambda d: d.polygon(pts, fill=1))

    def ellipse(self, cx, cy, rx, ry=None):
        ry = ry or rx
        return ((self.X - cx) / rx) ** 2 + ((self.Y - cy) / ry) ** 2 < 1

    def rect(self, x0, y0, x1, y1):
        return self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    def below(self, ridge):
        return self.Y > ridge[None, :].astype(np.float32)

    # -- screens ----------------------------------------------------------------------------
    def angled(self, period, degrees=0.0, warp=None):
        a = math.radians(degrees)
        f = (self.Y * math.cos(a) - self.X * math.sin(a)) / period
        return f if warp is None else f + warp / period

    def graded(self, y0, y1, p0, p1):
        """Level lines whose distance grows from p0 at y0 to p1 at y1: a plane that lies down."""
        t = np.clip((self.Y - y0) / (y1 - y0), -0.5, 2)
        return (y1 - y0) / (p1 - p0) * np.log(np.maximum(1 + (p1 - p0) * t / p0, 0.05))

    def rings(self, cx, cy, period, squash=1.0):
        return np.hypot(self.X - cx, (self.Y - cy) / squash) / period

    def lay(self, where, tone, field, ground=None, cross=None):
        """Replaces a region by lines: `tone` is the share of ink, `field` counts the lines."""
        if where is None:
            where = np.ones_like(self.ink, bool)
        rows = np.flatnonzero(where.any(1))
        cols = np.flatnonzero(where.any(0))
        if not len(rows):
            return
        box = np.s_[max(rows[0] - 1, 0) : rows[-1] + 2, max(cols[0] - 1, 0) : cols[-1] + 2]
        m = where[box]
        tone = np.broadcast_to(np.asarray(tone, np.float32), self.ink.shape)[box]
        new = self._lines(tone, field[box])
        if cross is not None:
            new = np.maximum(new, self._lines(np.clip((tone - 0.5) * 1.5, 0, 1), cross[box]))
        self.ink[box][m] = new[m]
        if ground is not None:
            self.ground[box][m] = ground

    @staticmethod
    def _lines(tone, field):
        d = np.abs(field - np.floor(field) - 0.5) * 2
        gy, gx = np.gradient(field)
        width = np.maximum(2 * np.hypot(gx, gy), 1e-4)
        out = np.clip((tone - d) / width + 0.5, 0, 1)
        out[tone < 0.05] = 0
        out[tone > 0.97] = 1
        return out

    def flat(self, where, ground=0, ink=0.0):
        self.ground[where] = ground
        self.ink[where] = ink

    # -- strokes ----------------------------------------------------------------------------
    def line(self, pts, width=3.0, ink=1.0, ground=None):
        w = max(1, round(width * S))
        m = self.mask(lambda d: d.line([(x * S, y * S) for x, y in pts], fill=1, width=w, joint="curve"))
        self.ink[m] = ink
        if ground is not None:
            self.ground[m] = ground

    def taper(self, pts, w0, w1, ink=1.0):
        """A line that swells or thins, as a burin cuts it."""
        left, right = [], []
        n = len(pts)
        for i, (x, y) in enumerate(pts):
            x0, y0 = pts[max(i - 1, 0)]
            x1, y1 = pts[min(i + 1, n - 1)]
            k = math.hypot(x1 - x0, y1 - y0) or 1
            w = (w0 + (w1 - w0) * i / max(n - 1, 1)) / 2
            nx, ny = -(y1 - y0) / k * w, (x1 - x0) / k * w
            left.append((x + nx, y + ny))
            right.append((x - nx, y - ny))
        self.ink[self.poly(left + right[::-1])] = ink

    def many(self, shapes, ink=1.0, ground=None):
        """Many small polygons at once."""
        def draw(d):
            for pts in shapes:
                d.polygon([(x * S, y * S) for x, y in pts], fill=1)
        m = self.mask(draw)
        self.ink[m] = ink
        if ground is not None:
            self.ground[m] = ground

    def figure(self, x, y, h, lean=0.0, tool=None):
        """A small standing person; (x, y) are the feet."""
        at = lambda u, v: (x + (u + lean * v) * h, y - v * h)
        hat = int(x) % 2 == 0
        coat = [(0.03, 0.87), (0.10, 0.83), (0.135, 0.77), (0.155, 0.62), (0.15, 0.47), (0.115, 0.45), (0.12, 0.36), (0.135, 0.27), (0.0, 0.255), (-0.12, 0.27), (-0.11, 0.36), (-0.105, 0.45), (-0.145, 0.47), (-0.15, 0.62), (-0.13, 0.77), (-0.10, 0.83), (-0.03, 0.87)]
        self.many([
            soft([at(*q) for q in coat]),
            [at(-0.085, 0.30), at(-0.085, 0.04), at(-0.115, 0.0), at(-0.02, 0.0), at(-0.03, 0.05), at(-0.005, 0.30)],
            [at(0.01, 0.30), at(0.035, 0.05), at(0.03, 0.0), at(0.125, 0.0), at(0.09, 0.04), at(0.095, 0.30)],
            [at(-0.028, 0.84), at(0.028, 0.84), at(0.028, 0.9), at(-0.028, 0.9)],
        ])
        hx, hy = at(0, 0.928)
        self.flat(self.ellipse(hx, hy, h * 0.052, h * 0.068), 0, 1)
        if hat:
            self.flat(self.ellipse(hx, hy - h * 0.03, h * 0.115, h * 0.017), 0, 1)
            self.many([soft([at(-0.06, 0.955), at(-0.05, 1.0), at(0.05, 1.0), at(0.06, 0.955)])])
        if h > 95:  # a little light along one side, and where the arms hang free
            for side in (-1, 1):
                self.taper([at(side * 0.098, 0.72), at(side * 0.108, 0.6), at(side * 0.108, 0.47)], h * 0.004, h * 0.011, 0)
            self.taper([at(0.0, 0.80), at(0.006, 0.5), at(0.002, 0.27)], h * 0.003, h * 0.008, 0)
        if tool:
            self.line([at(0.15, 0.62), (x + tool * h, y)], max(1.2, h * 0.025))

    # -- scenery ----------------------------------------------------------------------------
    def sky(self, top=0.5, bottom=0.1, y1=700, period=9, clouds=0.35, ground=None, cell=(620, 90), glow=None):
        n = self.noise(*cell)
        t = np.clip(self.Y / y1, 0, 1)
        tone = top + (bottom - top) * t**0.8 - clouds * smooth(-0.05, 0.55, n) + 0.08 * clouds * n
        if glow:
            gx, gy, r = glow
            tone = tone * smooth(0.55 * r, 2.6 * r, np.hypot(self.X - gx, self.Y - gy))
        self.lay(None, np.clip(tone, 0, 0.96), self.angled(period, 0, 4 * self.noise(500, 260, 2)), ground)

    def hills(self, ridge, tone=0.4, period=7, relief=0.3, slope=30, cell=(150, 90), ground=None, edge=2.0, bottom=None):
        """Land below a ridge; the lines bend with the relief, the light comes from the left."""
        n = self.noise(*cell)
        gx = np.gradient(n, axis=1) * cell[0] * S * 0.22
        depth = self.Y - ridge[None, :]
        rs = np.gradient(ridge) * S
        t = tone + relief * np.clip(gx, -1.2, 1.2) + 0.22 * np.tanh(-rs)[None, :] * np.exp(-depth / 160)
        where = self.below(ridge)
        if bottom is not None:
            where &= self.Y < bottom
        field = (self.Y - 0.55 * ridge[None, :] + slope * n) / period
        self.lay(where, np.clip(t, 0.06, 0.95), field.astype(np.float32), ground)
        if edge:
            self.ink[(np.abs(depth) < edge / 2) & (self.Y < (bottom or 1e9))] = 1

    def water(self, y0, y1, base=0.35, p0=5, p1=13, ripple=0.3, ground=None, glint=None, where=None, dark=None):
        n = self.noise(210, 11, 2)
        n2 = self.noise(90, 26, 2)
        t = np.clip((self.Y - y0) / (y1 - y0), 0, 1)
        tone = base + 0.12 * t + ripple * n * (0.5 + t)
        if glint:
            gx, half = glint
            spread = half * (0.5 + 1.4 * t)
            tone = tone - 0.75 * np.exp(-(((self.X - gx) / spread) ** 2)) * smooth(-0.5, 0.5, n2 + 0.25)
        if dark is not None:
            tone = tone + dark
        w = (self.Y >= y0) & (self.Y < y1)
        if where is not None:
            w &= where
        self.lay(w, np.clip(tone, 0, 0.95), self.graded(y0, y1, p0, p1) + 0.35 * n2 * t, ground)

    def rough(self, x0, x1, y, h, n, spread=0.25):
        """Blades of grass or reed along a line."""
        for _ in range(n):
            x = self.rng.uniform(x0, x1)
            k = self.rng.uniform(0.4, 1) * h
            dx = self.rng.normal(0, spread) * k
            self.taper([(x, y + 6), (x + dx * 0.35, y - k * 0.6), (x + dx, y - k)], 5 * k / 120 + 1.5, 0.8)

    # -- out --------------------------------------------------------------------------------
    def image(self, levels):
        gs = sorted(set(np.unique(self.ground)))
        levels = min(levels, 15 // len(gs))
        palette = [self.inkcolour]
        for g in gs:
            for i in range(levels):
                k = i / levels
                palette.append(tuple(round(a + (b - a) * k) for a, b in zip(self.grounds[g], self.inkcolour)))
        pal = np.array(palette, np.float32)
        colours = np.array(self.grounds, np.float32)
        ink = np.array(self.inkcolour, np.float32)
        out = np.zeros((self.h, self.w), np.uint8)
        for y in range(0, self.h, 97):
            g = colours[self.ground[y * S : (y + 97) * S]]
            k = self.ink[y * S : (y + 97) * S][..., None]
            rgb = g * (1 - k) + ink * k
            hh = rgb.shape[0] // S
            rgb = rgb.reshape(hh, S, self.w, S, 3).mean((1, 3))
            best = np.full(rgb.shape[:2], 1e9, np.float32)
            for i, c in enumerate(pal):
                d = ((rgb - c) ** 2).sum(-1)
                better = d < best
                best[better] = d[better]
                out[y : y + hh][better] = i
        im = Image.fromarray(out, "P")
        im.putpalette([round(v) for c in palette for v in c])
        return im


SCENES = {}


def scene(f):
    SCENES[f.__name__.replace("_", "-")] = f
    return f


def crane(p, x, base, k, boom=1):
    """A ship-to-shore crane; k is its size, boom the side it reaches to."""
    w = max(2.0, 7 * k)
    b = boom
    leg = [(x - 70 * k, base), (x - 52 * k, base - 330 * k)], [(x + 70 * k, base), (x + 52 * k, base - 330 * k)]
    for a in leg:
        p.line(a, w)
    for y in (120, 225, 330):
        p.line([(x - 66 * k, base - y * k), (x + 66 * k, base - y * k)], w * 0.8)
    p.line([(x - 62 * k, base - 120 * k), (x + 57 * k, base - 225 * k)], w * 0.45)
    p.line([(x + 62 * k, base - 120 * k), (x - 57 * k, base - 225 * k)], w * 0.45)
    y = base - 330 * k
    p.many([[(x - b * 190 * k, y - 14 * k), (x + b * 360 * k, y - 10 * k), (x + b * 360 * k, y + 5 * k), (x - b * 190 * k, y + 10 * k)]])
    top = (x + b * 10 * k, base - 470 * k)
    for foot in ((-50, 0), (52, 0)):
        p.line([(x + foot[0] * k, y), top], w * 0.8)
    for dx in (355, 200, -185):
        p.line([top, (x + b * dx * k, y - 8 * k)], w * 0.38)
    p.many([[(x - b * 190 * k, y + 4 * k), (x - b * 105 * k, y + 4 * k), (x - b * 105 * k, y + 44 * k), (x - b * 190 * k, y + 44 * k)]])
    t = x + b * 235 * k
    p.line([(t - 10 * k, y), (t - 16 * k, y + 128 * k)], max(1, w * 0.22))
    p.line([(t + 10 * k, y), (t + 16 * k, y + 128 * k)], max(1, w * 0.22))
    p.many([[(t - 44 * k, y + 128 * k), (t + 44 * k, y + 128 * k), (t + 44 * k, y + 166 * k), (t - 44 * k, y + 166 * k)]])


@scene
def harbour():
    p = Plate(seed=11)
    p.sky(0.62, 0.12, 640, 9, 0.45, glow=(1120, 400, 105))
    p.flat(p.ellipse(1120, 400, 96), 2, 0)
    p.lay(p.ellipse(1120, 400, 96), 0.30 * smooth(400, 500, p.Y), p.angled(9))
    p.hills(p.curve(585, 34, 420), 0.25, 6, 0.12, 14, edge=1.2, bottom=640)
    shade = smooth(250, 420, p.X) * smooth(1075, 940, p.X) * smooth(980, 830, p.Y) * smooth(780, 815, p.Y)
    p.water(640, 1067, 0.42, 5, 15, 0.34, glint=(1120, 120), dark=0.5 * shade)
    # far quay with stacked boxes
    for x in range(0, 1600, 34):
        n = int(p.rng.integers(1, 4))
        for i in range(n):
            r = p.rect(x, 640 - 15 * (i + 1), x + 31, 640 - 15 * i - 2)
            p.lay(r, p.rng.choice([0.35, 0.6, 0.85]), p.angled(4.2, 90), 0)
    p.lay(p.rect(0, 638, 1600, 652), 0.9, p.angled(5))
    crane(p, 1290, 640, 0.62, -1)
    crane(p, 1490, 640, 0.5, -1)
    crane(p, 905, 640, 0.72, -1)
    # the ship
    hull = [(236, 716), (1120, 700), (1058, 806), (330, 822), (276, 806)]
    for row in range(4):
        for i in range(15):
            if p.rng.random() < 0.10 * row:
                continue
            x, y = 420 + i * 40, 706 - row * 31
            r = p.rect(x, y - 29, x + 38, y)
            ochre = p.rng.random() < 0.14
            p.lay(r, 0.25 if ochre else p.rng.choice([0.3, 0.5, 0.72]), p.angled(5, 90), 2 if ochre else 0)
            p.line([(x, y - 29), (x + 38, y - 29), (x + 38, y), (x, y), (x, y - 29)], 1.6)
    bridge = [(268, 716), (268, 560), (392, 560), (392, 714)]
    p.lay(p.poly(bridge), 0.16, p.angled(7), 0)
    p.line(bridge, 3)
    for y in (582, 610, 640, 670):
        p.lay(p.rect(282, y, 380, y + 12), 0.9, p.angled(5, 90))
    p.lay(p.rect(300, 508, 346, 560), 0.8, p.angled(6, 90), 0)
    p.line([(330, 508), (330, 460)], 3)
    p.line([(244, 562), (404, 562)], 5)
    p.lay(p.poly(hull), np.clip(0.95 - (p.Y - 700) / 420, 0.62, 0.95), p.angled(7, 0.8), 0)
    p.line([hull[0], hull[1], hull[2]], 4)
    p.line([(262, 776), (1082, 760)], 3, 0)
    # near quay, bollard and rope
    quay = p.poly([(0, 905), (560, 1067), (0, 1067)])
    p.lay(quay, 0.45, p.angled(11, 16), 1)
    p.taper([(0, 905), (560, 1067)], 12, 16)
    p.lay(p.poly([(0, 905), (560, 1067), (520, 1067), (0, 922)]), 0.9, p.angled(9, 70))
    b = p.poly([(110, 985), (122, 868), (92, 856), (92, 826), (238, 826), (238, 856), (208, 868), (220, 985)])
    p.lay(b, np.clip(0.35 + 0.6 * (p.X - 92) / 146, 0, 1), p.angled(8, 90), 0)
    p.line([(110, 985), (122, 868), (92, 856), (92, 826), (238, 826), (238, 856), (208, 868), (220, 985)], 4)
    rope = [(165 + i * 14, 892 + 60 * math.sin(i / 20 * math.pi) - i * 5.4) for i in range(21)]
    p.line(rope, 9)
    p.line(rope, 2.5, 0)
    for dy in (0, 13, 26):
        p.line([(118, 886 + dy), (165, 898 + dy), (214, 886 + dy)], 7)
    return p


@scene
def dam():
    p = Plate(seed=23)
    p.sky(0.5, 0.05, 470, 9, 0.4)
    p.hills(p.curve(300, 95, 340), 0.28, 8, 0.22, 14, cell=(240, 140), edge=1.4)
    p.hills(p.curve(385, 60, 260), 0.36, 8.5, 0.28, 16, cell=(220, 120), edge=1.6)
    X = np.linspace(0, 1600, p.w * S)
    # lake behind the wall
    p.water(446, 520, 0.14, 5, 7, 0.16, ground=1)
    left = 210 + 0.00092 * np.clip(X, 0, 700) ** 2 + p.curve(0, 26, 150) + 90 * smooth(0, 600, X)
    right = 175 + 0.00088 * np.clip(1600 - X, 0, 700) ** 2 + p.curve(0, 26, 150) + 110 * smooth(0, 600, 1600 - X)
    # the wall: an arch seen from below
    crest = lambda x: 470 + 26 * (1 - ((x - 800) / 430) ** 2)
    xs = np.linspace(370, 1230, 60)
    foot = [(1020, 900), (900, 960), (800, 972), (700, 960), (580, 900)]
    wall = p.poly([(x, crest(x)) for x in xs] + foot)
    t = (p.X - 800) / 430
    fan = np.arctan2(p.X - 800, p.Y + 900) * 160
    tone = 0.22 + 0.42 * smooth(-0.15, 0.9, t) + 0.18 * smooth(-0.6, -1.0, t) + 0.1 * p.noise(60, 200)
    p.lay(wall, np.clip(tone, 0.08, 0.9), fan.astype(np.float32), 0)
    for i, dy in enumerate((75, 160, 250, 345)):
        q = [(x, crest(x) + dy + 12 * (1 - ((x - 800) / 430) ** 2)) for x in np.linspace(400 + dy * 0.62, 1200 - dy * 0.62, 40)]
        p.line(q, 1.6)
    # spillway
    for x in (716, 772, 828, 884):
        top = crest(x)
        p.flat(p.poly([(x - 19, top + 18), (x + 19, top + 18), (x + 19, top + 46), (x - 19, top + 46)]), 0, 1)
        fall = p.poly([(x - 17, top + 40), (x + 17, top + 40), (x + 30 + (x - 800) * 0.02, 965), (x - 30 + (x - 800) * 0.02, 965)])
        p.lay(fall, 0.18 + 0.2 * np.clip(p.noise(14, 300), -1, 1), p.angled(6, 90 - (x - 800) * 0.01), 0)
    rail = [(x, crest(x)) for x in xs]
    p.line([(x, y + 9) for x, y in rail], 16, 0, 0)
    p.line([(x, y + 17) for x, y in rail], 4)
    p.line(rail, 3)
    for x in np.linspace(380, 1220, 57):
        p.line([(x, crest(x)), (x, crest(x) - 11)], 1.5)
    p.line([(x, crest(x) - 11) for x in xs], 1.6)
    # a bus on the crest
    bx = 600
    p.many([[(bx, crest(bx) - 2), (bx, crest(bx) - 27), (bx + 62, crest(bx) - 27), (bx + 66, crest(bx) - 2)]])
    for i in range(4):
        p.flat(p.rect(bx + 6 + i * 14, crest(bx) - 23, bx + 16 + i * 14, crest(bx) - 13), 2, 0)
    for ridge, k in ((left, 1), (right, -1)):
        n = p.noise(190, 130, 2)
        g = np.gradient(n, axis=1) * 190 * S * 0.34
        depth = p.Y - ridge[None, :]
        base = 0.62 if k == 1 else 0.44
        side = (p.X < 800) if k == 1 else (p.X >= 800)
        edge = 430 + 0.27 * (p.Y - 470) if k == 1 else 1170 - 0.27 * (p.Y - 470)
        nedge = 26 * p.noise(70, 50)
        side &= (p.X < edge + nedge) if k == 1 else (p.X > edge + nedge)
        field = (p.Y * 0.86 - k * p.X * 0.42 + 24 * n) / 14
        p.lay(side & (depth > 0), np.clip(base + 0.42 * np.clip(g, -1, 1), 0.1, 0.96), field.astype(np.float32), 0)
        p.ink[side & (np.abs(depth) < 1.6)] = 1
    # the river below
    river = p.poly([(560, 940), (1040, 940), (1260, 1067), (330, 1067)])
    p.water(940, 1067, 0.2, 5, 12, 0.35, where=river, ground=1)
    mist = np.exp(-(((p.X - 800) / 190) ** 2 + ((p.Y - 962) / 30) ** 2)) + 0.3 * p.noise(40, 20)
    p.flat((mist > 0.55), 0, 0)
    # near bank and trees
    bank = p.curve(1010, 22, 120)
    bank = bank + 90 * smooth(300, 800, X) * smooth(1320, 800, X)
    p.lay(p.below(bank), 0.9, p.angled(9, 8), 0)
    for x in list(range(20, 420, 44)) + list(range(1210, 1600, 40)):
        x += int(p.rng.integers(-12, 12))
        h = int(p.rng.integers(70, 190))
        y = bank[min(x * S, p.w * S - 1)] + 10
        shapes = []
        for j in range(7):
            w = h * 0.045 * (j + 1.6)
            yy = y - h + j * h / 7.5
            shapes.append([(x, yy - h * 0.06), (x + w, yy + h * 0.2), (x - w, yy + h * 0.2)])
        p.many(shapes)
    return p


@scene
def radio_mast():
    p = Plate(ink=INK, seed=5)
    n = p.noise(520, 90)
    r = np.hypot(p.X - 380, p.Y - 260)
    tone = 0.93 - 0.72 * np.exp(-r / 200) - 0.10 * np.exp(-((700 - p.Y) / 150)) + 0.10 * n
    p.lay(None, np.clip(tone, 0, 0.93), p.angled(10, 0, 4 * p.noise(500, 260, 2)), 1)
    p.flat(p.ellipse(380, 260, 84), 0, 0)
    p.lay(p.ellipse(380, 260, 84) & (p.noise(60, 50) > 0.12), 0.28, p.angled(7, 20))
    for _ in range(150):
        x, y, k = p.rng.uniform(0, 1600), p.rng.uniform(0, 620) ** 1.0, p.rng.uniform(1, 2.6)
        if math.hypot(x - 380, y - 260) > 170:
            p.flat(p.ellipse(x, y, k), 0, 0)
    p.water(700, 1067, 0.78, 5, 13, 0.26, ground=1, glint=(380, 95))
    p.flat((p.Y > 697) & (p.Y < 701), 1, 1)
    # boats with lamps
    for x, y, k in ((180, 748, 0.7), (560, 800, 1.1), (310, 880, 1.6), (700, 730, 0.5)):
        p.many([[(x - 46 * k, y - 8 * k), (x + 50 * k, y - 12 * k), (x + 34 * k, y + 10 * k), (x - 34 * k, y + 10 * k)],
                [(x - 4 * k, y - 10 * k), (x - 1 * k, y - 10 * k), (x + 6 * k, y - 112 * k), (x + 3 * k, y - 112 * k)],
                ])
        sail = [(x - 34 * k, y - 20 * k), (x + 30 * k, y - 122 * k), (x + 46 * k, y - 22 * k)]
        p.lay(p.poly(sail), np.clip(0.15 + 0.5 * (p.X - x + 30 * k) / (80 * k), 0.1, 0.8), p.angled(5, -58), 0)
        p.line(sail + [sail[0]], 2.4)
        p.flat(p.ellipse(x - 26 * k, y - 22 * k, 6.5 * k), 2, 0)
        for j in range(4):
            p.flat(p.ellipse(x - 26 * k, y + (20 + 11 * j) * k, (9 - j) * k, 1.9 * k), 2, 0)
    # the mast: narrow lattice, two stays
    mx, y0, y1 = 1232, 590, 70
    half = lambda y: 5 + 26 * (y - y1) / (y0 - y1)
    for side in (-1, 1):
        p.line([(mx + side * half(y1), y1), (mx + side * half(y0), y0)], 5, 0, 0)
        p.line([(mx + side * 8, 190), (mx + side * 330, 700)], 1.6, 0, 1)
        p.line([(mx + side * 10, 330), (mx + side * 190, 690)], 1.6, 0, 1)
    ys = np.linspace(y1, y0, 24)
    for i, (a, b) in enumerate(zip(ys, ys[1:])):
        s = 1 if i % 2 else -1
        p.line([(mx - s * half(a), a), (mx + s * half(b), b)], 2.6, 0, 0)
        p.line([(mx - half(b), b), (mx + half(b), b)], 2, 0, 0)
    p.line([(mx, y1), (mx, 18)], 3, 0, 0)
    p.flat(p.ellipse(mx, 20, 8), 2, 0)
    p.flat(p.ellipse(mx, 330, 6.5), 2, 0)
    # the headland with flat-roofed houses
    X = np.linspace(0, 1600, p.w * S)
    land = 1100 - 420 * smooth(620, 1130, X) + p.curve(0, 12, 60)
    nn = p.noise(200, 90, 2)
    p.lay(p.below(land), np.clip(0.86 + 0.22 * nn, 0.5, 0.95), ((p.Y - 0.6 * land[None, :] + 20 * nn) / 11).astype(np.float32), 1)
    houses = [(1010, 742, 120, 84), (1150, 700, 150, 112), (1450, 694, 160, 96), (1320, 724, 150, 88), (1085, 800, 170, 104), (1490, 800, 150, 96), (1270, 820, 190, 118)]
    for x, y, w, h in houses:
        p.lay(p.rect(x, y - h, x + w, y), 0.38, p.angled(6), 1)
        p.lay(p.rect(x + w * 0.62, y - h, x + w, y), 0.84, p.angled(6, 90), 1)
        p.line([(x, y), (x, y - h), (x + w, y - h), (x + w, y)], 3)
        p.line([(x - 4, y - h), (x + w + 4, y - h)], 6)
        for j in range(2):
            wx, wy = x + w * (0.12 + 0.25 * j), y - h * 0.66
            lit = (x, j) in ((1150, 0), (1150, 1), (1270, 1))
            p.flat(p.rect(wx, wy, wx + w * 0.13, wy + h * 0.32), 2 if lit else 1, 0 if lit else 1)
    return p


@scene
def library_boat():
    p = Plate(seed=31)
    p.sky(0.42, 0.05, 470, 9, 0.42, cell=(700, 110))
    p.hills(p.curve(400, 70, 420), 0.26, 6, 0.18, 16, edge=1.4)
    p.hills(p.curve(476, 36, 300), 0.42, 6.5, 0.25, 18, edge=1.6)
    shade = smooth(330, 500, p.X) * smooth(1340, 1160, p.X) * smooth(960, 800, p.Y) * smooth(740, 790, p.Y)
    p.water(520, 1067, 0.30, 5, 15, 0.34, dark=0.55 * shade)
    # trees at the far shore
    for x in range(0, 1600, 13):
        h = 8 + 26 * abs(math.sin(x * 0.013) * math.sin(x * 0.037 + 1))
        p.flat(p.ellipse(x, 520 - h * 0.4, 11, h * 0.6), 0, 1)
    # hull
    hull = [(250, 664), (330, 684), (1270, 684), (1392, 640), (1318, 772), (1270, 790), (372, 790), (310, 768)]
    p.lay(p.poly(hull), np.clip(0.62 + 0.32 * (p.Y - 650) / 140, 0, 0.93), p.angled(8, 0, -30 * np.cos((p.X - 800) / 420)), 0)
    p.line(hull + [hull[0]], 4)
    p.line([(262, 690), (335, 708), (1272, 708), (1380, 668)], 7, 0, 2)
    p.line([(258, 684), (333, 703), (1271, 703), (1384, 662)], 2)
    p.line([(262, 697), (335, 714), (1272, 714), (1376, 676)], 2)
    # cabin with open shelves
    p.lay(p.rect(400, 480, 1190, 684), 0.86, p.angled(7, 90), 0)
    for i in range(5):
        x0 = 420 + i * 155
        p.flat(p.rect(x0, 506, x0 + 136, 668), 1, 0)
        for j in range(3):
            y = 556 + j * 54
            x = x0 + 5
            while x < x0 + 122:
                w, h = p.rng.integers(6, 13), p.rng.integers(28, 46)
                if p.rng.random() < 0.09:
                    x += w
                    continue
                kind = p.rng.random()
                r = p.rect(x, y - h, x + w - 1.5, y)
                if kind < 0.16:
                    p.flat(r, 2, 0)
                else:
                    p.lay(r, p.rng.choice([0.12, 0.5, 0.95]), p.angled(4, 90), 0)
                p.line([(x, y), (x, y - h), (x + w - 1.5, y - h), (x + w - 1.5, y)], 1.2)
                x += w
            p.line([(x0, y + 2), (x0 + 136, y + 2)], 4)
        p.line([(x0, 506), (x0 + 136, 506), (x0 + 136, 668), (x0, 668), (x0, 506)], 3.5)
    # awning
    roof = [(360, 486), (404, 428), (1196, 428), (1240, 486)]
    p.lay(p.poly(roof), 0.36, p.angled(9, 90), 0)
    for i in range(0, 20, 2):
        a, b = 404 + i * 39.6, 360 + i * 44
        p.lay(p.poly([(a, 428), (a + 39.6, 428), (b + 44, 486), (b, 486)]), 0.9, p.angled(7, 90))
    p.line(roof + [roof[0]], 4)
    p.line([(360, 490), (1240, 490)], 5)
    p.line([(1300, 660), (1300, 420)], 5)
    p.lay(p.poly([(1303, 424), (1392, 446), (1303, 476)]), 0.25, p.angled(6), 2)
    p.line([(1303, 424), (1392, 446), (1303, 476)], 3)
    p.figure(300, 676, 118)
    p.figure(1236, 684, 112, 0.1)
    # the jetty and readers
    p.lay(p.poly([(0, 800), (330, 776), (372, 806), (0, 850)]), 0.28, p.angled(7, -4), 0)
    p.line([(0, 800), (330, 776), (372, 806), (0, 850)], 3.5)
    for x in range(20, 360, 42):
        p.line([(x, 802 - x * 0.07), (x + 12, 846 - x * 0.11)], 1.5)
    for x in (40, 180, 320):
        p.line([(x, 838 - x * 0.08), (x, 930)], 11)
    p.figure(70, 826, 150)
    p.figure(128, 822, 104)
    p.figure(168, 818, 112, 0.05)
    p.figure(236, 812, 136, -0.05)
    p.rough(1010, 1600, 1075, 330, 90)
    p.rough(0, 260, 1075, 170, 45)
    return p


@scene
def hillside_town():
    p = Plate(seed=41)
    p.sky(0.55, 0.08, 520, 9, 0.4, cell=(560, 120), glow=(330, 260, 90))
    p.flat(p.ellipse(330, 260, 66), 2, 0)
    p.hills(p.curve(470, 70, 500), 0.3, 8.5, 0.2, 14, cell=(240, 130), edge=1.4)
    p.water(690, 1067, 0.34, 5, 14, 0.32, glint=(330, 80))
    X = np.linspace(0, 1600, p.w * S)
    slope = 1000 - 690 * smooth(430, 1330, X) + p.curve(0, 16, 110)
    p.lay(p.below(slope), 0.58, ((p.Y - 0.5 * slope[None, :] + 10 * p.noise(160, 90, 2)) / 12).astype(np.float32), 0)

    def house(x, y, w, h, k):
        d = w * 0.42
        wall, side = [(x, y), (x, y - h), (x + w, y - h), (x + w, y)], [(x + w, y), (x + w, y - h), (x + w + d, y - h - d * 0.28), (x + w + d, y - d * 0.22)]
        roof = [(x - 4, y - h), (x + w * 0.12, y - h - w * 0.36), (x + w + d * 0.72, y - h - w * 0.36 - d * 0.22), (x + w + 2, y - h)]
        p.lay(p.poly(side), 0.8, p.angled(5.5, 90), 0)
        p.lay(p.poly(wall), 0.10 + 0.12 * k, p.angled(7, 90), 0)
        p.lay(p.poly(roof), 0.42 + 0.25 * k, p.angled(6, 70), 2 if k > 0.86 else 1)
        gable = [(x + w + 2, y - h), (x + w + d * 0.72, y - h - w * 0.36 - d * 0.22), (x + w + d + 3, y - h - d * 0.28)]
        p.lay(p.poly(gable), 0.9, p.angled(5, 90), 0)
        for pts in (wall, side, roof, gable):
            p.line(pts + [pts[0]], 2.2)
        n = 2 if w > 52 else 1
        for i in range(n):
            wx = x + w * (0.2 + 0.42 * i)
            p.many([[(wx, y - h * 0.42), (wx, y - h * 0.8), (wx + w * 0.2, y - h * 0.8), (wx + w * 0.2, y - h * 0.42)]])
        if k > 0.5:
            p.many([[(x + w * 0.42, y), (x + w * 0.42, y - h * 0.36), (x + w * 0.6, y - h * 0.36), (x + w * 0.6, y)]])

    rows = 11
    for row in range(rows):
        t = row / (rows - 1)
        size = 40 + 52 * t
        xs = []
        start = 1180 - 640 * t
        x = start + p.rng.uniform(0, 40)
        while x < 1600:
            g = slope[min(int(x * S), p.w * S - 1)]
            y = g + 40 + row * 56
            if y < 1120 and y > 300:
                xs.append((x, y))
            x += size * p.rng.uniform(1.3, 1.62)
        for x, y in xs:
            if p.rng.random() < 0.13:
                for j in range(3):
                    r = size * p.rng.uniform(0.25, 0.4)
                    p.lay(p.ellipse(x + j * r, y - r * 0.8, r), 0.88, p.angled(5, 40), 0)
                continue
            house(x, y + p.rng.uniform(-9, 9), size * p.rng.uniform(0.85, 1.2), size * p.rng.uniform(0.75, 1.15), p.rng.random())
    # a lone boat carrying furniture
    p.lay(p.poly([(250, 874), (470, 868), (430, 914), (290, 916)]), 0.92, p.angled(7), 0)
    p.many([[(300, 872), (300, 828), (350, 828), (350, 872)], [(360, 872), (360, 846), (420, 846), (420, 870)], [(366, 846), (366, 816), (372, 816), (372, 846)], [(408, 846), (408, 816), (414, 816), (414, 846)]])
    p.flat(p.rect(306, 834, 344, 866), 2, 0)
    p.figure(452, 872, 78, -0.05)
    p.figure(276, 880, 74, 0.05, tool=-0.8)
    return p


@scene
def salt_pans():
    p = Plate(seed=51)
    p.sky(0.34, 0.04, 330, 9, 0.3, glow=(1250, 190, 80))
    p.hills(p.curve(330, 26, 500), 0.34, 6, 0.12, 12, edge=1.3, bottom=372)
    hz, cx = 372, 760
    # pans between banks that run to one point
    levels = [372, 392, 422, 466, 530, 622, 752, 930, 1180]
    spread = lambda y: (y - 345) / 190
    wob = 0.3 * p.noise(220, 14, 2)
    for a, b in zip(levels, levels[1:]):
        for i in range(-9, 10):
            pts = [(cx + i * 210 * spread(a), a), (cx + (i + 1) * 210 * spread(a), a), (cx + (i + 1) * 210 * spread(b), b), (cx + i * 210 * spread(b), b)]
            if pts[0][0] > 1600 and pts[3][0] > 1600 or pts[1][0] < 0 and pts[2][0] < 0:
                continue
            tone = float(p.rng.choice([0.0, 0.05, 0.16, 0.3, 0.48]))
            g = 1 if p.rng.random() < 0.34 else 0
            if p.rng.random() < 0.07:
                g, tone = 2, 0.16
            m = p.poly(pts)
            p.lay(m, np.clip(tone * (1 + 0.9 * p.noise(260, 26, 1)), 0, 0.9), p.graded(372, 1100, 5, 15) + wob, g)
    for i in range(-9, 11):
        a, b = (cx + i * 210 * spread(372), 372), (cx + i * 210 * spread(1180), 1180)
        p.taper([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), b], 1.5, 22)
        p.taper([(a[0] + 2, a[1]), (b[0] + 12, b[1])], 0.3, 4, 0)
    for y in levels[1:-1]:
        k = spread(y)
        p.taper([(-5, y), (1605, y)], 1 + 3.2 * k, 1 + 3.2 * k)

    def heap(x, y, r):
        h = r * 0.86
        pts = [(x - r, y), (x - r * 0.55, y - h * 0.5), (x - r * 0.12, y - h * 0.95), (x, y - h), (x + r * 0.16, y - h * 0.93), (x + r * 0.6, y - h * 0.46), (x + r, y)]
        pts += [(x + r * 0.6, y + r * 0.11), (x, y + r * 0.15), (x - r * 0.6, y + r * 0.11)]
        m = p.poly(pts)
        u = (p.X - x) / r
        p.lay(m, np.clip(0.06 + 0.62 * smooth(-0.05, 0.95, u + 0.25 * (p.Y - y) / h) + 0.06 * p.noise(40, 40, 1), 0, 0.8), p.angled(7 if r > 60 else 5, 52), 0)
        p.line(pts[:7], max(1.2, r / 40))
        sh = p.poly([(x + r * 0.2, y + r * 0.13), (x + r, y), (x + r * 2.1, y + r * 0.1), (x + r * 1.1, y + r * 0.2)])
        p.lay(sh, 0.8, p.angled(6))

    for x, y, r in ((640, 440, 15), (820, 442, 16), (1080, 452, 20), (430, 470, 22), (1310, 520, 40), (980, 560, 46), (240, 600, 60), (1120, 700, 92), (560, 790, 118)):
        heap(x, y, r)
    p.figure(770, 500, 46, 0.06, 0.6)
    p.figure(700, 502, 44, -0.06, -0.55)
    p.figure(1180, 540, 54, 0.08, 0.6)
    p.figure(330, 690, 104, 0.1, 0.75)
    p.figure(905, 880, 196, -0.08, -0.62)
    p.line([(905 - 122 - 40, 881), (905 - 122 + 26, 884)], 6)
    # a barrow
    p.lay(p.poly([(1240, 900), (1430, 880), (1392, 966), (1286, 972)]), 0.7, p.angled(8, -6), 0)
    p.line([(1240, 900), (1430, 880), (1392, 966), (1286, 972), (1240, 900)], 4)
    p.flat(p.poly([(1262, 898), (1300, 858), (1350, 846), (1398, 868), (1418, 882)]), 0, 0)
    p.line([(1262, 898), (1300, 858), (1350, 846), (1398, 868), (1418, 882)], 3)
    p.line([(1392, 930), (1530, 900)], 7)
    p.line([(1230, 1000), (1290, 960)], 6)
    p.flat(p.ellipse(1258, 990, 36), 0, 1)
    p.flat(p.ellipse(1258, 990, 27), 0, 0)
    p.line([(1232, 990), (1284, 990)], 3)
    p.line([(1258, 964), (1258, 1016)], 3)
    return p


@scene
def salt_shed():
    p = Plate(seed=52)
    p.lay(None, 0.5, p.angled(9, 90), 1)
    # roof trusses seen from inside, light from the far end
    p.lay(None, np.clip(0.88 - 0.55 * np.exp(-np.hypot(p.X - 800, p.Y - 470) / 330), 0.2, 0.93), p.angled(9, 0), 1)
    p.flat(p.poly([(600, 650), (600, 400), (800, 290), (1000, 400), (1000, 650)]), 0, 0)
    m = p.poly([(600, 650), (600, 400), (800, 290), (1000, 400), (1000, 650)])
    p.lay(m & (p.Y < 560), 0.16, p.angled(8), 0)
    p.lay(m & (p.Y >= 560), 0.34, p.angled(6), 0)
    p.flat(p.ellipse(880, 440, 34), 2, 0)
    for k in (1.0, 1.45, 2.1, 3.05, 4.4):
        q = lambda x, y: (800 + (x - 800) * k, 500 + (y - 500) * k)
        w = 7 * k
        p.line([q(600, 660), q(600, 400), q(800, 290), q(1000, 400), q(1000, 660)], w)
        p.line([q(600, 400), q(1000, 400)], w * 0.8)
        p.line([q(700, 400), q(700, 345)], w * 0.5)
        p.line([q(900, 400), q(900, 345)], w * 0.5)
        p.line([q(800, 400), q(800, 290)], w * 0.6)
    for a, b in ((800, 290), (600, 400), (1000, 400), (700, 345), (900, 345)):
        p.taper([(a, b), (800 + (a - 800) * 5, 500 + (b - 500) * 5)], 3, 22)
    # floor, then two long walls of salt
    p.lay(p.poly([(600, 650), (1000, 650), (1600, 1067), (0, 1067)]), 0.3, p.graded(650, 1067, 5, 14), 1)
    for side in (-1, 1):
        f = lambda x, y: (800 + side * x, y)
        ridge = [(215, 560), (300, 520), (390, 545), (470, 470), (590, 440), (690, 350), (810, 330)]
        foot = [(810, 1067), (560, 1067), (430, 950), (300, 800), (205, 664)]
        m = p.poly([f(*v) for v in ridge + foot])
        u = (p.X - 800) * side
        n = p.noise(140, 110, 3)
        tone = 0.16 + 0.4 * smooth(150, 900, u) + 0.26 * n + (0.22 if side < 0 else 0)
        p.lay(m, np.clip(tone, 0.04, 0.85), p.angled(12.5, side * 30, 14 * n), 0)
        p.line([f(*v) for v in ridge], 3.5)
        p.line([f(*v) for v in foot[1:]], 3)
    p.figure(742, 790, 172, 0.05, 0.55)
    p.figure(892, 730, 120, -0.06, -0.5)
    for x, y, w in ((620, 960, 120), (690, 1010, 128)):
        pts = [(x, y), (x + 8, y - 60), (x + w * 0.4, y - 74), (x + w - 6, y - 58), (x + w, y), (x + w * 0.5, y + 12)]
        pts = soft(pts)
        p.lay(p.poly(pts), np.clip(0.12 + 0.6 * (p.X - x) / w, 0, 1), p.angled(7, 80), 2)
        p.line(pts + [pts[0]], 3.5)
        p.many([[(x + w * 0.4, y - 72), (x + w * 0.3, y - 96), (x + w * 0.52, y - 94), (x + w * 0.48, y - 72)]])
    return p


@scene
def salt_sluice():
    p = Plate(seed=53)
    p.sky(0.5, 0.06, 420, 9, 0.42)
    p.hills(p.curve(400, 16, 500), 0.4, 6, 0.1, 10, edge=1.2, bottom=430)
    p.water(430, 720, 0.24, 4.5, 9, 0.26, ground=None)
    # dyke
    dyke = [(0, 560), (1600, 500), (1600, 660), (0, 740)]
    n = p.noise(120, 60)
    p.lay(p.poly(dyke), np.clip(0.5 + 0.28 * n, 0.1, 0.9), p.angled(8, -3, 10 * n), 0)
    p.line(dyke[:2], 3.5)
    p.rough(20, 520, 560, 46, 60)
    p.rough(1080, 1590, 530, 40, 60)
    # channel in front
    p.water(690, 1067, 0.40, 7, 16, 0.4, ground=1)
    gap = [(610, 520), (990, 508), (990, 760), (610, 770)]
    p.lay(p.poly(gap), 0.9, p.angled(7, 90), 0)
    for x, y in ((590, 470), (980, 458)):
        post = [(x, y - 160), (x + 44, y - 164), (x + 44, y + 330), (x, y + 336)]
        p.lay(p.poly(post), np.clip(0.18 + 0.7 * (p.X - x) / 44, 0, 1) + 0.08 * p.noise(20, 200), p.angled(6.5, 90), 0)
        p.line(post + [post[0]], 4)
    p.lay(p.poly([(560, 318), (1060, 302), (1060, 346), (560, 362)]), 0.4, p.angled(6.5, -1.8, 3 * p.noise(120, 20)), 0)
    p.line([(560, 318), (1060, 302), (1060, 346), (560, 362), (560, 318)], 4.5)
    gate = [(640, 430), (974, 422), (974, 640), (640, 648)]
    for i in range(6):
        x = 640 + i * 55.6
        p.lay(p.poly([(x, 430), (x + 55, 429), (x + 55, 646), (x, 647)]), float(p.rng.choice([0.22, 0.32, 0.46])) + 0.1 * p.noise(16, 220), p.angled(6, 90), 0)
        p.line([(x, 430), (x, 647)], 2.5)
    p.line(gate + [gate[0]], 4)
    for y in (476, 594):
        p.lay(p.poly([(636, y), (978, y - 8), (978, y + 22), (636, y + 30)]), 0.82, p.angled(5), 0)
    p.line([(806, 430), (806, 210)], 12)
    p.line([(806, 420), (806, 220)], 3, 0)
    for k in range(18):
        p.line([(800, 222 + k * 11), (812, 227 + k * 11)], 2)
    p.line([(722, 236), (890, 220)], 10)
    p.line([(722, 236), (722, 190)], 8)
    p.line([(890, 220), (890, 262)], 8)
    # water comes under the gate
    for i in range(44):
        x = p.rng.uniform(648, 968)
        pts = [(x, 648), (x + (x - 806) * 0.12, 700), (x + (x - 806) * 0.5, 770 + p.rng.uniform(0, 50))]
        p.taper(pts, p.rng.uniform(4, 10), 1, 0)
    foam = np.exp(-(((p.X - 806) / 300) ** 2 + ((p.Y - 800) / 40) ** 2)) + 0.35 * p.noise(60, 16)
    p.flat(foam > 0.62, 0, 0)
    p.figure(1150, 566, 190, -0.02)
    p.figure(455, 580, 170, 0.04, 0.45)
    p.rough(0, 420, 1075, 210, 60)
    p.rough(1240, 1600, 1075, 250, 60)
    return p


@scene
def council_chamber():
    p = Plate(seed=61)
    p.lay(None, np.clip(0.34 + 0.3 * np.abs(p.X - 800) / 800, 0, 0.8), p.angled(9, 90), 0)
    # five tall windows
    for i in range(5):
        x = 330 + i * 235
        w, y0, y1 = 62, 150, 520
        m = p.poly([(x - w - 22, y1 + 22), (x - w - 22, y0), (x + w + 22, y0), (x + w + 22, y1 + 22)]) | p.ellipse(x, y0, w + 22)
        p.lay(m, 0.72, p.angled(6, 90), 0)
        m = p.rect(x - w, y0, x + w, y1) | p.ellipse(x, y0, w)
        p.flat(m, 0, 0)
        p.lay(m & (p.Y > 330), 0.12, p.angled(7), 1)
        hillw = m & (p.Y > 430 + 20 * np.sin(p.X / 90))
        p.lay(hillw, 0.4, p.angled(6, 10), 1)
        p.line([(x, y0 - w), (x, y1)], 4)
        for y in (190, 300, 410):
            p.line([(x - w, y), (x + w, y)], 3)
        p.line([(x - w, y1), (x - w, y0)] + [(x + w * math.cos(a), y0 - w * math.sin(a)) for a in np.linspace(math.pi, 0, 30)] + [(x + w, y1), (x - w, y1)], 4)
    p.lay(p.rect(0, 560, 1600, 620), 0.7, p.angled(7), 0)
    p.line([(0, 560), (1600, 560)], 5)
    for x in range(10, 1600, 76):
        p.line([(x, 566), (x, 620)], 2)
    # floor, then shafts of light
    p.lay(p.rect(0, 620, 1600, 1067), 0.42, p.graded(620, 1067, 6, 14), 1)
    for i in range(5):
        x = 330 + i * 235
        k = (x - 800)
        m = p.poly([(x - 40 + k * 0.3, 640), (x + 40 + k * 0.3, 640), (x + 100 + k * 0.75 + 40, 800), (x - 60 + k * 0.75 + 40, 800)])
        p.lay(m, 0.1, p.graded(620, 1067, 6, 14), 0)
    # the chair's table
    p.lay(p.poly([(560, 600), (1040, 600), (1062, 690), (538, 690)]), 0.78, p.angled(8, 90), 0)
    p.flat(p.poly([(548, 588), (1052, 588), (1060, 606), (540, 606)]), 0, 0)
    p.line([(548, 588), (1052, 588), (1060, 606), (540, 606), (548, 588)], 4)
    chair = [(752, 590), (746, 440), (800, 412), (854, 440), (848, 590)]
    p.lay(p.poly(chair), 0.5, p.angled(6, 90), 2)
    p.line(chair + [chair[0]], 5)
    for x in (641, 961):
        p.figure(x, 664, 172)
        p.flat(p.rect(x - 40, 590, x + 40, 700), 0, 0)
        p.lay(p.rect(x - 60, 606, x + 60, 690), 0.78, p.angled(8, 90), 0)
        p.flat(p.rect(x - 60, 590, x + 60, 604), 0, 0)
    p.line([(552, 606), (1060, 606)], 3)
    p.line([(548, 588), (1052, 588)], 4)
    # curved benches, back to front
    cx, cy = 800, 560
    for row, (r, k) in enumerate(((520, 0.42), (690, 0.47), (880, 0.52), (1100, 0.56))):
        inside = lambda rr, dy: ((p.X - cx) / rr) ** 2 + ((p.Y - cy - dy) / (rr * k)) ** 2 < 1
        up = 46 + row * 15
        lower = p.Y > cy + r * k * 0.42
        front = inside(r + 20, 0) & ~inside(r, -up * 0) & lower
        riser = inside(r, up) & ~inside(r, 0) & lower
        ang = (np.arctan2((p.Y - cy) / k, p.X - cx) * (r / (9 + 2 * row))).astype(np.float32)
        p.lay(riser, np.clip(0.86 - 0.1 * row + 0.1 * np.cos(ang / 9), 0.4, 0.95), ang, 0)
        top = inside(r + 6, 0) & ~inside(r - 34 - 8 * row, 0) & lower
        p.flat(top, 0, 0)
        p.lay(top, 0.12, p.rings(cx, cy, 7, k), 0)
        for rr, dy in ((r + 6, 0), (r - 34 - 8 * row, 0), (r, up)):
            pts = [(cx + rr * math.cos(a), cy + dy + rr * k * math.sin(a)) for a in np.linspace(0.42, math.pi - 0.42, 90)]
            p.line(pts, 3 + row * 0.6)
        for j, a in enumerate(np.linspace(0.62, math.pi - 0.62, 7 + row)):
            x, y = cx + (r - 14) * math.cos(a), cy + (r - 14) * k * math.sin(a)
            s = 0.8 + 0.22 * row
            if (row, j) not in ((1, 5), (2, 2)):
                p.many([[(x - 22 * s, y + 2), (x + 20 * s, y - 3), (x + 24 * s, y + 7 * s), (x - 18 * s, y + 12 * s)]], 0, 0)
                p.line([(x - 22 * s, y + 2), (x + 20 * s, y - 3), (x + 24 * s, y + 7 * s), (x - 18 * s, y + 12 * s), (x - 22 * s, y + 2)], 1.8)
            p.line([(x + 34 * s, y + 4), (x + 30 * s, y - 26 * s)], 2.4)
            p.flat(p.ellipse(x + 30 * s, y - 29 * s, 4.5 * s, 7 * s), 0, 1)
    return p


@scene
def convoy_road():
    p = Plate(seed=71)
    p.sky(0.5, 0.05, 480, 9, 0.42, glow=(420, 330, 80))
    p.hills(p.curve(330, 90, 380), 0.26, 6, 0.2, 18, edge=1.4)
    p.hills(p.curve(430, 60, 300), 0.42, 7, 0.28, 20, edge=1.6)
    p.hills(p.curve(520, 24, 420), 0.24, 11, 0.22, 16, cell=(320, 150), edge=1.8)
    knots = ((1250, 512), (860, 556), (560, 618), (470, 700), (690, 830), (1180, 1170))

    def road(t):
        """A bend through the knots (Catmull-Rom)."""
        q = (knots[0], *knots, knots[-1])
        i = min(int(t * 5), 4)
        u = t * 5 - i
        a, b, c, d = q[i : i + 4]
        return tuple(0.5 * (2 * b[j] + (c[j] - a[j]) * u + (2 * a[j] - 5 * b[j] + 4 * c[j] - d[j]) * u * u + (3 * b[j] - a[j] - 3 * c[j] + d[j]) * u**3) for j in (0, 1))

    wide = lambda t: 8 + 250 * t**2.2
    left, right = [], []
    for i in range(60):
        t = i / 59
        x, y = road(t)
        w = wide(t)
        left.append((x - w, y))
        right.append((x + w, y))
    r = p.poly(left + right[::-1])
    p.lay(r, np.clip(0.07 + 0.12 * p.noise(200, 30), 0, 0.4), p.graded(500, 1140, 4, 14), 0)
    p.line(left, 3)
    p.line(right, 3)
    for i in range(60):
        t = i / 59
        x, y = road(t)
        if i % 3 == 0 and i < 57:
            x2, y2 = road(t + 1 / 59)
            p.taper([(x, y), (x2, y2)], 1 + 12 * t, 1 + 13 * t)

    def lorry(t, side, ochre=False):
        x, y = road(t)
        w = wide(t)
        x += side * w * 0.30
        s = 0.05 + t**1.9 * 1.0
        W, H = 132 * s, 250 * s
        top = y - H - 30 * s
        d = 90 * s
        # long side going back, then the front
        side_face = [(x + W / 2, y - 28 * s), (x + W / 2, top), (x + W / 2 + d, top + 34 * s), (x + W / 2 + d, y - 62 * s)]
        p.lay(p.poly(side_face), 0.86, p.angled(max(4, 8 * s), 90), 0)
        p.line(side_face + [side_face[0]], max(1.5, 4 * s))
        box = [(x - W / 2, y - 28 * s), (x - W / 2, top), (x + W / 2, top), (x + W / 2, y - 28 * s)]
        p.lay(p.poly(box), 0.2, p.angled(max(4, 9 * s)), 2 if ochre else 0)
        p.line(box + [box[0]], max(1.5, 4 * s))
        p.lay(p.poly([(x - W * 0.43, y - 60 * s), (x - W * 0.43, y - 180 * s), (x + W * 0.43, y - 180 * s), (x + W * 0.43, y - 60 * s)]), 0.3, p.angled(max(4, 6 * s), 90), 0)
        p.many([[(x - W * 0.38, y - 122 * s), (x - W * 0.36, y - 172 * s), (x + W * 0.36, y - 172 * s), (x + W * 0.38, y - 122 * s)],
                [(x - W * 0.5, y - 58 * s), (x + W * 0.5, y - 58 * s), (x + W * 0.5, y - 30 * s), (x - W * 0.5, y - 30 * s)],
                [(x - W * 0.46, y - 30 * s), (x - W * 0.24, y - 30 * s), (x - W * 0.24, y), (x - W * 0.46, y)],
                [(x + W * 0.24, y - 30 * s), (x + W * 0.46, y - 30 * s), (x + W * 0.46, y), (x + W * 0.24, y)],
                [(x + W * 0.62, y - 62 * s), (x + W * 0.9, y - 66 * s), (x + W * 0.9, y - 30 * s), (x + W * 0.62, y - 24 * s)]])
        for u in (-0.36, 0.36):
            p.flat(p.ellipse(x + u * W, y - 76 * s, 9 * s), 0, 0)
        p.line([(x, y - 122 * s), (x, y - 172 * s)], max(1, 3 * s), 0)

    for t, o in ((0.14, 0), (0.22, 0), (0.31, 0), (0.42, 1), (0.56, 0), (0.79, 0)):
        lorry(t, -0.9, o)
    # poles
    for t, h in ((0.72, 250), (0.83, 360), (0.93, 520)):
        x, y = road(t)
        x += wide(t) * 1.35
        p.taper([(x, y), (x + 3, y - h)], h * 0.05, h * 0.028)
        p.line([(x - h * 0.15, y - h * 0.9), (x + h * 0.17, y - h * 0.92)], max(1.5, h * 0.022))
    pts = [((lambda q, t: (q[0] + wide(t) * 1.35 - h * 0.14, q[1] - h * 0.92))(road(t), t)) for t, h in ((0.72, 250), (0.83, 360), (0.93, 520))]
    for a, b in zip(pts, pts[1:]):
        p.line([(a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u + 40 * u * (1 - u) * (b[0] - a[0]) / 120) for u in np.linspace(0, 1, 20)], 1.8)
    p.rough(0, 330, 1080, 150, 60)
    p.rough(1250, 1600, 1080, 200, 70)
    return p


@scene
def clinic_fridge():
    p = Plate(seed=81)
    p.lay(None, np.clip(0.2 + 0.18 * smooth(900, 100, p.X), 0, 1), p.angled(10, 90), 0)
    for x in range(0, 1600, 80):
        p.line([(x, 520), (x, 830)], 1.6)
    p.lay(p.rect(0, 520, 1600, 830), np.clip(0.14 + 0.2 * smooth(900, 100, p.X), 0, 1), p.angled(9), 1)
    for y in range(520, 831, 62):
        p.line([(0, y), (1600, y)], 2)
    for y, off in zip(range(520, 830, 62), (0, 40) * 4):
        for x in range(-off, 1600, 80):
            p.line([(x, y), (x, y + 62)], 2)
    p.lay(p.rect(0, 830, 1600, 1067), 0.5, p.graded(830, 1067, 7, 15), 0)
    p.line([(0, 830), (1600, 830)], 5)
    # window: roofs and a solar panel in the sun
    p.flat(p.rect(120, 120, 560, 460), 0, 0)
    win = p.rect(120, 120, 560, 460)
    p.lay(win & (p.Y < 330), np.clip(0.4 - (p.Y - 120) / 600, 0.05, 1) * smooth(40, 150, np.hypot(p.X - 450, p.Y - 200)), p.angled(8), 0)
    p.flat(p.ellipse(450, 200, 40), 2, 0)
    hillr = p.curve(330, 22, 130)
    p.lay(win & p.below(hillr), 0.45, p.angled(6.5, 8), 0)
    panel = [(170, 450), (230, 330), (420, 330), (400, 450)]
    p.lay(p.poly(panel), 0.9, p.angled(6, -60), 0)
    for i in range(5):
        u = i / 4
        p.line([(170 + 230 * u, 450), (230 + 190 * u, 330)], 3, 0)
    for v in (0, 0.33, 0.66, 1):
        p.line([(170 + 60 * v, 450 - 120 * v), (400 + 20 * v, 450 - 120 * v)], 3, 0)
    p.line([(120, 120), (560, 120), (560, 460), (120, 460), (120, 120)], 12)
    p.line([(340, 120), (340, 460)], 6)
    p.lay(p.rect(96, 460, 584, 486), 0.4, p.angled(6), 0)
    p.line([(96, 460), (584, 460), (584, 486), (96, 486), (96, 460)], 3.5)
    # the refrigerator, door open
    x0, y0, x1, y1 = 770, 190, 1120, 930
    p.lay(p.poly([(x0, y1), (x1, y1), (x1 + 150, y1 + 40), (x0 + 90, y1 + 46)]), 0.88, p.angled(7), 0)
    p.flat(p.rect(x0, y0, x1, y1), 0, 0)
    p.lay(p.rect(x0, y0, x0 + 36, y1), 0.4, p.angled(6, 90), 0)
    p.line([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], 6)
    p.lay(p.rect(x0 + 36, y0 + 40, x1 - 26, y1 - 130), np.clip(0.08 + 0.4 * (p.Y - y0) / 700, 0, 0.5), p.angled(9, 90), 1)
    p.line([(x0 + 36, y0 + 40), (x1 - 26, y0 + 40), (x1 - 26, y1 - 130), (x0 + 36, y1 - 130), (x0 + 36, y0 + 40)], 4)
    for j, y in enumerate((340, 470, 600, 730)):
        p.lay(p.rect(x0 + 38, y, x1 - 28, y + 12), 0.8, p.angled(4), 0)
        x = x0 + 52
        while x < x1 - 66:
            k = p.rng.random()
            if k < 0.5:
                w, h = 20, 50
                p.flat(p.rect(x, y - h, x + w, y), 0, 0)
                p.lay(p.rect(x, y - h * 0.62, x + w, y), 0.5, p.angled(4), 2 if j == 1 else 0)
                p.line([(x, y), (x, y - h), (x + w, y - h), (x + w, y)], 2)
                p.many([[(x + 4, y - h), (x + 4, y - h - 11), (x + w - 4, y - h - 11), (x + w - 4, y - h)]])
                x += 27
            elif k < 0.85:
                w, h = 62, 66
                p.lay(p.rect(x, y - h, x + w, y), 0.18, p.angled(6), 0)
                p.line([(x, y), (x, y - h), (x + w, y - h), (x + w, y)], 2.6)
                p.line([(x + 10, y - 42), (x + w - 10, y - 42)], 4)
                p.line([(x + 10, y - 28), (x + w - 22, y - 28)], 3)
                x += 72
            else:
                x += 30
    p.lay(p.rect(x0 + 36, y1 - 110, x1 - 20, y1 - 20), 0.7, p.angled(8), 0)
    p.flat(p.ellipse(x0 + 96, y1 - 65, 34), 0, 0)
    p.line([(x0 + 96, y1 - 65), (x0 + 112, y1 - 88)], 4)
    p.line([(x0 + 96 + 34 * math.cos(a), y1 - 65 + 34 * math.sin(a)) for a in np.linspace(0, 6.3, 40)], 3.5)
    # the door
    door = [(x1, y0), (x1 + 230, y0 - 46), (x1 + 230, y1 + 66), (x1, y1)]
    p.lay(p.poly(door), np.clip(0.55 - 0.4 * (p.X - x1) / 230, 0.1, 1), p.angled(8, 90), 0)
    p.line(door + [door[0]], 6)
    for v in (0.25, 0.47, 0.69):
        ya, yb = y0 + 740 * v, y0 - 46 + 852 * v
        p.lay(p.poly([(x1 + 20, ya), (x1 + 206, yb), (x1 + 206, yb + 46), (x1 + 20, ya + 40)]), 0.75, p.angled(6, -12), 0)
        for i in range(5):
            bx = x1 + 36 + i * 34
            by = ya + (yb - ya) * (i + 0.5) / 5
            p.flat(p.rect(bx, by - 34, bx + 18, by + 3), 0, 0)
            p.line([(bx, by), (bx, by - 34), (bx + 18, by - 34), (bx + 18, by)], 2)
    # bench with cool box and a log book
    p.lay(p.poly([(60, 760), (640, 760), (690, 830), (20, 830)]), 0.16, p.graded(760, 840, 6, 9), 0)
    p.line([(60, 760), (640, 760), (690, 830), (20, 830), (60, 760)], 4.5)
    p.lay(p.rect(20, 830, 690, 862), 0.75, p.angled(7), 0)
    for x in (60, 620):
        p.lay(p.rect(x, 862, x + 34, 1067), 0.7, p.angled(6, 90), 0)
    cb = [(130, 796), (130, 650), (360, 650), (360, 796)]
    p.lay(p.poly(cb), 0.3, p.angled(8), 2)
    p.lay(p.poly([(360, 796), (360, 650), (410, 628), (410, 766)]), 0.8, p.angled(6, 90), 2)
    p.lay(p.poly([(120, 650), (170, 620), (418, 620), (368, 650)]), 0.1, p.angled(6), 0)
    p.line(cb + [cb[0]], 4)
    p.line([(120, 650), (170, 620), (418, 620), (368, 650), (120, 650)], 4)
    p.line([(360, 796), (410, 766), (410, 628)], 4)
    p.line([(190, 650), (190, 604), (316, 604), (316, 650)], 6)
    book = [(450, 800), (500, 776), (610, 776), (590, 800)]
    p.flat(p.poly(book), 0, 0)
    p.line(book + [book[0]], 3.5)
    for i in range(4):
        p.line([(480 + i * 4, 796 - i * 5), (585 + i * 4, 796 - i * 5)], 1.5)
    # wall clock stopped
    p.flat(p.ellipse(1450, 250, 72), 0, 0)
    p.lay(p.ellipse(1450, 250, 72) & ~p.ellipse(1450, 250, 60), 0.95, p.rings(1450, 250, 6), 0)
    for i in range(12):
        a = i * math.pi / 6
        p.line([(1450 + 50 * math.cos(a), 250 + 50 * math.sin(a)), (1450 + 57 * math.cos(a), 250 + 57 * math.sin(a))], 4)
    p.line([(1450, 250), (1450, 208)], 5)
    p.line([(1450, 250), (1482, 268)], 6)
    return p


@scene
def market_scales():
    p = Plate(seed=91)
    n = p.noise(380, 260)
    p.lay(None, np.clip(0.62 - 0.42 * np.exp(-np.hypot((p.X - 800) / 1.5, p.Y - 380) / 330) + 0.08 * n, 0.05, 0.9), p.angled(9, 0, 5 * n), 0)
    # awning poles and a strip of cloth above
    for i in range(20):
        x = i * 84 - 20
        m = p.poly([(x, 0), (x + 84, 0), (x + 84, 92), (x, 92)]) | (p.ellipse(x + 42, 92, 42, 34) & (p.Y > 90))
        p.lay(m, 0.88 if i % 2 else 0.18, p.angled(7, 90), 0)
        p.line([(x + 42 + 42 * math.cos(a), 92 + 34 * math.sin(a)) for a in np.linspace(0, math.pi, 20)], 3)
    p.line([(0, 26), (1600, 26)], 5)
    # far stalls and people
    p.lay(p.rect(0, 560, 1600, 640), 0.5, p.angled(6), 0)
    for x in range(30, 1600, 96):
        if 420 < x < 1180:
            continue
        p.figure(x + float(p.rng.uniform(-20, 20)), 640, float(p.rng.uniform(170, 230)), float(p.rng.uniform(-0.06, 0.06)))
    for x in (0, 190, 1180, 1400):
        p.lay(p.poly([(x, 640), (x + 12, 588), (x + 178, 588), (x + 190, 640)]), 0.4, p.angled(6, 12), 1)
        p.line([(x, 640), (x + 12, 588), (x + 178, 588), (x + 190, 640)], 3)
    # the table
    p.lay(p.poly([(0, 640), (1600, 640), (1600, 1067), (0, 1067)]), np.clip(0.2 + 0.12 * p.noise(300, 20), 0.05, 0.6), p.graded(640, 1067, 6, 14), 1)
    p.line([(0, 640), (1600, 640)], 6)
    # balance: column, beam, pans
    p.lay(p.poly([(640, 930), (700, 868), (900, 868), (960, 930)]), np.clip(0.2 + 0.7 * (p.X - 640) / 320, 0, 1), p.angled(8, 90), 0)
    p.line([(640, 930), (700, 868), (900, 868), (960, 930), (640, 930)], 5)
    p.lay(p.rect(782, 260, 818, 870), np.clip(0.05 + 0.95 * (p.X - 782) / 36, 0, 1), p.angled(6, 90), 0)
    p.line([(782, 870), (782, 260), (818, 260), (818, 870)], 4)
    p.flat(p.ellipse(800, 244, 30), 2, 0)
    p.lay(p.ellipse(800, 244, 30), np.clip((p.X - 770) / 70, 0, 1), p.rings(780, 230, 6))
    p.line([(800 + 30 * math.cos(a), 244 + 30 * math.sin(a)) for a in np.linspace(0, 6.3, 40)], 4)
    a = math.radians(4.5)
    L = 400
    ends = [(800 - L * math.cos(a), 300 + L * math.sin(a)), (800 + L * math.cos(a), 300 - L * math.sin(a))]
    p.many([[(ends[0][0], ends[0][1] - 7), (800, 278), (ends[1][0], ends[1][1] - 7), (ends[1][0], ends[1][1] + 7), (800, 322), (ends[0][0], ends[0][1] + 7)]])
    p.line([(ends[0][0] + 30, ends[0][1] - 6), (800, 290), (ends[1][0] - 30, ends[1][1] + 2)], 3, 0)
    p.line([(800, 300), (800 + 8, 410)], 4)
    for (ex, ey), load in zip(ends, (1, 0)):
        py = ey + 300
        for dx in (-150, 0, 150):
            p.line([(ex, ey), (ex + dx, py)], 2.6)
        rim = p.ellipse(ex, py, 165, 26)
        bowl = p.ellipse(ex, py, 165, 78) & (p.Y > py)
        if load:
            for _ in range(230):
                u = float(p.rng.uniform(-1, 1))
                v = float(p.rng.uniform(0, 1)) * (1 - u * u) ** 0.7
                x, y, r = ex + u * 138, py + 8 - v * 92, 9
                p.flat(p.ellipse(x, y, r, r * 0.8), 0, 1)
                p.flat(p.ellipse(x - 0.8, y - 0.8, r - 2, (r - 2) * 0.8), 2, 0)
        else:
            for x, h, w in ((-70, 92, 34), (0, 120, 42), (74, 74, 30)):
                q = [(ex + x - w, py + 10), (ex + x - w * 0.9, py - h), (ex + x + w * 0.9, py - h), (ex + x + w, py + 10)]
                p.lay(p.poly(q), np.clip(0.25 + 0.75 * (p.X - ex - x + w) / (2 * w), 0, 1), p.angled(6, 90), 0)
                p.line(q + [q[0]], 3.5)
                p.flat(p.ellipse(ex + x, py - h - 12, 11), 0, 1)
        p.lay(bowl, np.clip(0.25 + 0.6 * (p.X - ex + 165) / 330, 0, 0.95), p.rings(ex, py - 260, 8, 1), 0)
        p.line([(ex + 165 * math.cos(t), py + 78 * math.sin(t)) for t in np.linspace(0, math.pi, 50)], 4)
        p.line([(ex + 165 * math.cos(t), py + 26 * math.sin(t)) for t in np.linspace(0, math.pi, 50)], 3.5)

    def cob(x, y, size, deg, open_=True):
        c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
        at = lambda u, v: (x + (u * c - v * s) * size, y + (u * s + v * c) * size)
        outline = [at(-1 + 2 * i / 30, 0.27 * (1 - (-1 + 2 * i / 30) ** 4) ** 0.5 * (1 - 0.22 * (-1 + 2 * i / 30))) for i in range(31)]
        outline += [at(1 - 2 * i / 30, -0.27 * (1 - (1 - 2 * i / 30) ** 4) ** 0.5 * (1 - 0.22 * (1 - 2 * i / 30))) for i in range(31)]
        m = p.poly(outline)
        p.flat(m, 2, 0)
        u = ((p.X - x) * c + (p.Y - y) * s) / size
        v = (-(p.X - x) * s + (p.Y - y) * c) / size
        grain = np.maximum(np.abs(((u * 13) % 1) - 0.5), np.abs(((np.arcsin(np.clip(v / 0.29, -1, 1)) * 3.2) % 1) - 0.5)) > 0.40
        p.ink[m & grain] = 1
        p.lay(m & (v > 0.12) & ~grain, 0.5, p.angled(5, deg), 2)
        p.line(outline + [outline[0]], 3.5)
        for k in (-0.3, 0.0, 0.3):
            leaf = [at(-0.86, k * 0.4), at(-1.25, k * 1.2 - 0.1), at(-1.75, k * 1.8), at(-1.3, k * 1.2 + 0.12), at(-0.82, k * 0.4 + 0.12)]
            p.lay(p.poly(leaf), 0.35, p.angled(5, deg + 20 * k), 0)
            p.line(leaf + [leaf[0]], 2.6)

    cob(1230, 930, 130, -14)
    cob(1390, 985, 135, 10)
    cob(1180, 1010, 125, 4)
    # sacks
    for x, y, w, h in ((60, 1010, 250, 250), (290, 1050, 260, 210)):
        pts = [(x, y), (x - 14, y - h * 0.5), (x + w * 0.12, y - h * 0.9), (x + w * 0.5, y - h), (x + w * 0.88, y - h * 0.9), (x + w + 14, y - h * 0.5), (x + w, y), (x + w * 0.5, y + 18)]
        pts = soft(pts)
        p.lay(p.poly(pts), np.clip(0.2 + 0.6 * (p.X - x) / w + 0.1 * p.noise(60, 60), 0.05, 0.95), p.angled(8, 40), 0, p.angled(8, -40))
        p.line(pts + [pts[0]], 4.5)
        p.lay(p.ellipse(x + w * 0.5, y - h * 0.9, w * 0.37, 30), 0.16, p.angled(6), 2)
        p.line([(x + w * 0.5 + w * 0.37 * math.cos(t), y - h * 0.9 + 30 * math.sin(t)) for t in np.linspace(0, 6.3, 50)], 5)
    return p


@scene
def sea_wall():
    p = Plate(1600, 900, seed=101)
    p.sky(0.7, 0.16, 300, 9, 0.5, cell=(460, 70))
    vx, vy = 900, 300
    # sea on the left
    sea = p.poly([(0, 300), (905, 300), (140, 900), (0, 900)])
    n = p.noise(300, 26, 3)
    t = np.clip((p.Y - 300) / 600, 0, 1)
    swell = np.sin((p.graded(300, 900, 3, 17)) * 0.62 + 3.0 * n + p.X / 260)
    p.lay(sea, np.clip(0.5 + 0.36 * swell + 0.12 * n, 0.03, 0.94), p.graded(300, 900, 4, 13) + 0.9 * n * t, 0)
    # town on the right, lower than the crest
    X = np.linspace(0, 1600, p.w * S)
    hill = 320 - 120 * smooth(980, 1500, X) + p.curve(0, 10, 130)
    p.lay(p.below(hill) & (p.X > vx), 0.4, ((p.Y - hill[None, :] * 0.6) / 6.5).astype(np.float32), 0)
    p.line([(x, hill[min(int(x * S), p.w * S - 1)]) for x in range(905, 1600, 8)], 2)
    town = p.poly([(905, 312), (1600, 312), (1600, 900), (1150, 900)])
    p.lay(town & (p.Y > 330), 0.5, p.graded(312, 900, 5, 12), 1)
    for row in range(9):
        k = (row / 8) ** 1.6
        y = 340 + 520 * k
        size = 26 + 150 * k
        x = 925 + 300 * k + 40 * k
        while x < 1640:
            w, h = size * float(p.rng.uniform(0.9, 1.25)), size * float(p.rng.uniform(0.5, 0.75))
            wall = [(x, y + h), (x, y), (x + w, y), (x + w, y + h)]
            roof = [(x - size * 0.06, y), (x + w * 0.2, y - h * 0.62), (x + w * 1.05, y - h * 0.62), (x + w + size * 0.06, y)]
            per = 4.5 + 4 * k
            p.lay(p.poly(wall), 0.2, p.angled(per, 90), 0)
            p.lay(p.poly(roof), float(p.rng.choice([0.45, 0.6, 0.8])), p.angled(per, 68), 2 if p.rng.random() < 0.16 else 0)
            p.line(wall + [wall[0]], 1.4 + 2 * k)
            p.line(roof + [roof[0]], 1.4 + 2 * k)
            for u in (0.2, 0.6):
                p.many([[(x + w * u, y + h * 0.25), (x + w * (u + 0.18), y + h * 0.25), (x + w * (u + 0.18), y + h * 0.7), (x + w * u, y + h * 0.7)]])
            x += w * float(p.rng.uniform(1.25, 1.7))
    # crest of the wall, its face and the armour blocks
    p.lay(p.poly([(vx, vy), (vx + 6, vy), (1180, 900), (1010, 900)]), 0.85, p.angled(7, -64), 0)
    crest = [(vx - 6, vy), (vx + 3, vy), (1030, 900), (560, 900)]
    p.lay(p.poly(crest), np.clip(0.07 + 0.08 * p.noise(120, 20), 0, 0.3), p.graded(300, 900, 3, 15), 0)
    face = [(vx - 6, vy), (560, 900), (300, 900), (vx - 12, vy + 2)]
    p.lay(p.poly(face), 0.62, p.graded(300, 900, 3, 15) + (p.X / 60), 1)
    p.taper([(vx - 6, vy), (560, 900)], 1, 8)
    p.taper([(vx + 3, vy), (1030, 900)], 1, 8)
    p.taper([(vx + 4, vy), (1180, 900)], 1, 6)
    for k in np.linspace(0.05, 1, 13) ** 1.7:
        y = vy + 600 * k
        p.line([(vx - 6 - 334 * k, y), (vx + 3 + 127 * k, y)], 0.8 + 3 * k)
    for i in range(46):
        k = (i / 45) ** 1.9
        y = vy + 6 + 610 * k
        base = vx - 12 - 600 * k
        for j in range(2):
            r = 4 + 58 * k
            cx, cy = base - j * r * 1.5 + float(p.rng.uniform(-0.4, 0.4)) * r, y + float(p.rng.uniform(-0.3, 0.3)) * r
            b = float(p.rng.uniform(0, 6.28))
            pts = [(cx + r * float(p.rng.uniform(0.75, 1.15)) * math.cos(b + q * 1.05), cy + 0.72 * r * float(p.rng.uniform(0.75, 1.15)) * math.sin(b + q * 1.05)) for q in range(6)]
            p.lay(p.poly(pts), np.clip(0.5 + 0.5 * (p.X - cx) / r + 0.3 * (p.Y - cy) / r, 0.08, 0.95), p.angled(4 + 5 * k, 30 * math.cos(b)), 0)
            p.line(pts + [pts[0]], 0.8 + 3 * k)
    # spray where a sea breaks
    for cx, cy, r in ((330, 620, 150), (600, 430, 70)):
        for _ in range(160):
            a, d = float(p.rng.uniform(math.pi * 1.02, math.pi * 1.75)), r * float(p.rng.uniform(0.2, 1)) ** 0.7
            x, y = cx + d * math.cos(a) * 0.9, cy + d * math.sin(a)
            p.flat(p.ellipse(x, y, max(1.2, (r - d) * 0.07 + 2)), 0, 0)
    # tide gauge on the crest, somebody reading it
    p.lay(p.rect(676, 330, 706, 742), np.clip(0.1 + 0.5 * (p.X - 676) / 30, 0, 1), p.angled(5, 90), 0)
    for i in range(21):
        y = 340 + i * 19
        if i % 2:
            p.many([[(676, y), (706 if i % 4 == 1 else 692, y), (706 if i % 4 == 1 else 692, y + 19), (676, y + 19)]])
    p.line([(676, 742), (676, 330), (706, 330), (706, 742)], 3.5)
    p.flat(p.poly([(676, 520), (706, 520), (706, 534), (676, 534)]), 2, 0)
    p.line([(676, 520), (706, 520)], 2)
    p.figure(792, 790, 250, -0.03)
    p.figure(880, 420, 62, 0.02)
    p.figure(893, 424, 58, 0.02)
    return p


@scene
def ballot_boxes():
    p = Plate(seed=111)
    # a school room: wall, blackboard, curtain booth, lamp
    lamp = np.hypot(p.X - 830, p.Y - 150)
    p.lay(None, np.clip(0.68 - 0.56 * np.exp(-lamp / 420), 0.06, 0.9), p.angled(9, 90), 0)
    p.flat(p.rect(90, 200, 560, 500), 0, 1)
    p.lay(p.rect(90, 200, 560, 500), 0.86, p.angled(8, 6), 1)
    p.line([(90, 200), (560, 200), (560, 500), (90, 500), (90, 200)], 12)
    for i, w in enumerate((260, 330, 190, 300)):
        p.line([(140, 262 + i * 58), (140 + w, 256 + i * 58)], 5, 0, 0)
    p.lay(p.rect(0, 640, 1600, 1067), 0.5, p.graded(640, 1067, 6, 14), 1)
    p.line([(0, 640), (1600, 640)], 5)
    # booth
    x0, x1 = 1130, 1500
    m = p.rect(x0, 180, x1, 830)
    u = (p.X - x0) / (x1 - x0)
    p.lay(m, np.clip(0.5 + 0.4 * np.sin(u * 44 + 0.6 * np.sin(p.Y / 120)), 0.08, 0.95), p.angled(7, 90, 6 * np.sin(p.Y / 90)), 2)
    p.line([(x0 - 14, 172), (x1 + 14, 172)], 12)
    p.line([(x0 - 10, 172), (x0 - 10, 900)], 9)
    p.line([(x1 + 10, 172), (x1 + 10, 900)], 9)
    hem = [(x0 + (x1 - x0) * i / 40, 830 + 9 * math.sin(i * 1.1)) for i in range(41)]
    p.line(hem, 4)
    p.many([[(1268, 930), (1274, 832), (1306, 832), (1310, 930)], [(1336, 930), (1338, 832), (1368, 832), (1376, 930)], [(1256, 938), (1256, 922), (1312, 916), (1314, 938)], [(1334, 938), (1334, 918), (1390, 924), (1390, 938)]])
    # lamp
    p.line([(830, 0), (830, 96)], 3)
    p.many([[(790, 132), (810, 96), (850, 96), (870, 132)]])
    p.flat(p.ellipse(830, 146, 24), 2, 0)
    p.line([(830 + 24 * math.cos(a), 146 + 24 * math.sin(a)) for a in np.linspace(-0.5, 3.6, 30)], 3)
    # table
    top = [(150, 800), (1010, 800), (1090, 900), (60, 900)]
    p.lay(p.poly(top), 0.1, p.graded(800, 900, 6, 9), 0)
    p.line(top + [top[0]], 5)
    p.lay(p.rect(60, 900, 1090, 944), 0.72, p.angled(8), 0)
    p.line([(60, 900), (60, 944), (1090, 944), (1090, 900)], 4)
    for x in (96, 1010):
        p.lay(p.rect(x, 944, x + 46, 1067), 0.75, p.angled(7, 90), 0)
    # three boxes with glass fronts
    for i, (x, full) in enumerate(((170, 0.45), (460, 0.75), (750, 0.3))):
        w, h, d = 220, 250, 54
        y = 868
        lid = [(x, y - h), (x + d, y - h - 46), (x + w + d, y - h - 46), (x + w, y - h)]
        side = [(x + w, y), (x + w, y - h), (x + w + d, y - h - 46), (x + w + d, y - 46)]
        front = p.rect(x, y - h, x + w, y)
        p.flat(front, 0, 0)
        p.lay(front, 0.12, p.angled(11, 45), 0)
        # folded papers
        lvl = y - 16 - full * (h - 40)
        count = int(90 * full) + 20
        for _ in range(count):
            cx, cy = float(p.rng.uniform(x + 26, x + w - 26)), float(p.rng.uniform(lvl, y - 18))
            b, r = float(p.rng.uniform(0, 6.28)), float(p.rng.uniform(15, 23))
            q = [(cx + r * math.cos(b), cy + r * 0.6 * math.sin(b)), (cx + r * math.cos(b + 1.3), cy + r * 0.6 * math.sin(b + 1.3)), (cx + r * math.cos(b + 3.14), cy + r * 0.6 * math.sin(b + 3.14)), (cx + r * math.cos(b + 4.4), cy + r * 0.6 * math.sin(b + 4.4))]
            p.lay(p.poly(q), float(p.rng.choice([0.0, 0.0, 0.2, 0.5])), p.angled(5, math.degrees(b)), 0)
            p.line(q + [q[0]], 1.8)
        p.lay(p.poly(side), 0.82, p.angled(7, 90), 0)
        p.lay(p.poly(lid), 0.26, p.angled(6), 0)
        for pts in (lid, side):
            p.line(pts + [pts[0]], 4)
        p.line([(x, y - h), (x + w, y - h), (x + w, y), (x, y), (x, y - h)], 7)
        p.many([[(x + 78, y - h - 18), (x + 88, y - h - 28), (x + 196, y - h - 28), (x + 186, y - h - 18)]])
        for sx in (x + 34, x + w - 30):
            p.flat(p.rect(sx - 11, y - h - 8, sx + 11, y - h + 24), 2, 0)
            p.line([(sx - 11, y - h - 8), (sx + 11, y - h - 8), (sx + 11, y - h + 24), (sx - 11, y - h + 24), (sx - 11, y - h - 8)], 3)
    # one paper on its way in
    q = [(560, 520), (640, 498), (662, 572), (584, 594)]
    p.flat(p.poly(q), 0, 0)
    p.line(q + [q[0]], 3.5)
    p.line([(600, 509), (623, 583)], 2)
    hand = [(650, 520), (700, 486), (830, 430), (1010, 392), (1040, 470), (860, 512), (770, 548), (700, 566), (656, 556), (690, 534), (640, 540)]
    hand = soft(hand, 1)
    p.lay(p.poly(hand), np.clip(0.3 + 0.4 * smooth(430, 560, p.Y), 0, 0.9), p.angled(7, -22), 0)
    p.line(hand + [hand[0]], 4)
    cuff = [(985, 380), (1130, 330), (1130, 480), (1016, 490)]
    p.lay(p.poly(cuff), 0.88, p.angled(7, 70), 0)
    p.line(cuff + [cuff[0]], 4)
    return p


@scene
def bats_at_dusk():
    p = Plate(ink=INK, seed=121)
    n = p.noise(560, 70)
    tone = 0.86 - 0.74 * smooth(0, 760, p.Y) + 0.10 * n - 0.2 * np.exp(-np.hypot(p.X - 1130, p.Y - 640) / 200)
    p.lay(None, np.clip(tone, 0, 0.94), p.angled(9.5, 0, 5 * p.noise(500, 260, 2)), 1)
    p.flat(p.ellipse(1130, 640, 112), 2, 0)
    p.lay(p.ellipse(1130, 640, 112), 0.5 * smooth(600, 760, p.Y), p.angled(9.5))
    p.hills(p.curve(716, 40, 380), 0.62, 8, 0.2, 18, edge=2, ground=1)
    p.hills(p.curve(810, 30, 300), 0.85, 9, 0.12, 16, edge=2, ground=1)
    # the great fig tree
    def branch(x, y, a, length, w, depth):
        pts = [(x, y)]
        for i in range(6):
            a += float(p.rng.normal(0, 0.10))
            x += math.cos(a) * length / 6
            y += math.sin(a) * length / 6
            pts.append((x, y))
        p.taper(pts, w, w * 0.62)
        if depth == 0:
            for _ in range(7):
                r = float(p.rng.uniform(16, 44))
                leaves.append((x + float(p.rng.normal(0, 40)), y + float(p.rng.normal(0, 26)), r))
            return
        for d in (-0.52, -0.1, 0.42):
            branch(x, y, a + d + float(p.rng.normal(0, 0.14)), length * float(p.rng.uniform(0.62, 0.82)), w * 0.6, depth - 1)
    leaves = []
    p.many([[(220, 1067), (290, 900), (300, 760), (372, 760), (392, 900), (470, 1067)]])
    for x in (170, 250, 420, 520):
        p.taper([(335, 930), ((335 + x) / 2, 1000), (x, 1075)], 44, 16)
    branch(335, 790, -1.62, 200, 74, 3)
    branch(335, 800, -2.3, 180, 44, 2)
    branch(340, 800, -0.9, 190, 44, 2)
    for x, y, r in leaves:
        m = p.ellipse(x, y, r, r * 0.72)
        p.lay(m, np.clip(0.97 - 0.5 * smooth(0.2, 1.3, ((p.X - x) - (p.Y - y)) / r), 0.5, 1), p.angled(5, 35), 1)
    # the stream of bats, from the tree over the sun
    def bat(x, y, s, flap, tilt):
        pts = [(-1, -flap), (-0.62, -0.16 - flap * 0.5), (-0.3, -0.12), (-0.1, -0.1), (-0.08, -0.26), (0, -0.16), (0.08, -0.26), (0.1, -0.1), (0.3, -0.12), (0.62, -0.16 - flap * 0.5), (1, -flap),
               (0.78, 0.1 - flap * 0.3), (0.55, 0.06), (0.4, 0.22), (0.2, 0.14), (0, 0.36), (-0.2, 0.14), (-0.4, 0.22), (-0.55, 0.06), (-0.78, 0.1 - flap * 0.3)]
        c, sn = math.cos(tilt), math.sin(tilt)
        return [(x + s * (u * c - v * sn), y + s * (u * sn + v * c)) for u, v in pts]
    shapes, light = [], []
    for i in range(330):
        t = float(p.rng.uniform(0, 1)) ** 0.8
        x = 470 + 1190 * t
        y = 560 + 150 * math.sin(t * 5.2 + 0.4) - 210 * t + float(p.rng.normal(0, 24 + 86 * t))
        s = 5 + 30 * t ** 1.7 * float(p.rng.uniform(0.5, 1.35))
        shape = bat(x, y, s, float(p.rng.uniform(-0.3, 0.6)), float(p.rng.normal(-0.2, 0.3)))
        (light if y < 250 else shapes).append(shape)
    p.many(shapes)
    p.many(light, 0, 0)
    for _ in range(60):
        x, y = float(p.rng.uniform(0, 1600)), float(p.rng.uniform(0, 230))
        p.flat(p.ellipse(x, y, float(p.rng.uniform(1, 2.4))), 0, 0)
    p.figure(760, 900, 78, 0.02)
    p.figure(800, 902, 70, -0.02)
    p.line([(764, 850), (790, 836)], 4)
    return p


@scene
def loom():
    p = Plate(seed=131)
    p.lay(None, np.clip(0.6 - 0.3 * np.exp(-np.hypot(p.X - 300, p.Y - 240) / 420), 0.1, 0.9), p.angled(10, 90), 0)
    # window with light on the left
    p.flat(p.rect(70, 90, 330, 470), 0, 0)
    p.line([(70, 90), (330, 90), (330, 470), (70, 470), (70, 90)], 12)
    p.line([(200, 90), (200, 470)], 6)
    p.line([(70, 280), (330, 280)], 6)
    p.lay(p.rect(76, 380, 324, 464), 0.35, p.angled(6, 8), 1)
    # yarn on pegs
    for i in range(5):
        x, y = (1450, 1536, 1450, 1536, 1536)[i], (210, 210, 430, 430, 650)[i]
        p.flat(p.ellipse(x, y - 52, 9), 0, 1)
        m = p.ellipse(x, y + 24, 34, 82)
        p.lay(m, 0.3 + 0.14 * (i % 3), p.angled(6, 90 + 4 * (i - 2), 5 * np.sin(p.Y / 26)), (2, 0, 1, 0, 2)[i])
        p.line([(x + 34 * math.cos(a), y + 24 + 82 * math.sin(a)) for a in np.linspace(0, 6.3, 50)], 3)
        p.line([(x - 33, y + 24), (x + 33, y + 24)], 5)
    # warp: threads come from the back beam to the cloth
    back, near = (430, 1170, 250), (330, 1270, 690)
    m = p.poly([(back[0], back[2]), (back[1], back[2]), (near[1], near[2]), (near[0], near[2])])
    t = (p.Y - back[2]) / (near[2] - back[2])
    left, right = back[0] + (near[0] - back[0]) * t, back[1] + (near[1] - back[1]) * t
    u = (p.X - left) / (right - left)
    p.lay(m, np.clip(0.62 - 0.14 * t, 0, 1), (u * 84).astype(np.float32), 0)
    # reed and heddles
    for y, x0, x1, g in ((356, 400, 1200, 0), (418, 386, 1214, 0)):
        p.lay(p.rect(x0, y, x1, y + 22), 0.3, p.angled(5), g)
        p.line([(x0, y), (x1, y), (x1, y + 22), (x0, y + 22), (x0, y)], 3.5)
        p.lay(p.rect(x0 + 20, y - 92, x1 - 20, y), 0.26, p.angled(9.5, 90))
        p.line([(x0, y - 96), (x1, y - 96)], 9)
    p.lay(p.rect(340, 560, 1260, 590), 0.3, p.angled(5), 1)
    p.line([(340, 560), (1260, 560), (1260, 590), (340, 590), (340, 560)], 4)
    p.lay(p.rect(360, 590, 1240, 668), 0.5, p.angled(8, 90), 0)
    p.lay(p.rect(330, 664, 1270, 694), 0.42, p.angled(5), 1)
    p.line([(330, 664), (1270, 664), (1270, 694), (330, 694), (330, 664)], 4)
    # the cloth: stripes and diamonds
    cloth = [(322, 694), (1278, 694), (1400, 1067), (200, 1067)]
    m = p.poly(cloth)
    t = (p.Y - 694) / 373
    left, right = 322 - 122 * t, 1278 + 122 * t
    u = (p.X - left) / (right - left) * 2 - 1
    v = 694 + 373 * t
    depth = (np.log(1 + 1.1 * np.clip(t, 0, 1)) * 5.2)
    p.lay(m, 0.34, p.graded(694, 1067, 5, 9), 0)
    cell = (u * 6) % 1.0 - 0.5
    dv = depth % 1.0 - 0.5
    diamond = np.abs(cell) + np.abs(dv)
    p.lay(m & (diamond < 0.42), 0.2, p.graded(694, 1067, 5, 9), 2)
    p.lay(m & (diamond < 0.24), 0.9, p.graded(694, 1067, 5, 9), 0)
    p.flat(m & (diamond < 0.10), 0, 0)
    p.ink[m & (np.abs(diamond - 0.42) < 0.022)] = 1
    p.lay(m & (np.abs(dv) > 0.44), 0.92, p.graded(694, 1067, 5, 9), 0)
    for side in (0.93, 0.985):
        p.ink[m & (np.abs(np.abs(u) - side) < 0.008)] = 1
    p.line([cloth[0], cloth[3]], 5)
    p.line([cloth[1], cloth[2]], 5)
    # frame
    for x, k in ((250, 1), (1290, -1)):
        post = [(x, 60), (x + 66, 60), (x + 66, 1067), (x, 1067)]
        p.lay(p.poly(post), np.clip(0.2 + 0.6 * (p.X - x) / 66 + 0.14 * p.noise(22, 300, 2), 0.05, 0.95), p.angled(7, 90, 5 * p.noise(60, 200, 2)), 0)
        p.line(post + [post[0]], 5)
    for y, h in ((96, 62), (226, 44)):
        beam = p.rect(216, y, 1390, y + h)
        p.lay(beam, np.clip(0.18 + 0.6 * (p.Y - y) / h + 0.12 * p.noise(320, 18, 2), 0.05, 0.95), p.angled(6.5, 0, 4 * p.noise(300, 40, 2)), 0)
        p.line([(216, y), (1390, y), (1390, y + h), (216, y + h), (216, y)], 5)
    for x in (450, 1150):
        p.line([(x, 158), (x, 262)], 4)
        p.line([(x, 268), (x, 340)], 4)
    # shuttle with its thread, and the weaver's hands
    sh = [(690, 640), (740, 616), (900, 612), (960, 632), (900, 656), (740, 660)]
    p.lay(p.poly(sh), 0.35, p.angled(6, -4), 2)
    p.line(sh + [sh[0]], 4)
    p.lay(p.poly([(762, 628), (872, 624), (872, 644), (762, 648)]), 0.8, p.angled(5, 88), 0)
    p.line([(800, 640), (620, 668), (470, 690)], 2.5)
    for k, x in ((1, 560), (-1, 1080)):
        at = lambda a, b: (x + k * a, 760 + b)
        arm = [at(-210, 320), at(-120, 150), at(-50, 52), at(0, 0), at(60, -34), at(118, -64), at(128, -50), at(84, -14), at(140, -34), at(150, -20), at(92, 14), at(142, 2), at(148, 16), at(84, 42), at(116, 44), at(112, 58), at(58, 74), at(20, 110), at(-40, 200), at(-90, 320)]
        arm = soft(arm, 1)
        p.lay(p.poly(arm), np.clip(0.5 + 0.3 * k * (p.X - x) / -160, 0.2, 0.9), p.angled(7, -52 * k), 0)
        p.line(arm + [arm[0]], 4)
        sleeve = [at(-250, 320), at(-150, 176), at(-20, 236), at(-50, 320)]
        p.lay(p.poly(sleeve), 0.9, p.angled(8, 30 * k), 0)
        p.line(sleeve + [sleeve[0]], 4)
    return p


# Hispaniola, by hand: longitude and latitude of capes and bays, much simplified.
HAITI = [(-71.75, 19.72), (-71.83, 19.71), (-72.0, 19.69), (-72.2, 19.77), (-72.4, 19.75), (-72.62, 19.88), (-72.87, 19.94), (-73.18, 19.92), (-73.40, 19.84), (-73.40, 19.66), (-73.1, 19.62), (-72.86, 19.54), (-72.70, 19.46), (-72.73, 19.28), (-72.80, 19.07), (-72.70, 19.10), (-72.72, 18.92), (-72.55, 18.79), (-72.38, 18.66), (-72.33, 18.56), (-72.48, 18.54), (-72.63, 18.53), (-72.68, 18.43), (-72.87, 18.43), (-73.1, 18.46), (-73.38, 18.49), (-73.52, 18.55), (-73.8, 18.57), (-74.10, 18.66), (-74.42, 18.62), (-74.48, 18.37), (-74.33, 18.29), (-74.08, 18.23), (-73.90, 18.05), (-73.74, 18.19), (-73.45, 18.20), (-73.1, 18.20), (-72.8, 18.15), (-72.54, 18.22), (-72.3, 18.23), (-72.0, 18.20), (-71.77, 18.04)]
BORDER = [(-71.77, 18.04), (-71.76, 18.33), (-71.98, 18.62), (-71.72, 18.62), (-71.73, 18.76), (-71.87, 18.95), (-71.74, 19.02), (-71.64, 19.20), (-71.78, 19.31), (-71.70, 19.46), (-71.75, 19.72)]
DOMINICAN = [(-71.75, 19.72), (-71.66, 19.88), (-71.35, 19.86), (-70.95, 19.92), (-70.69, 19.80), (-70.45, 19.77), (-70.2, 19.65), (-69.97, 19.67), (-69.88, 19.55), (-69.87, 19.36), (-69.62, 19.32), (-69.3, 19.34), (-69.16, 19.30), (-69.22, 19.19), (-69.42, 19.20), (-69.63, 19.21), (-69.62, 19.10), (-69.35, 19.06), (-69.02, 19.02), (-68.75, 18.95), (-68.46, 18.72), (-68.33, 18.61), (-68.42, 18.40), (-68.60, 18.22), (-68.72, 18.22), (-68.80, 18.37), (-68.97, 18.41), (-69.3, 18.43), (-69.6, 18.44), (-69.9, 18.46), (-70.13, 18.25), (-70.5, 18.20), (-70.58, 18.36), (-70.75, 18.42), (-70.92, 18.30), (-71.08, 18.30), (-71.08, 18.05), (-71.22, 17.88), (-71.42, 17.61), (-71.55, 17.75), (-71.68, 17.80), (-71.77, 18.04)]
GONAVE = [(-73.30, 18.93), (-73.08, 18.91), (-72.85, 18.77), (-72.80, 18.70), (-72.98, 18.73), (-73.2, 18.83)]
TORTUE = [(-72.97, 20.07), (-72.78, 20.06), (-72.62, 20.02), (-72.68, 19.99), (-72.93, 20.02)]


@scene
def hispaniola():
    p = Plate(1600, 900, seed=141)
    k, cos = 236, math.cos(math.radians(19))
    at = lambda q: (70 + (q[0] + 74.75) * cos * k, 120 + (20.15 - q[1]) * k)

    def ragged(points, closed):
        """Breaks straight coasts into small steps, always the same ones."""
        pts = [at(q) for q in points] + ([at(points[0])] if closed else [])
        for size in (0.10, 0.08, 0.06):
            out = [pts[0]]
            for a, b in zip(pts, pts[1:]):
                d = float(p.rng.normal(0, size)) * math.hypot(b[0] - a[0], b[1] - a[1])
                h = math.hypot(b[0] - a[0], b[1] - a[1]) or 1
                out += [((a[0] + b[0]) / 2 - (b[1] - a[1]) / h * d, (a[1] + b[1]) / 2 + (b[0] - a[0]) / h * d), b]
            pts = out
        return pts

    haiti, border, dom = ragged(HAITI, False), soft(ragged(BORDER, False), 2, False), ragged(DOMINICAN, False)
    isles = [ragged(GONAVE, True), ragged(TORTUE, True)]
    shores = [haiti, dom] + isles
    # distance to the coast, for the water lines
    gy, gx = np.mgrid[0:450:1, 0:800:1].astype(np.float32) * 2
    dist = np.full(gx.shape, 1e9, np.float32)
    for shore in shores:
        for (ax, ay), (bx, by) in zip(shore, shore[1:]):
            dx, dy = bx - ax, by - ay
            t = np.clip(((gx - ax) * dx + (gy - ay) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
            dist = np.minimum(dist, np.hypot(gx - ax - t * dx, gy - ay - t * dy))
    dist = np.asarray(Image.fromarray(dist).resize((p.w * S, p.h * S), Image.BICUBIC))
    p.lay(None, np.clip(0.25 - dist / 900, 0, 1) * (dist < 186), (6.4 * np.log(1 + dist / 46) + 0.2).astype(np.float32))
    p.flat(p.poly(dom + border[1:]), 1, 0)
    p.flat(p.poly(haiti + border[1:]), 0, 1)
    for isle in isles:
        p.flat(p.poly(isle), 0, 1)
    p.line(dom, 3.5)
    p.line(border, 5, 0, 0)
    p.line(border, 2)

    def label(text, x, y, size, ink=1, anchor="mm", halo=0):
        font = ImageFont.load_default(size * S)
        def draw(d, extra=0):
            d.text((x * S, y * S), text, font=font, fill=1, anchor=anchor, stroke_width=extra)
        if halo:
            p.flat(p.mask(lambda d: draw(d, halo * S)), 0, 0)
        m = p.mask(lambda d: draw(d, 1))
        p.ink[m] = ink
        if not ink:
            p.ground[m] = 0

    label("Haiti", *at((-72.22, 19.30)), 46, 0)
    label("Dominican Republic", *at((-70.35, 18.98)), 38)
    label("Atlantic Ocean", *at((-70.2, 20.32)), 30, halo=5)
    label("Caribbean Sea", *at((-70.0, 17.62)), 30, halo=5)
    px, py = at((-72.32, 18.53))
    lx, ly = at((-72.95, 17.66))
    p.line([(px, py), (lx + 60, ly - 30)], 5, 0, 0)
    p.line([(px, py), (lx + 60, ly - 30)], 2.4)
    p.flat(p.ellipse(px, py, 15), 0, 0)
    p.flat(p.ellipse(px, py, 10.5), 2, 0)
    p.line([(px + 15 * math.cos(a), py + 15 * math.sin(a)) for a in np.linspace(0, 6.3, 50)], 3)
    label("Port-au-Prince", lx, ly, 38, halo=6)
    bar = 100 / 111.2 * k
    x, y = 90, 830
    p.line([(x, y - 10), (x, y), (x + bar, y), (x + bar, y - 10)], 3.5)
    label("100 km", x + bar + 18, y - 4, 26, anchor="lm", halo=4)
    return p


def main(names):
    OUT.mkdir(exist_ok=True)
    for name, draw in SCENES.items():
        if names and name not in names:
            continue
        made = draw()
        for levels in (5, 4, 3, 2):  # fewer steps between paper and ink until the file is small enough
            image = made.image(levels)
            file = io.BytesIO()
            image.save(file, "PNG", optimize=True, bits=4)
            if file.tell() <= BYTES_MAX:
                break
        (OUT / f"{name}.png").write_bytes(file.getvalue())
        print(f"{name}.png  {image.width}×{image.height}  {file.tell() / 1000:.0f} KB, {levels} steps")


if __name__ == "__main__":
    main(sys.argv[1:])

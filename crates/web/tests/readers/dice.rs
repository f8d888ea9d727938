//! Chance with a seed that is printed, so that what it found can be found again: `MASTHEAD_SEED=…`.

/// A small generator (xorshift): the same seed, the same throws.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Dice {
        Dice(seed | 1)
    }

    /// With a seed of its own, which is said.
    pub(crate) fn thrown() -> (u64, Dice) {
        let told = std::env::var("MASTHEAD_SEED").ok().and_then(|text| text.parse().ok());
        let since = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = told.unwrap_or_else(|| since().as_nanos() as u64 | 1);
        println!("seed {seed}");
        (seed, Dice::of(seed))
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

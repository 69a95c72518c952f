//! Repeatable chance: the same seed gives the same fleet and the same misbehaviour.

/// A small pseudo-random sequence (SplitMix64). Good for variety, useless for secrets.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next 64 bits.
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// A number from 0 to `n - 1`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.throw() % n }
    }

    /// True in `percent` of 100 throws.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// `n` characters of an alphabet (ASCII).
    pub fn text(&mut self, n: usize, alphabet: &str) -> String {
        let letters = alphabet.as_bytes();
        (0..n).map(|_| char::from(letters[self.below(letters.len() as u64) as usize])).collect()
    }
}

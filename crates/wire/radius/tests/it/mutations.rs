//! Seeded mutations of every packet. `NOTIFYMDM_MUTATIONS` sets how many.

use crate::{every_answer, vectors};

const DEFAULT_COUNT: usize = 20_000;

/// xorshift64*: the same mutations in every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Xorshift) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
            2 => bytes.truncate(at),
            _ => bytes.insert(at, random.below(256) as u8),
        }
    }
}

#[test]
fn no_mutation_makes_the_reader_panic_or_believe() {
    let count =
        std::env::var("NOTIFYMDM_MUTATIONS").map_or(DEFAULT_COUNT, |count| count.parse().expect("a number"));
    let seeds: Vec<Vec<u8>> = vectors::all().into_iter().map(|(_, bytes)| bytes).collect();
    let mut random = Xorshift(0x0517_6000_1234_5678);
    for _ in 0..count {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        mutate(&mut bytes, &mut random);
        every_answer::run(&bytes);
        let believed = vectors::coa().read_answer(&bytes, vectors::SECRET).is_ok();
        // What comes after a packet's own length is padding.
        assert!(!believed || seeds.iter().any(|seed| bytes.starts_with(seed)), "{bytes:02x?}");
    }
}

//! Seeded mutations of every sample and address. `NOTIFYMDM_MUTATIONS` sets how many.

use crate::{every_parser, fixture};

const DEFAULT_COUNT: usize = 20_000;
/// Bytes that matter to some parser here.
const TOKENS: [&[u8]; 20] = [
    b"<",
    b">",
    b"</",
    b"&",
    b"&#x0;",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE a>",
    b"%2F",
    b"%00",
    b"%",
    b"+",
    b"=",
    b"?",
    b"/",
    b"..",
    b"--b\r\n\r\n",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xFF",
];

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
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.below(24)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + random.below(40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                let token = TOKENS[random.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
}

/// Samples whole, addresses one by one with their placeholders filled in.
fn seeds() -> Vec<Vec<u8>> {
    let urls = fixture::sample("urls.txt").replace("{I}", "/acme").replace("{P}", "/ciscoise/mdmapi/v3");
    let lines = urls.lines().skip(1).map(|line| line.split('#').next().unwrap_or_default().trim().into());
    let bodies =
        fixture::all_samples().into_iter().filter(|(name, _)| name != "urls.txt").map(|(_, bytes)| bytes);
    let wrapped = b"--b\r\nContent-Type: application/xml\r\n\r\n<ise_api><value>3408BC507C78</value></ise_api>\r\n--b--\r\n";
    bodies
        .chain(lines)
        .chain([wrapped.to_vec(), b"xml=%3Ca%3E%3Cvalue%3Ex%3C/value%3E%3C/a%3E".to_vec()])
        .collect()
}

#[test]
fn no_mutation_makes_a_parser_panic() {
    let count =
        std::env::var("NOTIFYMDM_MUTATIONS").map_or(DEFAULT_COUNT, |count| count.parse().expect("a number"));
    let seeds = seeds();
    for seed in &seeds {
        every_parser::run(seed);
    }
    let mut random = Xorshift(0x1505_E0A9_1234_5678);
    for _ in 0..count {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        mutate(&mut bytes, &mut random);
        every_parser::run(&bytes);
    }
}

//! Seeded mutations of every message: bytes bent, cut out, doubled, and spliced from one into another. `NOTIFYMDM_MUTATIONS`
//! sets how many.

use simulator::apple::cms::{Cipher, Form};
use simulator::apple::identity::Identity;
use simulator::apple::scep::{Ask, message};

use crate::every_message::run;
use crate::fixture::{certificate, decoded, file, our_authority};

const DEFAULT_COUNT: usize = 4_000;

fn corpus() -> Vec<Vec<u8>> {
    let names = [
        "apple.ber",
        "modern.der",
        "no-attributes.der",
        "key-id.der",
        "attached.ber",
        "ec.der",
        "two-signers.der",
        "aes128.ber",
        "3des.ber",
        "aes256.der",
        "two-recipients.der",
        "modern.p12",
        "old.p12",
        "rc2.p12",
        "device.pem",
        "ec-sec1.key",
    ];
    let mut corpus: Vec<Vec<u8>> = names.iter().map(|name| file(name)).collect();
    corpus.push(certificate("push.pem").to_der().to_vec());
    corpus.push(decoded("challenge.pem"));
    let ca = our_authority("ca.key");
    let device = Identity::throw_away("d");
    for form in [Form::Der, Form::Ber] {
        let ask = Ask { message_type: "19", transaction: "t", nonce: [1; 16], cipher: Cipher::Aes, form };
        corpus.push(message(&ask, &device.request("d", Some("c")), &device, ca.certificate().to_der()));
    }
    corpus
}

/// A sequence that is the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

fn mutate(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            1 if !bytes.is_empty() => bytes[at] = [0, 0x80, 0xff, 0x30, 0x24, 0x7f][dice.below(6)],
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let other = &corpus[dice.below(corpus.len())];
                let from = dice.below(other.len());
                let piece = other[from..(from + dice.below(400)).min(other.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            _ => bytes.truncate(at.max(8)),
        }
    }
    bytes
}

#[test]
fn mutations_never_panic() {
    let count =
        std::env::var("NOTIFYMDM_MUTATIONS").map_or(DEFAULT_COUNT, |count| count.parse().expect("a number"));
    let corpus = corpus();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..count {
        run(&mutate(&mut dice, &corpus));
    }
}

//! RSA with SHA-1, which Apple's devices sign with and no library of today does any more: numbers of many digits, just
//! enough for one signature. Slow, and not for secrets that matter.

use aws_lc_rs::digest;

use super::der::{descend, elements};

type Digits = Vec<u64>;

fn digits(bytes: &[u8], count: usize) -> Digits {
    let mut out = vec![0; count];
    for (at, byte) in bytes.iter().rev().enumerate() {
        if *byte != 0 {
            out[at / 8] |= u64::from(*byte) << (at % 8 * 8);
        }
    }
    out
}

fn less(a: &[u64], b: &[u64]) -> bool {
    a.iter().rev().cmp(b.iter().rev()).is_lt()
}

/// `a - b`; whether it had to borrow.
fn subtract(a: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b) {
        let (first, one) = a.overflowing_sub(*b);
        let (second, two) = first.overflowing_sub(u64::from(borrow));
        (*a, borrow) = (second, one || two);
    }
    borrow
}

/// `2a + bit` modulo `n`.
fn double(a: &mut Digits, bit: u64, n: &[u64]) {
    let mut carry = bit;
    for digit in a.iter_mut() {
        (*digit, carry) = (*digit << 1 | carry, *digit >> 63);
    }
    if carry == 1 || !less(a, n) {
        subtract(a, n);
    }
}

/// A number of any length modulo `n`.
fn reduce(value: &[u64], n: &[u64]) -> Digits {
    let mut out = vec![0; n.len()];
    for digit in value.iter().rev() {
        for bit in (0..64).rev() {
            double(&mut out, digit >> bit & 1, n);
        }
    }
    out
}

/// Numbers modulo `n`, in Montgomery's form.
struct Field<'a> {
    n: &'a [u64],
    inverse: u64,
    square: Digits,
}

impl<'a> Field<'a> {
    fn new(n: &'a [u64]) -> Self {
        let mut inverse = 1_u64;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n[0].wrapping_mul(inverse)));
        }
        let mut square = reduce(&[1], n);
        for _ in 0..n.len() * 128 {
            double(&mut square, 0, n);
        }
        Self { n, inverse: inverse.wrapping_neg(), square }
    }

    fn multiply(&self, a: &[u64], b: &[u64]) -> Digits {
        let size = self.n.len();
        let mut sum = vec![0_u64; size + 2];
        for digit in a {
            let mut carry = 0_u128;
            for at in 0..size {
                carry += u128::from(sum[at]) + u128::from(*digit) * u128::from(b[at]);
                (sum[at], carry) = (carry as u64, carry >> 64);
            }
            carry += u128::from(sum[size]);
            (sum[size], sum[size + 1]) = (carry as u64, (carry >> 64) as u64);
            let factor = sum[0].wrapping_mul(self.inverse);
            let mut carry = (u128::from(sum[0]) + u128::from(factor) * u128::from(self.n[0])) >> 64;
            for at in 1..size {
                carry += u128::from(sum[at]) + u128::from(factor) * u128::from(self.n[at]);
                (sum[at - 1], carry) = (carry as u64, carry >> 64);
            }
            carry += u128::from(sum[size]);
            (sum[size - 1], sum[size]) = (carry as u64, sum[size + 1].wrapping_add((carry >> 64) as u64));
        }
        let over = sum[size] != 0;
        sum.truncate(size);
        if over || !less(&sum, self.n) {
            subtract(&mut sum, self.n);
        }
        sum
    }

    fn power(&self, base: &[u64], exponent: &[u64]) -> Digits {
        let one = reduce(&[1], self.n);
        let base = self.multiply(base, &self.square);
        let mut out = self.multiply(&one, &self.square);
        for digit in exponent.iter().rev() {
            for bit in (0..64).rev() {
                out = self.multiply(&out, &out);
                if digit >> bit & 1 == 1 {
                    out = self.multiply(&out, &base);
                }
            }
        }
        let mut unit = vec![0; self.n.len()];
        unit[0] = 1;
        self.multiply(&out, &unit)
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-1, by a private key in PKCS#8.
pub fn sign_sha1(pkcs8: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
    sign_info(pkcs8, b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14", hash.as_ref())
}

fn sign_info(pkcs8: &[u8], prefix: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
    let key = elements(descend(descend(pkcs8, &[2])?.content, &[])?.content)?;
    let number = |at: usize| {
        Some(key.get(at)?.content.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>())
    };
    let (modulus, p, q, dp, dq, inverse) =
        (number(1)?, number(4)?, number(5)?, number(6)?, number(7)?, number(8)?);
    let size = modulus.len();
    let filler = vec![0xff; size.checked_sub(prefix.len() + hash.len() + 3)?];
    let padded = [&[0, 1][..], &filler, &[0], prefix, hash].concat();
    let count = p.len().max(q.len()).div_ceil(8);
    let (p, q) = (digits(&p, count), digits(&q, count));
    let padded = digits(&padded, size.div_ceil(8));
    let (in_p, in_q) = (Field::new(&p), Field::new(&q));
    let one = in_p.power(&reduce(&padded, &p), &digits(&dp, count));
    let two = in_q.power(&reduce(&padded, &q), &digits(&dq, count));
    // h = (one − two) · q⁻¹ mod p; signature = two + h · q.
    let mut difference = one;
    if subtract(&mut difference, &reduce(&two, &p)) {
        let mut carry = 0_u128;
        for (digit, add) in difference.iter_mut().zip(&p) {
            carry += u128::from(*digit) + u128::from(*add);
            (*digit, carry) = (carry as u64, carry >> 64);
        }
    }
    let inverse = in_p.multiply(&digits(&inverse, count), &in_p.square);
    let h = in_p.multiply(&difference, &inverse);
    let mut out = two;
    out.resize(2 * count + 1, 0);
    for (at, digit) in h.iter().enumerate() {
        let mut carry = 0_u128;
        for (other, factor) in q.iter().enumerate() {
            carry += u128::from(out[at + other]) + u128::from(*digit) * u128::from(*factor);
            (out[at + other], carry) = (carry as u64, carry >> 64);
        }
        let mut rest = at + q.len();
        while carry > 0 && rest < out.len() {
            carry += u128::from(out[rest]);
            (out[rest], carry) = (carry as u64, carry >> 64);
            rest += 1;
        }
    }
    let bytes: Vec<u8> = out.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect();
    Some(bytes[bytes.len() - size..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::identity::Identity;
    use super::*;

    #[test]
    fn it_signs_as_the_library_does_where_that_can_be_compared() {
        let identity = Identity::throw_away("x");
        let prefix = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
        for message in [&b"one"[..], b"another", b""] {
            let hash = digest::digest(&digest::SHA256, message);
            assert_eq!(sign_info(identity.pkcs8(), prefix, hash.as_ref()), Some(identity.sign(message)));
        }
    }
}

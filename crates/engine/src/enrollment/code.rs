//! Enrolment codes: 16 letters and digits (80 bits) that can be read out and typed.

use crate::Entropy;

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;

/// A new code as people see it: `K7QF-2M8X-0RTV-9WBD`.
pub(super) fn generate(entropy: Entropy) -> String {
    let bits = entropy.bytes::<10>().into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
    let letter = |at: usize| char::from(ALPHABET[(bits >> (5 * (LENGTH - 1 - at)) & 31) as usize]);
    let mut code = String::with_capacity(LENGTH + 3);
    for at in 0..LENGTH {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(letter(at));
    }
    code
}

/// The code in its plain form, as somebody typed it: any case, with or without dashes and spaces, O for 0, I and L
/// for 1. `None` if it cannot be one.
pub(super) fn plain(typed: &str) -> Option<String> {
    if typed.len() > 200 {
        return None;
    }
    let mut code = String::with_capacity(LENGTH);
    for c in typed.trim().chars().filter(|c| !matches!(c, '-' | ' ' | '\u{2010}'..='\u{2015}')) {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        if !c.is_ascii() || !ALPHABET.contains(&(c as u8)) {
            return None;
        }
        code.push(c);
    }
    (code.len() == LENGTH).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = generate(Entropy);
        let bare: String = code.chars().filter(|c| *c != '-').collect();
        assert_eq!((code.len(), bare.len()), (19, 16));
        for typed in
            [code.clone(), bare.clone(), bare.to_lowercase(), format!(" {} ", code.replace('-', " – "))]
        {
            assert_eq!(plain(&typed).as_deref(), Some(bare.as_str()), "{typed}");
        }
        assert_eq!(plain("oOiI-lL22-3333-4444").as_deref(), Some("0011112233334444"));
        for bad in
            ["", "K7QF", "K7QF-2M8X-0RTV-9WBU", "K7QF-2M8X-0RTV-9WBD-0", "ｋ7QF-2M8X-0RTV-9WBD", "';--"]
        {
            assert_eq!(plain(bad), None, "{bad}");
        }
        assert_eq!(plain(&"-".repeat(1_000)), None);
        assert_ne!(generate(Entropy), code);
    }
}

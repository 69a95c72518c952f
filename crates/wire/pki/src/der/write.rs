//! Writes elements; each function makes one whole element of whole elements.

use super::tag;

pub(super) fn length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    }
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    length(&mut out, content.len());
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &parts.concat())
}

/// A set whose elements stand in the order that DER prescribes.
pub(crate) fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort_unstable();
    tlv(tag::SET, &parts.concat())
}

/// `[number]`, explicit or constructed.
pub(crate) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(tag::C0 | number, content)
}

pub(crate) fn oid(encoded: &[u8]) -> Vec<u8> {
    tlv(tag::OID, encoded)
}

pub(crate) fn null() -> Vec<u8> {
    vec![tag::NULL, 0]
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(tag::OCTETS, content)
}

pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    tlv(tag::BITS, &[&[0], content].concat())
}

/// A number that is not negative, from its digits.
pub(crate) fn integer(digits: &[u8]) -> Vec<u8> {
    let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
    match digits.first() {
        None => vec![tag::INTEGER, 1, 0],
        Some(first) if *first >= 0x80 => tlv(tag::INTEGER, &[&[0], digits].concat()),
        Some(_) => tlv(tag::INTEGER, digits),
    }
}

pub(crate) fn small(number: u8) -> Vec<u8> {
    integer(&[number])
}

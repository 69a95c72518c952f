//! A few lines of DER and BER.

/// An element with a definite length.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        middle @ 0x80..=0xff => out.extend([0x81, middle as u8]),
        long @ 0x100..=0xffff => out.extend([&[0x82][..], &(long as u16).to_be_bytes()].concat()),
        longer => out.extend([&[0x84][..], &(longer as u32).to_be_bytes()].concat()),
    }
    // Four digits may be one too many for DER; nothing here is that long but streams, which are BER anyway.
    out.extend(content);
    out
}

/// An element with an indefinite length, as streaming encoders write it.
pub fn endless(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], content, &[0, 0]].concat()
}

/// A sequence of whole elements.
pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A number that is not negative.
pub fn number(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|d| **d == 0).count().min(digits.len().saturating_sub(1));
    let digits = &digits[zeros..];
    if digits[0] > 0x7f { tlv(2, &[&[0], digits].concat()) } else { tlv(2, digits) }
}

/// An object identifier from its dotted form.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').filter_map(|arc| arc.parse().ok()).collect();
    let mut content = Vec::new();
    let first = arcs.first().copied().unwrap_or(0) * 40 + arcs.get(1).copied().unwrap_or(0);
    for arc in std::iter::once(first).chain(arcs.into_iter().skip(2)) {
        let mut digits = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(digits.iter().rev());
    }
    tlv(6, &content)
}

/// One element: its tag, its content, all its bytes, and what follows it. Definite lengths only: servers write DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The tag.
    pub tag: u8,
    /// Its content.
    pub content: &'a [u8],
    /// All of it.
    pub raw: &'a [u8],
    /// What follows.
    pub rest: &'a [u8],
}

/// Takes the first element off.
pub fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, after) = bytes.split_first()?;
    let (&first, after) = after.split_first()?;
    let (length, content) = if first < 0x80 {
        (usize::from(first), after)
    } else {
        let (digits, after) = after.split_at_checked(usize::from(first & 0x7f))?;
        (digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit)), after)
    };
    let (content, rest) = content.split_at_checked(length)?;
    Some(Element { tag, content, raw: &bytes[..bytes.len() - rest.len()], rest })
}

/// All elements of a content.
pub fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let next = element(bytes)?;
        bytes = next.rest;
        out.push(next);
    }
    Some(out)
}

/// The element that is reached by going into the children with these numbers, one level after the other.
pub fn descend<'a>(bytes: &'a [u8], path: &[usize]) -> Option<Element<'a>> {
    let mut at = element(bytes)?;
    for step in path {
        at = *elements(at.content)?.get(*step)?;
    }
    Some(at)
}

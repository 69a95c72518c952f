//! The part of CBOR (RFC 8949) that authenticators write: whole lengths, no floats, no tags (CTAP2's canonical form).

/// Nesting that is read; authenticators need three.
const DEPTH: usize = 6;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// An integer, positive or negative.
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Item<'a>>),
    /// Members in their order; no key comes twice.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// `false`, `true`, `null`.
    Simple(u8),
}

/// The first value and what follows it; `None` for everything else than canonical CBOR.
pub(crate) fn read(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    read_within(bytes, DEPTH)
}

fn read_within(bytes: &[u8], depth: usize) -> Option<(Item<'_>, &[u8])> {
    let depth = depth.checked_sub(1)?;
    let (major, argument, rest) = head(bytes)?;
    match major {
        0 => Some((Item::Int(i64::try_from(argument).ok()?), rest)),
        1 => Some((Item::Int(-1 - i64::try_from(argument).ok()?), rest)),
        2 => {
            let (value, rest) = rest.split_at_checked(usize::try_from(argument).ok()?)?;
            Some((Item::Bytes(value), rest))
        }
        3 => {
            let (value, rest) = rest.split_at_checked(usize::try_from(argument).ok()?)?;
            Some((Item::Text(std::str::from_utf8(value).ok()?), rest))
        }
        4 => array(rest, argument, depth),
        5 => map(rest, argument, depth),
        7 if (20..=22).contains(&argument) && bytes[0] & 0x1F < 24 => {
            Some((Item::Simple(argument as u8), rest))
        }
        _ => None,
    }
}

fn array(mut rest: &[u8], length: u64, depth: usize) -> Option<(Item<'_>, &[u8])> {
    let mut items = Vec::new();
    for _ in 0..length {
        let (item, after) = read_within(rest, depth)?;
        items.push(item);
        rest = after;
    }
    Some((Item::Array(items), rest))
}

fn map(mut rest: &[u8], length: u64, depth: usize) -> Option<(Item<'_>, &[u8])> {
    let mut members: Vec<(Item<'_>, Item<'_>)> = Vec::new();
    for _ in 0..length {
        let (key, after) = read_within(rest, depth)?;
        let (value, after) = read_within(after, depth)?;
        if !matches!(key, Item::Int(_) | Item::Text(_)) || members.iter().any(|(known, _)| *known == key) {
            return None;
        }
        members.push((key, value));
        rest = after;
    }
    Some((Item::Map(members), rest))
}

/// Major type, argument in its shortest form, and what follows.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, short) = (first >> 5, first & 0x1F);
    let (argument, least, rest) = match short {
        0..=23 => (u64::from(short), 0, rest),
        24 => {
            let (value, rest) = rest.split_first()?;
            (u64::from(*value), 24, rest)
        }
        25 => {
            let (value, rest) = rest.split_first_chunk::<2>()?;
            (u64::from(u16::from_be_bytes(*value)), 1 << 8, rest)
        }
        26 => {
            let (value, rest) = rest.split_first_chunk::<4>()?;
            (u64::from(u32::from_be_bytes(*value)), 1 << 16, rest)
        }
        27 => {
            let (value, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*value), 1 << 32, rest)
        }
        // Lengths that end somewhere: not canonical.
        _ => return None,
    };
    (argument >= least).then_some((major, argument, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn values_of_the_rfc_are_read() {
        let int = |n| Some((Item::Int(n), &[][..]));
        assert_eq!(read(&[0x00]), int(0));
        assert_eq!(read(&[0x17]), int(23));
        assert_eq!(read(&[0x18, 0x64]), int(100));
        assert_eq!(read(&[0x1a, 0x00, 0x0f, 0x42, 0x40]), int(1_000_000));
        assert_eq!(read(&[0x38, 0x63]), int(-100));
        assert_eq!(read(&[0x44, 1, 2, 3, 4]), Some((Item::Bytes(&[1, 2, 3, 4]), &[][..])));
        assert_eq!(read(b"\x64IETF"), Some((Item::Text("IETF"), &[][..])));
        let (map, rest) = read(&[0xa2, 0x01, 0x02, 0x03, 0x04, 0xff]).expect("a map");
        assert_eq!(map, Item::Map(vec![(Item::Int(1), Item::Int(2)), (Item::Int(3), Item::Int(4))]));
        assert_eq!(rest, [0xff]);
        assert_eq!(read(&[0xf5]), Some((Item::Simple(21), &[][..])));
    }

    #[test]
    fn what_is_not_canonical_is_not_read() {
        let deep = [0x81; 8];
        for bad in [
            &[][..],
            &[0x18, 0x17],                                           // not the shortest form
            &[0x5f, 0x41, 0x01, 0xff],                               // no whole length
            &[0xa2, 0x01, 0x02, 0x01, 0x03],                         // a key twice
            &[0xa1, 0x41, 0x01, 0x02],                               // a key that is neither number nor text
            &[0xc0, 0x00],                                           // a tag
            &[0xf9, 0x00, 0x00],                                     // a float
            &[0x42, 0x01],                                           // cut off
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // more items than bytes
            &[0x61, 0xff],                                           // not UTF-8
            &deep,
        ] {
            assert_eq!(read(bad), None, "{bad:x?}");
        }
    }
}

//! BER to DER: Apple's clients (and others that stream) write indefinite lengths and octet strings in pieces.

use super::tag;
use crate::Error;

/// Longest message that is normalized, bytes.
pub const LARGEST: usize = 4 << 20;

/// Elements within elements: the deepest honest message (a request within an envelope) has about a dozen.
const DEEPEST: u8 = 40;

/// Rewrites a BER element with definite, minimal lengths and octet strings in one piece. What is DER stays as it is,
/// byte for byte. The content of primitive elements is not looked into.
///
/// # Errors
/// [`Error::Malformed`]: broken lengths, too deep, longer than [`LARGEST`], or more than one element.
pub fn ber_to_der(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if bytes.len() > LARGEST {
        return Err(Error::Malformed("it is too long"));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let rest = element(bytes, &mut out, 0)?;
    if rest.is_empty() { Ok(out) } else { Err(Error::Malformed("something follows its end")) }
}

const SHORT: Error = Error::Malformed("it ends too early");

/// Copies the first element, answers what follows it.
fn element<'a>(bytes: &'a [u8], out: &mut Vec<u8>, depth: u8) -> Result<&'a [u8], Error> {
    if depth > DEEPEST {
        return Err(Error::Malformed("it is nested too deeply"));
    }
    let (header, length, content) = header(bytes)?;
    let constructed = header[0] & 0x20 != 0;
    if let (Some(length), false) = (length, constructed) {
        let (content, rest) = content.split_at_checked(length).ok_or(SHORT)?;
        write(out, header, content);
        return Ok(rest);
    }
    let mut inner = Vec::new();
    let in_pieces = header == [tag::OCTETS | 0x20];
    let rest = match length {
        Some(length) => {
            let (mut content, rest) = content.split_at_checked(length).ok_or(SHORT)?;
            while !content.is_empty() {
                content = piece(content, &mut inner, in_pieces, depth)?;
            }
            rest
        }
        None if !constructed => {
            return Err(Error::Malformed("a primitive element has an indefinite length"));
        }
        None => {
            let mut content = content;
            while !content.starts_with(&[0, 0]) {
                content = piece(content, &mut inner, in_pieces, depth)?;
            }
            &content[2..]
        }
    };
    write(out, if in_pieces { &[tag::OCTETS] } else { header }, &inner);
    Ok(rest)
}

/// One element within another; of an octet string in pieces only the piece's content.
fn piece<'a>(bytes: &'a [u8], out: &mut Vec<u8>, joined: bool, depth: u8) -> Result<&'a [u8], Error> {
    if !joined {
        return element(bytes, out, depth + 1);
    }
    let mut part = Vec::new();
    let rest = element(bytes, &mut part, depth + 1)?;
    if part.first() != Some(&tag::OCTETS) {
        return Err(Error::Malformed("a string in pieces has a piece of another kind"));
    }
    out.extend_from_slice(header(&part)?.2);
    Ok(rest)
}

/// Tag bytes, length (`None`: indefinite) and what follows.
type Header<'a> = (&'a [u8], Option<usize>, &'a [u8]);

fn header(bytes: &[u8]) -> Result<Header<'_>, Error> {
    let first = *bytes.first().ok_or(SHORT)?;
    if first == 0 {
        return Err(Error::Malformed("an end stands where nothing ends"));
    }
    let mut tag_length = 1;
    if first & 0x1f == 0x1f {
        // Numbers from 31 on: seven bits in each further byte. Nobody needs more than two.
        let more = bytes.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count();
        if more > 1 {
            return Err(Error::Malformed("a tag is too long"));
        }
        tag_length += more + 1;
    }
    let (tag, rest) = bytes.split_at_checked(tag_length).ok_or(SHORT)?;
    let (&length, rest) = rest.split_first().ok_or(SHORT)?;
    match length {
        0..=0x7f => Ok((tag, Some(usize::from(length)), rest)),
        0x80 => Ok((tag, None, rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f)).ok_or(SHORT)?;
            Ok((tag, Some(digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))), rest))
        }
        _ => Err(Error::Malformed("a length is too long")),
    }
}

fn write(out: &mut Vec<u8>, tag: &[u8], content: &[u8]) {
    out.extend_from_slice(tag);
    super::write::length(out, content.len());
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_der_stays_and_what_is_not_becomes_it() {
        let der = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xff];
        assert_eq!(ber_to_der(&der), Ok(der.to_vec()));
        let indefinite = [0x30, 0x80, 0x02, 0x81, 0x01, 0x05, 0x24, 0x80, 0x04, 0x01, 0xff, 0, 0, 0, 0];
        assert_eq!(ber_to_der(&indefinite), Ok(der.to_vec()));
        // Pieces within pieces, and none at all.
        assert_eq!(ber_to_der(&[0x24, 0x05, 0x24, 0x03, 0x04, 0x01, 7]), Ok(vec![4, 1, 7]));
        assert_eq!(ber_to_der(&[0x24, 0x80, 0, 0]), Ok(vec![4, 0]));
        // Two zeros within a primitive element end nothing.
        assert_eq!(ber_to_der(&[0x30, 0x80, 4, 2, 0, 0, 0, 0]), Ok(vec![0x30, 4, 4, 2, 0, 0]));
        assert_eq!(ber_to_der(&[0x7f, 0x21, 0x00]), Ok(vec![0x7f, 0x21, 0x00]), "a tag of two bytes");
    }

    #[test]
    fn broken_forms_are_refused() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x02, 0x05],
            &[0x04, 0x80, 0, 0],
            &[0, 0],
            &[0x30, 0x80, 0, 1, 0, 0],
            &[0x24, 0x03, 0x02, 0x01, 0x07],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0, 0],
            &[0x3f, 0xff, 0xff, 0x01, 0],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert!(matches!(ber_to_der(bad), Err(Error::Malformed(_))), "{bad:x?}");
        }
        for deep in [[0x30, 0x80].repeat(100_000), [0x24, 0x84, 0, 0, 0xff, 0xff].repeat(20_000)] {
            assert!(matches!(ber_to_der(&deep), Err(Error::Malformed(_))));
        }
    }
}

//! Reads one element after the other.

use super::tag;
use crate::{Error, Millis, time};

const SHORT: Error = Error::Malformed("it ends too early");

/// An element: its tag, its content, and both with the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub raw: &'a [u8],
}

impl<'a> Element<'a> {
    pub fn inner(self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// Elements that stand one behind the other. Lengths must be minimal, as DER has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next element has this tag.
    pub fn is(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, Error> {
        let bytes = self.0;
        let (&tag, rest) = bytes.split_first().ok_or(SHORT)?;
        if tag & 0x1f == 0x1f {
            return Err(Error::Malformed("it has a tag that is not used here"));
        }
        let (&first, rest) = rest.split_first().ok_or(SHORT)?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(SHORT)?;
                let length = digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                if digits[0] == 0 || length < 0x80 {
                    return Err(Error::Malformed("a length has needless digits"));
                }
                (length, rest)
            }
            _ => return Err(Error::Malformed("a length is indefinite or too long")),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(Element { tag, content, raw: &bytes[..bytes.len() - rest.len()] })
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, Error> {
        let element = self.any()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Error::Malformed("an element is not what belongs there"))
        }
    }

    /// The next element, if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Error> {
        if self.is(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// What is within the next element.
    pub fn inner(&mut self, tag: u8) -> Result<Reader<'a>, Error> {
        self.expect(tag).map(Element::inner)
    }

    pub fn sequence(&mut self) -> Result<Reader<'a>, Error> {
        self.inner(tag::SEQUENCE)
    }

    pub fn oid(&mut self) -> Result<&'a [u8], Error> {
        self.expect(tag::OID).map(|e| e.content)
    }

    /// The algorithm and the rest of an AlgorithmIdentifier.
    pub fn algorithm(&mut self) -> Result<(&'a [u8], Reader<'a>), Error> {
        let mut algorithm = self.sequence()?;
        Ok((algorithm.oid()?, algorithm))
    }

    /// A number from 0 to 2³¹ − 1.
    pub fn small(&mut self) -> Result<u32, Error> {
        let content = self.expect(tag::INTEGER)?.content;
        match content {
            [first, ..] if *first < 0x80 && content.len() <= 4 => {
                Ok(content.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
            }
            _ => Err(Error::Malformed("a number is out of range")),
        }
    }

    /// The bytes of a bit string that ends with a whole byte.
    pub fn bits(&mut self) -> Result<&'a [u8], Error> {
        match self.expect(tag::BITS)?.content.split_first() {
            Some((0, bits)) => Ok(bits),
            _ => Err(Error::Malformed("a bit string does not end with a byte")),
        }
    }

    pub fn time(&mut self) -> Result<Millis, Error> {
        let element = self.any()?;
        time::read(element.tag, element.content).ok_or(Error::Malformed("a time is none"))
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), Error> {
        if self.is_empty() { Ok(()) } else { Err(Error::Malformed("something follows its end")) }
    }
}

//! What a directory answers.

use crate::ber::{ENUMERATED, INTEGER, Malformed, OCTETS, Reader, SEQUENCE, SET};
use crate::request::PAGED;

/// Outcome of a request (RFC 4511 appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultCode(pub i64);

impl ResultCode {
    /// Done.
    pub const SUCCESS: Self = Self(0);
    /// More entries than the server gives at once.
    pub const SIZE_LIMIT: Self = Self(4);
    /// TLS is wanted first.
    pub const CONFIDENTIALITY_REQUIRED: Self = Self(13);
    /// The answer is elsewhere.
    pub const REFERRAL: Self = Self(10);
    /// There is no such entry.
    pub const NO_SUCH_OBJECT: Self = Self(32);
    /// A name is no name.
    pub const INVALID_DN: Self = Self(34);
    /// Name or password are wrong.
    pub const INVALID_CREDENTIALS: Self = Self(49);
    /// The account may not do this.
    pub const NO_ACCESS: Self = Self(50);
    /// The server has too much to do.
    pub const BUSY: Self = Self(51);

    /// The code in words.
    pub fn words(self) -> &'static str {
        match self.0 {
            0 => "success",
            1 => "operations error",
            2 => "protocol error",
            3 => "time limit exceeded",
            4 => "size limit exceeded",
            7 => "authentication method not supported",
            8 => "stronger authentication required",
            10 => "referral",
            11 => "administrative limit exceeded",
            12 => "unavailable critical extension",
            13 => "confidentiality required",
            16 => "no such attribute",
            17 => "undefined attribute type",
            18 => "inappropriate matching",
            32 => "no such object",
            34 => "invalid DN syntax",
            48 => "inappropriate authentication",
            49 => "invalid credentials",
            50 => "insufficient access rights",
            51 => "busy",
            52 => "unavailable",
            53 => "unwilling to perform",
            _ => "other",
        }
    }
}

/// An attribute of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name with options, as the server wrote it.
    pub name: String,
    /// Values, any bytes.
    pub values: Vec<Vec<u8>>,
}

/// An entry that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub dn: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Entry {
    /// The attribute of this name (any case), without options.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
    /// The values of an attribute.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attribute(name).map_or(&[], |attribute| &attribute.values)
    }
    /// The first value that is text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let texts = self.values(name).iter().filter_map(|value| std::str::from_utf8(value).ok());
        texts.map(str::trim).find(|text| !text.is_empty())
    }
}

/// Where a part of a long attribute begins and ends: `member;range=0-1499`, `*` for the last part. Answers the bare name,
/// and where the next part begins (MS-ADTS 3.1.1.3.1.3.3).
pub fn range_of(name: &str) -> Option<(&str, Option<u64>)> {
    let (bare, options) = name.split_once(';')?;
    let range = options.split(';').find_map(|option| {
        option.get(..6).filter(|start| start.eq_ignore_ascii_case("range=")).map(|_| &option[6..])
    })?;
    let (_, end) = range.split_once('-')?;
    if end == "*" {
        return Some((bare, None));
    }
    let end: u64 = end.parse().ok()?;
    Some((bare, Some(end.checked_add(1)?)))
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A request is over.
    Done {
        /// How.
        code: ResultCode,
        /// The part of the name that does exist, where a name was not found.
        matched: String,
        /// The server's words.
        words: String,
        /// Leads to the next page; empty: this was the last one. `None`: the server does not page.
        cookie: Option<Vec<u8>>,
    },
    /// An entry.
    Entry(Entry),
    /// "Look there too." Never followed.
    Reference,
    /// The server ends the connection (RFC 4511 section 4.4.1), or says something that nobody asked for.
    Unasked,
}

/// An answer and the number of the request that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Number of the request.
    pub id: i64,
    /// The answer.
    pub answer: Answer,
}

/// Most attributes of an entry that are looked at.
const MOST_ATTRIBUTES: usize = 1_000;

impl Response {
    /// Reads one whole message (see [`message_length`](crate::message_length)).
    ///
    /// # Errors
    /// [`Malformed`], in words.
    pub fn decode(bytes: &[u8]) -> Result<Response, Malformed> {
        let mut message = Reader(bytes).inner(SEQUENCE)?;
        let id = message.number(INTEGER)?;
        let (tag, content) = message.element()?;
        let answer = match tag {
            0x64 => Answer::Entry(entry(Reader(content))?),
            0x73 => Answer::Reference,
            0x61 | 0x65 | 0x78 if id != 0 => done(Reader(content), cookie(&mut message)?)?,
            _ => Answer::Unasked,
        };
        Ok(Response { id, answer })
    }
}

fn entry(mut content: Reader<'_>) -> Result<Entry, Malformed> {
    let dn = content.text(OCTETS)?;
    let mut list = content.inner(SEQUENCE)?;
    let mut attributes = Vec::new();
    while !list.is_empty() {
        if attributes.len() == MOST_ATTRIBUTES {
            return Err(Malformed("an entry has more attributes than any entry has"));
        }
        let mut attribute = list.inner(SEQUENCE)?;
        let name = attribute.text(OCTETS)?;
        let mut set = attribute.inner(SET)?;
        let mut values = Vec::new();
        while !set.is_empty() {
            values.push(set.content(OCTETS)?.to_vec());
        }
        attributes.push(Attribute { name, values });
    }
    Ok(Entry { dn, attributes })
}

fn done(mut content: Reader<'_>, cookie: Option<Vec<u8>>) -> Result<Answer, Malformed> {
    let code = ResultCode(content.number(ENUMERATED)?);
    let (matched, words) = (content.text(OCTETS)?, content.text(OCTETS)?);
    Ok(Answer::Done { code, matched, words, cookie })
}

/// The cookie of the paged-results control, if there is one.
fn cookie(message: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    if message.peek() != Some(0xa0) {
        return Ok(None);
    }
    let mut controls = message.inner(0xa0)?;
    while !controls.is_empty() {
        let mut control = controls.inner(SEQUENCE)?;
        if control.content(OCTETS)? != PAGED {
            continue;
        }
        if control.peek() == Some(crate::ber::BOOLEAN) {
            control.element()?;
        }
        let mut value = control.inner(OCTETS)?.inner(SEQUENCE)?;
        value.number(INTEGER)?;
        return Ok(Some(value.content(OCTETS)?.to_vec()));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_tell_where_the_next_part_begins() {
        assert_eq!(range_of("member;range=0-1499"), Some(("member", Some(1500))));
        assert_eq!(range_of("member;Range=1500-*"), Some(("member", None)));
        assert_eq!(range_of("member"), None);
        assert_eq!(range_of("member;binary"), None);
        assert_eq!(range_of("member;range=0-18446744073709551615"), None);
        assert_eq!(range_of("m;ränge=1"), None);
    }
}

//! The pull parser.

use super::error::{Error, ErrorKind};
use super::{END, FIRST_TOKEN, HAS_ATTRIBUTES, HAS_CONTENT, Limits, OPAQUE, STR_I, SWITCH_PAGE, Tag};

/// MIBenum of UTF-8.
const UTF_8: u32 = 106;

/// One step through a document. Text and data are borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// An element begins. Without content it is complete already and no [`Event::End`] follows.
    Start {
        /// Which element.
        tag: Tag,
        /// Whether content and an [`Event::End`] follow.
        has_content: bool,
    },
    /// An inline string. Several in a row belong together.
    Text(&'a str),
    /// Opaque data.
    Opaque(&'a [u8]),
    /// The innermost open element ends.
    End,
}

/// Pulls events out of a document. Allocates nothing.
///
/// ```
/// use wire_eas::wbxml::{Event, Limits, Reader};
/// use wire_eas::codepages::token::ping;
/// let mut reader = Reader::new(b"\x03\x01\x6A\x00\x00\x0D\x45\x47\x031\x00\x01\x01", Limits::default())?;
/// assert_eq!(reader.next_event()?, Some(Event::Start { tag: ping::PING, has_content: true }));
/// assert_eq!(reader.next_event()?, Some(Event::Start { tag: ping::STATUS, has_content: true }));
/// assert_eq!(reader.next_event()?, Some(Event::Text("1")));
/// # Ok::<(), wire_eas::wbxml::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    page: u8,
    depth: u16,
    elements: usize,
    root_done: bool,
    limits: Limits,
}

impl<'a> Reader<'a> {
    /// Reads the header. Fails if it is not the one ActiveSync uses; versions 1.1 and 1.2 are tolerated.
    pub fn new(bytes: &'a [u8], limits: Limits) -> Result<Reader<'a>, Error> {
        let mut reader = Reader { bytes, at: 0, page: 0, depth: 0, elements: 0, root_done: false, limits };
        if bytes.len() > limits.document {
            return Err(Error { kind: ErrorKind::TooLarge, offset: limits.document });
        }
        if !(1..=3).contains(&reader.byte()?) {
            return Err(Error { kind: ErrorKind::Version, offset: 0 });
        }
        reader.header_field(ErrorKind::PublicId, |id| id != 0)?;
        reader.header_field(ErrorKind::Charset, |charset| charset == UTF_8)?;
        reader.header_field(ErrorKind::StringTable, |length| length == 0)?;
        Ok(reader)
    }

    fn header_field(&mut self, kind: ErrorKind, good: impl Fn(u32) -> bool) -> Result<(), Error> {
        let offset = self.at;
        if good(self.integer()?) { Ok(()) } else { Err(Error { kind, offset }) }
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// How many elements are open.
    pub fn depth(&self) -> u16 {
        self.depth
    }

    /// The next event, or `None` at the end of the document. After an error the reader stays where it failed.
    // Inlined into the loops that pull, because calls and copies of results are most of its cost.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'a>>, Error> {
        loop {
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else {
                return if self.root_done { Ok(None) } else { Err(error(ErrorKind::Truncated, start)) };
            };
            if self.root_done {
                return Err(error(ErrorKind::Trailing, start));
            }
            self.at = start + 1;
            match byte {
                SWITCH_PAGE => self.page = self.byte()?,
                END if self.depth == 0 => return Err(error(ErrorKind::StrayEnd, start)),
                END => {
                    self.depth -= 1;
                    self.root_done = self.depth == 0;
                    return Ok(Some(Event::End));
                }
                STR_I | OPAQUE if self.depth == 0 => return Err(error(ErrorKind::Outside, start)),
                STR_I => return self.text(),
                OPAQUE => return self.opaque(),
                _ => return self.start(byte, start).map(Some),
            }
        }
    }

    #[inline]
    fn start(&mut self, byte: u8, offset: usize) -> Result<Event<'a>, Error> {
        let token = byte & !(HAS_CONTENT | HAS_ATTRIBUTES);
        if token < FIRST_TOKEN {
            return Err(error(ErrorKind::Token(byte), offset));
        }
        if byte & HAS_ATTRIBUTES != 0 {
            return Err(error(ErrorKind::Attributes, offset));
        }
        if self.depth >= self.limits.depth {
            return Err(error(ErrorKind::TooDeep, offset));
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(error(ErrorKind::TooManyElements, offset));
        }
        let has_content = byte & HAS_CONTENT != 0;
        if has_content {
            self.depth += 1;
        } else {
            self.root_done = self.depth == 0;
        }
        Ok(Event::Start { tag: Tag::new(self.page, token), has_content })
    }

    #[inline(never)]
    fn text(&mut self) -> Result<Option<Event<'a>>, Error> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = end_of_text(rest).unwrap_or(rest.len());
        if length > self.limits.string {
            return Err(error(ErrorKind::StringTooLong, start));
        }
        if length == rest.len() {
            return Err(error(ErrorKind::Truncated, start));
        }
        let text = std::str::from_utf8(&rest[..length])
            .map_err(|wrong| error(ErrorKind::Utf8, start + wrong.valid_up_to()))?;
        self.at = start + length + 1;
        Ok(Some(Event::Text(text)))
    }

    #[inline(never)]
    fn opaque(&mut self) -> Result<Option<Event<'a>>, Error> {
        let start = self.at;
        let length = self.integer()? as usize;
        if length > self.limits.opaque {
            return Err(error(ErrorKind::OpaqueTooLong, start));
        }
        let data = self
            .bytes
            .get(self.at..self.at.saturating_add(length))
            .ok_or_else(|| error(ErrorKind::Truncated, start))?;
        self.at += length;
        Ok(Some(Event::Opaque(data)))
    }

    /// A multi-byte integer: seven bits per byte, most significant first, at most five bytes.
    fn integer(&mut self) -> Result<u32, Error> {
        let start = self.at;
        let mut value: u32 = 0;
        for _ in 0..5 {
            let byte = self.byte()?;
            if value >> 25 != 0 {
                return Err(error(ErrorKind::Integer, start));
            }
            value = (value << 7) | u32::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(error(ErrorKind::Integer, start))
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, Error> {
        let Some(byte) = self.bytes.get(self.at) else {
            return Err(error(ErrorKind::Truncated, self.at));
        };
        self.at += 1;
        Ok(*byte)
    }
}

/// Where the NUL behind a text is. Nearly all texts are numbers and short ids, for which a loop costs less than
/// a call that is made for long ones.
#[inline]
fn end_of_text(rest: &[u8]) -> Option<usize> {
    const SHORT: usize = 16;
    match rest.iter().take(SHORT).position(|byte| *byte == 0) {
        None if rest.len() > SHORT => memchr::memchr(0, &rest[SHORT..]).map(|at| at + SHORT),
        found => found,
    }
}

#[cold]
fn error(kind: ErrorKind, offset: usize) -> Error {
    Error { kind, offset }
}

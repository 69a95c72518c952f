//! The encoder.

use super::{END, FIRST_TOKEN, HAS_CONTENT, HEADER, OPAQUE, STR_I, SWITCH_PAGE, Tag};

/// Appends a document to a buffer. It cannot fail: it switches code pages where needed, and
/// [`finish`](Writer::finish) closes what is still open.
///
/// ```
/// use wire_eas::{codepages::token::folder_hierarchy, wbxml::Writer};
/// let mut writer = Writer::new();
/// writer.nest(folder_hierarchy::FOLDER_SYNC, |w| w.leaf(folder_hierarchy::STATUS, "142"));
/// assert_eq!(writer.finish(), b"\x03\x01\x6A\x00\x00\x07\x56\x4C\x03142\x00\x01\x01");
/// ```
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    page: u8,
    depth: usize,
}

impl Default for Writer {
    fn default() -> Writer {
        Writer::new()
    }
}

impl Writer {
    /// A document with its header.
    pub fn new() -> Writer {
        Writer::with_capacity(128)
    }

    /// A document with its header and room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Writer {
        let mut out = Vec::with_capacity(bytes.max(HEADER.len()));
        out.extend_from_slice(&HEADER);
        Writer { out, page: 0, depth: 0 }
    }

    /// A piece of a document without header, to be put in with [`fragment`](Writer::fragment) where `page` is
    /// in force.
    pub(crate) fn piece(page: u8) -> Writer {
        Writer { out: Vec::with_capacity(256), page, depth: 0 }
    }

    #[inline]
    fn tag(&mut self, tag: Tag, flags: u8) {
        debug_assert!((FIRST_TOKEN..HAS_CONTENT).contains(&tag.token), "not an element: {tag}");
        if tag.page == self.page {
            self.out.push(tag.token & (HAS_CONTENT - 1) | flags);
        } else {
            self.out.extend_from_slice(&[SWITCH_PAGE, tag.page, tag.token & (HAS_CONTENT - 1) | flags]);
            self.page = tag.page;
        }
    }

    /// Begins an element with content.
    pub fn start(&mut self, tag: Tag) {
        self.tag(tag, HAS_CONTENT);
        self.depth += 1;
    }

    /// Ends the innermost open element; without one, does nothing.
    pub fn end(&mut self) {
        if self.depth > 0 {
            self.out.push(END);
            self.depth -= 1;
        }
    }

    /// An element without content.
    pub fn empty(&mut self, tag: Tag) {
        self.tag(tag, 0);
    }

    /// An inline string. WBXML strings end with a NUL, so NULs within the text are left out.
    pub fn text(&mut self, text: &str) {
        self.out.push(STR_I);
        if memchr::memchr(0, text.as_bytes()).is_none() {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.out.extend(text.bytes().filter(|byte| *byte != 0));
        }
        self.out.push(0);
    }

    /// Opaque data. Data beyond 4 GiB, which the format cannot express, is cut.
    pub fn opaque(&mut self, data: &[u8]) {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        self.out.push(OPAQUE);
        for shift in [28, 21, 14, 7] {
            if length >> shift != 0 {
                self.out.push((length >> shift) as u8 & 0x7F | 0x80);
            }
        }
        self.out.push(length as u8 & 0x7F);
        self.out.extend_from_slice(&data[..length as usize]);
    }

    /// An element that holds a text; an empty text makes an empty element.
    pub fn leaf(&mut self, tag: Tag, text: &str) {
        if text.is_empty() {
            self.empty(tag);
        } else {
            self.start(tag);
            self.text(text);
            self.end();
        }
    }

    /// An element that holds a text, if there is one.
    pub fn optional(&mut self, tag: Tag, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(tag, text);
        }
    }

    /// An element that holds a decimal number.
    pub fn number(&mut self, tag: Tag, number: impl Into<i64>) {
        let mut digits = [0; 20];
        self.leaf(tag, decimal(number.into(), &mut digits));
    }

    /// An element with what the closure writes.
    pub fn nest(&mut self, tag: Tag, content: impl FnOnce(&mut Writer)) {
        self.start(tag);
        content(self);
        self.end();
    }

    /// Puts in a piece made by [`piece`](Writer::piece), which expects `page` in force and leaves it so.
    pub(crate) fn fragment(&mut self, page: u8, bytes: &[u8]) {
        if self.page != page {
            self.out.extend_from_slice(&[SWITCH_PAGE, page]);
            self.page = page;
        }
        self.out.extend_from_slice(bytes);
    }

    /// Closes open elements and gives out the document.
    pub fn finish(mut self) -> Vec<u8> {
        while self.depth > 0 {
            self.end();
        }
        self.out
    }
}

/// Writes a number into a buffer that is long enough for every `i64`.
fn decimal(number: i64, digits: &mut [u8; 20]) -> &str {
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    std::str::from_utf8(&digits[at..]).unwrap_or_default()
}

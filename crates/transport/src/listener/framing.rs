//! Finds requests that have both a Content-Length and a Transfer-Encoding (RFC 9112 section 6.1: an attempt to smuggle).
//!
//! The HTTP library lets the transfer coding win and hides the length from us, so the bytes are looked at on their
//! way to it. To know where a head begins, bodies have to be followed too. What this scanner cannot follow the library
//! refuses as well; should the two ever disagree, the next request is refused.

use memchr::memchr;

use crate::http1::chunked::ChunkedDecoder;

#[derive(Clone, Copy, Debug)]
enum At {
    /// Between messages, or in a head.
    Head,
    /// In a body of known length.
    Length(u64),
    /// In a chunked body.
    Chunked(ChunkedDecoder),
    /// Lost, or past an ambiguous head: everything that follows is ignored.
    Lost,
}

/// Follows the requests of one connection.
#[derive(Debug)]
pub(crate) struct Scanner {
    at: At,
    /// The beginning of a header line whose end has not arrived.
    line: Vec<u8>,
    /// A request line was seen since the last message.
    in_head: bool,
    length: Option<u64>,
    chunked: bool,
    heads: u64,
    ambiguous: Option<u64>,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self {
            at: At::Head,
            line: Vec::new(),
            in_head: false,
            length: None,
            chunked: false,
            heads: 0,
            ambiguous: None,
        }
    }

    /// True if the request with this number (from 1) was seen here too, and is not ambiguous.
    pub(crate) fn is_sound(&self, request: u64) -> bool {
        request <= self.heads && self.ambiguous != Some(request)
    }

    /// True if all messages that began have ended.
    pub(crate) fn is_between(&self) -> bool {
        matches!(self.at, At::Head) && !self.is_in_head()
    }

    /// True if a head has begun and not ended.
    pub(crate) fn is_in_head(&self) -> bool {
        matches!(self.at, At::Head) && (self.in_head || !self.line.is_empty())
    }

    /// Looks at bytes in the order of their arrival.
    pub(crate) fn feed(&mut self, mut input: &[u8]) {
        while !input.is_empty() {
            let used = match &mut self.at {
                At::Lost => return,
                At::Length(left) => {
                    let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                    *left -= n as u64;
                    if *left == 0 {
                        self.at = At::Head;
                    }
                    n
                }
                At::Chunked(decoder) => {
                    let Ok(step) = decoder.step(input) else {
                        self.at = At::Lost;
                        return;
                    };
                    if decoder.is_done() {
                        self.at = At::Head;
                    }
                    step.skip + step.data
                }
                At::Head => self.head(input),
            };
            input = &input[used..];
        }
    }

    /// Takes one line, or the beginning of one.
    fn head(&mut self, input: &[u8]) -> usize {
        let Some(end) = memchr(b'\n', input) else {
            // The library limits heads; lines beyond that are of no interest.
            if self.line.len() + input.len() > 64 * 1024 {
                self.at = At::Lost;
            } else {
                self.line.extend_from_slice(input);
            }
            return input.len();
        };
        if self.line.is_empty() {
            self.whole_line(&input[..end]);
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(&input[..end]);
            self.whole_line(&line);
        }
        end + 1
    }

    fn whole_line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !self.in_head {
            // Empty lines before a request are allowed.
            self.in_head = !line.is_empty();
        } else if line.is_empty() {
            self.end_of_head();
        } else {
            self.header(line);
        }
    }

    fn header(&mut self, line: &[u8]) {
        // Only two names matter, and most lines start with neither letter.
        if !matches!(line[0], b'c' | b'C' | b't' | b'T') {
            return;
        }
        let Some(colon) = memchr(b':', line) else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            // The library refuses what is not a number.
            self.length =
                Some(std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(0));
        }
    }

    fn end_of_head(&mut self) {
        self.heads += 1;
        let (length, chunked) = (self.length.take(), std::mem::take(&mut self.chunked));
        self.in_head = false;
        self.at = match (length, chunked) {
            (Some(_), true) => {
                self.ambiguous = Some(self.heads);
                At::Lost
            }
            (None | Some(0), false) => At::Head,
            (Some(length), false) => At::Length(length),
            (None, true) => At::Chunked(ChunkedDecoder::new()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of the ambiguous request, whether the scanner is between messages, and how many heads it saw.
    fn scan(input: &str, size: usize) -> (Option<u64>, bool, u64) {
        let mut scanner = Scanner::new();
        for piece in input.as_bytes().chunks(size) {
            scanner.feed(piece);
        }
        (scanner.ambiguous, scanner.is_between(), scanner.heads)
    }

    #[test]
    fn follows_pipelined_requests_and_finds_the_ambiguous_one() {
        let good = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab\r\n\r\
                    \r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
                    GET / HTTP/1.1\nHost: a\n\n";
        let bad = "POST / HTTP/1.1\r\nTRANSFER-encoding: chunked\r\ncontent-LENGTH: 3\r\n\r\n";
        for size in 1..200 {
            assert_eq!(scan(good, size), (None, true, 3), "size {size}");
            assert_eq!(scan(&format!("{good}{bad}"), size), (Some(4), false, 4), "size {size}");
        }
        let other_order = "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(scan(other_order, 7).0, Some(1));
    }

    #[test]
    fn a_body_that_looks_like_a_head_is_not_one() {
        let smuggled = "POST /b HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{smuggled}", smuggled.len());
        assert_eq!(scan(&request, 16), (None, true, 1));
    }

    #[test]
    fn knows_whether_a_head_has_begun() {
        let mut scanner = Scanner::new();
        assert!(scanner.is_between() && !scanner.is_in_head());
        scanner.feed(b"PO");
        assert!(scanner.is_in_head() && !scanner.is_between());
        scanner.feed(b"ST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n");
        assert!(!scanner.is_in_head() && !scanner.is_between());
        scanner.feed(b"ab");
        assert!(scanner.is_between());
    }
}

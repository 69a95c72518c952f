//! The chunked transfer coding (RFC 9112 section 7.1), decoded as a state machine that is fed byte ranges.
//!
//! Strict: a size is 1 to 15 hexadecimal digits, lines end with CR LF, extensions and trailers are skipped and
//! bounded.

/// The longest chunk extension and the longest trailer section that are skipped, in bytes.
const MAX_SKIPPED: u32 = 8 * 1024;

/// What is not a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chunked body is malformed")]
pub(crate) struct BadChunk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size {
        digits: u8,
    },
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the start of a trailer line.
    TrailerStart,
    Trailer,
    TrailerLf,
    EndLf,
    Done,
}

/// Where we are in a chunked body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkedDecoder {
    state: State,
    left: u64,
    skipped: u32,
}

/// One step of decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Bytes of framing to drop first.
    pub(crate) skip: usize,
    /// Bytes of data that follow.
    pub(crate) data: usize,
}

impl ChunkedDecoder {
    pub(crate) fn new() -> Self {
        Self { state: State::Size { digits: 0 }, left: 0, skipped: 0 }
    }

    /// True when the last chunk and the trailers were seen.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Looks at the next bytes. The caller drops `skip`, takes `data`, and calls again with what is left as long as
    /// something was consumed.
    pub(crate) fn step(&mut self, input: &[u8]) -> Result<Step, BadChunk> {
        let mut skip = 0;
        for &byte in input {
            if matches!(self.state, State::Data | State::Done) {
                break;
            }
            self.framing(byte)?;
            skip += 1;
        }
        let mut data = 0;
        if self.state == State::Data {
            data = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len() - skip);
            self.left -= data as u64;
            if self.left == 0 {
                self.state = State::DataCr;
            }
        }
        Ok(Step { skip, data })
    }

    fn framing(&mut self, byte: u8) -> Result<(), BadChunk> {
        self.state = match (self.state, byte) {
            (State::Size { digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if digits < 15 => {
                let digit = (byte as char).to_digit(16).ok_or(BadChunk)?;
                self.left = self.left << 4 | u64::from(digit);
                State::Size { digits: digits + 1 }
            }
            (State::Size { digits: 1.. }, b'\r') => State::SizeLf,
            (State::Size { digits: 1.. }, b';' | b' ' | b'\t') => State::Extension,
            (State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\n') => return Err(BadChunk),
            (State::Extension, _) => self.skipping(State::Extension)?,
            (State::SizeLf, b'\n') if self.left == 0 => State::TrailerStart,
            (State::SizeLf, b'\n') => State::Data,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size { digits: 0 },
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerStart | State::Trailer, b'\n') => return Err(BadChunk),
            (State::Trailer, b'\r') => State::TrailerLf,
            (State::TrailerStart | State::Trailer, _) => self.skipping(State::Trailer)?,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf, b'\n') => State::Done,
            _ => return Err(BadChunk),
        };
        Ok(())
    }

    fn skipping(&mut self, next: State) -> Result<State, BadChunk> {
        self.skipped += 1;
        if self.skipped > MAX_SKIPPED { Err(BadChunk) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `input` fed in pieces of `size` bytes; the data, and what follows the body.
    fn decode(input: &[u8], size: usize) -> Result<(Vec<u8>, usize), BadChunk> {
        let mut decoder = ChunkedDecoder::new();
        let (mut data, mut used) = (Vec::new(), 0);
        for piece in input.chunks(size) {
            let mut rest = piece;
            while !rest.is_empty() && !decoder.is_done() {
                let step = decoder.step(rest)?;
                data.extend_from_slice(&rest[step.skip..step.skip + step.data]);
                rest = &rest[step.skip + step.data..];
                used += step.skip + step.data;
            }
        }
        if decoder.is_done() { Ok((data, used)) } else { Err(BadChunk) }
    }

    #[test]
    fn bodies_decode_alike_in_pieces_of_any_size() {
        let body = b"4;name=value\r\nWiki\r\nB\r\npedia in ch\r\n0\r\nX-Trailer: 1\r\n\r\nGET /";
        for size in 1..body.len() {
            assert_eq!(decode(body, size), Ok((b"Wikipedia in ch".to_vec(), body.len() - 5)), "size {size}");
        }
    }

    #[test]
    fn malformed_bodies_are_refused() {
        for body in [
            &b"\r\n"[..],
            b"g\r\n",
            b"4\nWiki\r\n0\r\n\r\n",
            b"4\r\nWikiX\r\n0\r\n\r\n",
            b"-4\r\nWiki\r\n0\r\n\r\n",
            b"0x4\r\nWiki\r\n0\r\n\r\n",
            b"fffffffffffffffff\r\n",
            b"0\r\n\n",
            b"4\r\nWiki",
        ] {
            assert_eq!(decode(body, 64), Err(BadChunk), "{:?}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn endless_extensions_and_trailers_are_refused() {
        let mut extension = b"4;".to_vec();
        extension.resize(10_000, b'a');
        assert_eq!(decode(&extension, 100), Err(BadChunk));
        let mut trailers = b"0\r\n".to_vec();
        trailers.extend(b"a: b\r\n".repeat(3000));
        assert_eq!(decode(&trailers, 100), Err(BadChunk));
    }
}

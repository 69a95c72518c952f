//! What a server answered to one request.

use std::time::Duration;

use crate::http::{Headers, Response};
use crate::wbxml::{Element, decode};

/// An answer with its body read as far as it is WBXML.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub http: u16,
    /// Header fields.
    pub headers: Headers,
    /// Body as received (unpacked if it was gzip).
    pub body: Vec<u8>,
    /// The document, if the body is one; of a multipart answer, its first part.
    pub tree: Option<Element>,
    /// Further parts of a multipart answer.
    pub parts: Vec<Vec<u8>>,
    /// From sending to the last byte.
    pub took: Duration,
}

/// What an answer demands of the phone before it can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the command was executed, or failed for its own reasons.
    Nothing,
    /// Provision, then repeat: 449, or a common status 140 and 142 to 144.
    Provision,
    /// Credentials: 401.
    Credentials,
    /// Stop asking: 403, or a common status that blocks (126, 129 to 131, 141, 177).
    Blocked,
    /// Try again later: 503 and relatives, or status 111.
    Later,
}

impl Reply {
    /// Reads an HTTP answer.
    pub fn new(response: Response) -> Reply {
        let Response { status, headers, body, took } = response;
        let kind = headers.get("Content-Type").unwrap_or_default().to_ascii_lowercase();
        let mut parts = if kind.contains("ms-sync.multipart") { split(&body) } else { Vec::new() };
        let first = if parts.is_empty() { None } else { Some(parts.remove(0)) };
        let tree = decode(first.as_deref().unwrap_or(&body)).ok();
        Reply { http: status, headers, body, tree, parts, took }
    }

    /// The status directly under the root.
    pub fn status(&self) -> Option<u32> {
        self.tree.as_ref()?.number_at("Status")
    }

    /// Text at a path under the root.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.tree.as_ref()?.text_at(path)
    }

    /// Number at a path under the root.
    pub fn number_at(&self, path: &str) -> Option<u32> {
        self.tree.as_ref()?.number_at(path)
    }

    /// Whether the answer is 200, with or without a body, and no refusal inside.
    pub fn is_ok(&self) -> bool {
        self.http == 200 && self.need() == Need::Nothing
    }

    /// What the phone must do about it.
    pub fn need(&self) -> Need {
        match (self.http, self.status()) {
            (449, _) | (200, Some(140 | 142 | 143 | 144)) => Need::Provision,
            (401, _) => Need::Credentials,
            (403, _) | (200, Some(126 | 129 | 130 | 131 | 141 | 177)) => Need::Blocked,
            (429 | 502 | 503 | 504, _) | (200, Some(111)) => Need::Later,
            _ => Need::Nothing,
        }
    }
}

/// The parts of a multipart body (MS-ASCMD 2.2.1.1): a count, then offset and length of each, all
/// little-endian. Empty if the table does not fit the body.
fn split(body: &[u8]) -> Vec<Vec<u8>> {
    let word = |at: usize| {
        body.get(at..at + 4).and_then(|b| b.try_into().ok()).map(|b| u32::from_le_bytes(b) as usize)
    };
    let count = word(0).unwrap_or(0).min(body.len() / 8);
    let mut parts = Vec::with_capacity(count);
    for i in 0..count {
        let (Some(at), Some(length)) = (word(4 + 8 * i), word(8 + 8 * i)) else { return Vec::new() };
        match at.checked_add(length).and_then(|end| body.get(at..end)) {
            Some(part) => parts.push(part.to_vec()),
            None => return Vec::new(),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_answer_of_z_push_is_taken_apart() {
        let body = std::fs::read("testdata/captured/zpush-items/08-ItemOperations-resp.bin").unwrap();
        let parts = split(&body);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [81, 4096]);
        assert!(decode(&parts[0]).unwrap().at("Response/Fetch").is_some());
        assert!(split(&body[..100]).is_empty(), "a table beyond the body is refused");
        assert!(split(&[0xFF; 40]).is_empty());
    }
}

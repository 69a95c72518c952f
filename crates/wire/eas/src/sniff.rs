//! A quick look at the first bytes of a body: which command, and whether an answer reports a status.
//!
//! Needed for every request and most answers of a gateway that otherwise passes bodies on unread. Allocates
//! nothing; 64 bytes are enough for every body of a server seen so far.

use crate::codepages::token::air_sync;
use crate::command::Command;
use crate::wbxml::{ErrorKind, Event, HEADER, Limits, Reader, Tag};

/// What the first bytes of a body say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniff {
    /// A WBXML document with this root element.
    Root {
        /// The root.
        tag: Tag,
        /// The number in the root's first element, if that is a Status.
        status: Option<u16>,
    },
    /// More bytes are needed to tell.
    NeedMore,
    /// Not a WBXML document: MIME, an attachment, an error page.
    NotWbxml,
}

impl Sniff {
    /// The command that the root belongs to.
    pub fn command(self) -> Option<Command> {
        match self {
            Sniff::Root { tag, .. } => Command::from_root(tag),
            Sniff::NeedMore | Sniff::NotWbxml => None,
        }
    }
}

/// Looks at the beginning of a body; `complete` says that nothing follows it.
pub fn sniff(prefix: &[u8], complete: bool) -> Sniff {
    if prefix.len() < HEADER.len() && HEADER.starts_with(prefix) && !complete {
        return Sniff::NeedMore;
    }
    match look(prefix) {
        Ok(found) => found,
        Err(ErrorKind::Truncated) if !complete => Sniff::NeedMore,
        Err(_) => Sniff::NotWbxml,
    }
}

fn look(prefix: &[u8]) -> Result<Sniff, ErrorKind> {
    let mut reader = Reader::new(prefix, Limits::STREAM).map_err(|error| error.kind)?;
    let mut next = || reader.next_event().map_err(|error| error.kind);
    let Some(Event::Start { tag, has_content }) = next()? else { return Ok(Sniff::NotWbxml) };
    let mut status = None;
    if has_content
        && let Some(Event::Start { tag: first, has_content: true }) = next()?
        // quirk: Horde forgets the page switch and writes AirSync:Status beneath every root.
        && (Command::from_root(tag).and_then(Command::status) == Some(first) || first == air_sync::STATUS)
        && let Some(Event::Text(text)) = next()?
    {
        status = text.trim().parse().ok();
    }
    Ok(Sniff::Root { tag, status })
}

/// Where the WBXML part of a multipart answer stands (MS-ASHTTP 2.2.2.1.2: the number of parts, then offset
/// and length of each, little-endian; the first part is the document).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Offset from the start of the body, in bytes.
    pub offset: usize,
    /// Length in bytes.
    pub length: usize,
}

/// Finds the first part of a multipart body; `None` if the bytes are too few or contradict themselves.
pub fn multipart_first_part(prefix: &[u8]) -> Option<Part> {
    let word = |at: usize| {
        let bytes: [u8; 4] = prefix.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let (parts, offset, length) = (word(0)?, word(4)?, word(8)?);
    let table = parts.checked_mul(8)?.checked_add(4)?;
    (parts > 0 && offset >= table && offset.checked_add(length).is_some()).then_some(Part { offset, length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codepages::token::{folder_hierarchy, item_operations, provision};
    use crate::refusal::status_body;

    #[test]
    fn root_and_status_are_seen_as_soon_as_they_are_there_and_not_before() {
        let body = include_bytes!("../testdata/synthetic/foldersync-status-142.bin");
        let full = Sniff::Root { tag: folder_hierarchy::FOLDER_SYNC, status: Some(142) };
        assert_eq!(sniff(body, true), full);
        assert_eq!(sniff(&body[..13], false), full);
        for length in 0..13 {
            assert_eq!(sniff(&body[..length], false), Sniff::NeedMore, "{length}");
            assert_eq!(sniff(&body[..length], true), Sniff::NotWbxml, "{length}");
        }
    }

    #[test]
    fn a_status_on_the_wrong_code_page_counts() {
        let body = include_bytes!("../testdata/captured/horde/02-FolderSync-resp.bin");
        let found = sniff(body, true);
        assert_eq!(found, Sniff::Root { tag: folder_hierarchy::FOLDER_SYNC, status: Some(142) });
        assert_eq!(found.command(), Some(Command::FolderSync));
    }

    #[test]
    fn only_a_status_directly_beneath_the_root_counts() {
        let request = include_bytes!("../testdata/synthetic/provision-ack.bin");
        assert_eq!(sniff(request, true), Sniff::Root { tag: provision::PROVISION, status: None });
        let empty = include_bytes!("../testdata/synthetic/provision-empty.bin");
        assert_eq!(sniff(empty, true), Sniff::Root { tag: provision::PROVISION, status: None });
        for command in Command::ALL {
            if let Some(body) = status_body(command, 143) {
                let root = command.root().unwrap();
                assert_eq!(sniff(&body, true), Sniff::Root { tag: root, status: Some(143) });
            }
        }
    }

    #[test]
    fn other_bodies_are_not_wbxml() {
        let mime = include_bytes!("../testdata/captured/zpush-items/10-SendMail-req.bin");
        assert_eq!(sniff(&mime[..20], false), Sniff::NotWbxml);
        assert_eq!(sniff(b"", true), Sniff::NotWbxml);
        assert_eq!(sniff(b"", false), Sniff::NeedMore);
        assert_eq!(sniff(b"F", false), Sniff::NotWbxml);
    }

    #[test]
    fn the_document_of_a_multipart_answer_is_found() {
        let body = include_bytes!("../testdata/captured/zpush-items/08-ItemOperations-resp.bin");
        let part = multipart_first_part(body).unwrap();
        assert_eq!(part, Part { offset: 0x14, length: 0x51 });
        let document = &body[part.offset..part.offset + part.length];
        let root = item_operations::ITEM_OPERATIONS;
        assert_eq!(sniff(document, true), Sniff::Root { tag: root, status: Some(1) });
        assert_eq!(multipart_first_part(&body[..11]), None);
        assert_eq!(multipart_first_part(&[0; 12]), None);
        assert_eq!(multipart_first_part(&[0xFF; 12]), None);
    }
}

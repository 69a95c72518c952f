//! Trees made by chance survive encoding and decoding, and the reader and the tree agree.

use proptest::prelude::*;
use wire_eas::codepages;
use wire_eas::wbxml::{Content, Element, Event, Limits, Reader, Tag};

fn tag() -> impl Strategy<Value = Tag> {
    let tags: Vec<Tag> = codepages::all().map(|(tag, _)| tag).collect();
    proptest::sample::select(tags)
}

fn leaf() -> impl Strategy<Value = Element<'static>> {
    (
        tag(),
        prop_oneof![
            Just(Content::Empty),
            "[^\\x00]{1,40}".prop_map(|text| Content::Text(text.into())),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(|data| Content::Opaque(data.into())),
        ],
    )
        .prop_map(|(tag, content)| Element { tag, content })
}

fn tree() -> impl Strategy<Value = Element<'static>> {
    leaf().prop_recursive(8, 64, 6, |inner| {
        (tag(), proptest::collection::vec(inner, 1..6))
            .prop_map(|(tag, children)| Element::node(tag, children))
    })
}

proptest! {
    #[test]
    fn trees_survive_encoding_and_decoding(tree in tree()) {
        let document = tree.to_document();
        let again = Element::parse(&document, Limits::default());
        prop_assert_eq!(again.as_ref(), Ok(&tree));
        prop_assert_eq!(again.map(|tree| tree.to_document()), Ok(document));
    }

    #[test]
    fn every_prefix_of_a_document_is_truncated_and_nothing_else(tree in tree()) {
        let document = tree.to_document();
        for length in 0..document.len() {
            let error = Element::parse(&document[..length], Limits::default()).expect_err("cut short");
            // A cut within a character or right behind an opaque length is still "too early".
            prop_assert_eq!(error.kind, wire_eas::wbxml::ErrorKind::Truncated);
        }
    }

    #[test]
    fn any_bytes_are_read_to_their_end_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut document = wire_eas::wbxml::HEADER.to_vec();
        document.extend(&bytes);
        let Ok(mut reader) = Reader::new(&document, Limits::default()) else { return Ok(()) };
        let (mut starts, mut ends) = (0, 0);
        loop {
            match reader.next_event() {
                Ok(Some(Event::Start { has_content: true, .. })) => starts += 1,
                Ok(Some(Event::End)) => ends += 1,
                Ok(Some(_)) => {}
                Ok(None) => { prop_assert_eq!(starts, ends); break }
                Err(error) => { prop_assert!(error.offset <= document.len()); break }
            }
        }
    }
}

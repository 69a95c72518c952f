//! Decodes or encodes a captured 275-byte policy N times, for counting instructions:
//!
//! ```text
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/codec_cost pull 1000
//! ```
//!
//! Run it with two counts and divide the difference, so that the cost of starting does not count.

use std::hint::black_box;

use wire_eas::wbxml::{Element, Event, Limits, Reader, Writer};

const POLICY: &[u8] = include_bytes!("../testdata/captured/zpush-policy-wipe/04-Provision-resp.bin");

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let count: u32 = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(1000);
    let tree = Element::parse(POLICY, Limits::default()).expect("a captured document");
    for _ in 0..count {
        match what.as_str() {
            "pull" => black_box(pull(black_box(POLICY))),
            "tree" => black_box(Element::parse(black_box(POLICY), Limits::default()).map_or(0, |_| 1)),
            "encode" => black_box(black_box(&tree).to_document().len()),
            "copy" => black_box(copy(black_box(POLICY))),
            _ => {
                eprintln!("usage: codec_cost pull|tree|encode|copy [count]");
                std::process::exit(2);
            }
        };
    }
}

/// Reads all events.
fn pull(bytes: &[u8]) -> usize {
    let Ok(mut reader) = Reader::new(bytes, Limits::default()) else { return 0 };
    let mut total = 0;
    while let Ok(Some(event)) = reader.next_event() {
        total += match event {
            Event::Text(text) => text.len(),
            Event::Opaque(data) => data.len(),
            Event::Start { .. } | Event::End => 1,
        };
    }
    total
}

/// Reads all events and writes them again.
fn copy(bytes: &[u8]) -> usize {
    let Ok(mut reader) = Reader::new(bytes, Limits::default()) else { return 0 };
    let mut writer = Writer::with_capacity(bytes.len());
    while let Ok(Some(event)) = reader.next_event() {
        match event {
            Event::Start { tag, has_content: true } => writer.start(tag),
            Event::Start { tag, has_content: false } => writer.empty(tag),
            Event::Text(text) => writer.text(text),
            Event::Opaque(data) => writer.opaque(data),
            Event::End => writer.end(),
        }
    }
    writer.finish().len()
}

//! Writing a tree: header `03 01 6A 00`, a page switch only where the page changes.

use super::tree::{Child, Element};

/// Bytes of a document with this root (WBXML 1.3, public id 1, UTF-8, no string table).
///
/// A NUL cannot be carried by an inline string; text is cut there.
pub fn encode(root: &Element) -> Vec<u8> {
    let mut out = vec![0x03, 0x01, 0x6A, 0x00];
    let mut page = 0;
    element(root, &mut page, &mut out);
    out
}

fn element(e: &Element, page: &mut u8, out: &mut Vec<u8>) {
    if e.tag.page != *page {
        *page = e.tag.page;
        out.extend([0x00, *page]);
    }
    if e.children.is_empty() {
        out.push(e.tag.token);
        return;
    }
    out.push(e.tag.token | 0x40);
    for child in &e.children {
        match child {
            Child::Element(inner) => element(inner, page, out),
            Child::Text(text) => {
                out.push(0x03);
                out.extend(text.bytes().take_while(|b| *b != 0));
                out.push(0x00);
            }
            Child::Opaque(bytes) => {
                out.push(0xC3);
                number(bytes.len() as u32, out);
                out.extend_from_slice(bytes);
            }
        }
    }
    out.push(0x01);
}

/// A multi-byte integer: seven bits per byte, most significant first.
fn number(value: u32, out: &mut Vec<u8>) {
    for shift in [28, 21, 14, 7] {
        if value >> shift != 0 {
            out.push(0x80 | (value >> shift & 0x7F) as u8);
        }
    }
    out.push((value & 0x7F) as u8);
}

//! Property lists as XML. What has no place in XML is left out of texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Dict, Value, date};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
                    \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n";

pub(super) fn xml(value: &Value) -> Vec<u8> {
    let mut out = String::with_capacity(512);
    out.push_str(HEAD);
    any(&mut out, value);
    out.push_str("</plist>\n");
    out.into_bytes()
}

fn any(out: &mut String, value: &Value) {
    match value {
        Value::Bool(true) => out.push_str("<true/>\n"),
        Value::Bool(false) => out.push_str("<false/>\n"),
        Value::Int(number) => element(out, "integer", &number.to_string()),
        Value::Real(number) => element(out, "real", &number.to_string()),
        Value::Text(text) => element(out, "string", text),
        Value::Data(data) => element(out, "data", &STANDARD.encode(data)),
        Value::Date(time) => element(out, "date", &date::write(*time)),
        Value::Array(values) if values.is_empty() => out.push_str("<array/>\n"),
        Value::Array(values) => {
            out.push_str("<array>\n");
            for value in values {
                any(out, value);
            }
            out.push_str("</array>\n");
        }
        Value::Dict(dict) => self::dict(out, dict),
    }
}

fn dict(out: &mut String, dict: &Dict) {
    if dict.is_empty() {
        out.push_str("<dict/>\n");
        return;
    }
    out.push_str("<dict>\n");
    for (key, value) in dict.iter() {
        element(out, "key", key);
        any(out, value);
    }
    out.push_str("</dict>\n");
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Would become a line feed in a reader's hands.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => {}
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

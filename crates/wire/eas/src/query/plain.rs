//! The plain form: `Cmd=…&User=…&DeviceId=…&DeviceType=…`.

use super::{DeviceId, Error, Query, clean, put};
use crate::command::Command;

/// Reads a plain query. Names count in any letter case. A `+` is a plus sign, as RFC 3986 has it, because user
/// names and item ids contain it.
pub(super) fn parse(text: &str) -> Result<Query, Error> {
    let mut query = Query::default();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        if super::base64::looks_like(part) {
            return Err(Error::Mixed);
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = clean(decode(name)?, "parameter name")?;
        take(&mut query, name, decode(value)?)?;
    }
    Ok(query)
}

fn take(query: &mut Query, name: String, value: String) -> Result<(), Error> {
    let params = &mut query.params;
    match name.to_ascii_lowercase().as_str() {
        "cmd" => {
            if query.command.is_some() {
                return Err(Error::TwoCommands);
            }
            query.command = Some(Command::from_name(&value).ok_or(Error::UnknownCommand)?);
            Ok(())
        }
        "user" => put(&mut query.user, clean(value, "User")?, "User"),
        "deviceid" => put(&mut query.device_id, DeviceId::from_text(&value)?, "DeviceId"),
        "devicetype" => put(&mut query.device_type, clean(value, "DeviceType")?, "DeviceType"),
        "attachmentname" => {
            put(&mut params.attachment_name, clean(value, "AttachmentName")?, "AttachmentName")
        }
        "collectionid" => put(&mut params.collection_id, clean(value, "CollectionId")?, "CollectionId"),
        "itemid" => put(&mut params.item_id, clean(value, "ItemId")?, "ItemId"),
        "longid" => put(&mut params.long_id, clean(value, "LongId")?, "LongId"),
        "occurrence" => put(&mut params.occurrence, clean(value, "Occurrence")?, "Occurrence"),
        "saveinsent" => {
            params.save_in_sent = value.eq_ignore_ascii_case("t");
            Ok(())
        }
        // quirk: pyactivesync puts our policy key here too; it must not reach the mail server.
        "policykey" => Ok(()),
        _ => {
            query.extra.push((name, clean(value, "parameter")?));
            Ok(())
        }
    }
}

/// Resolves percent escapes.
pub(crate) fn decode(text: &str) -> Result<String, Error> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (high, low) = match tail {
                [high, low, ..] => (hex(*high)?, hex(*low)?),
                _ => return Err(Error::Encoding),
            };
            bytes.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::Encoding)
}

fn hex(digit: u8) -> Result<u8, Error> {
    char::from(digit).to_digit(16).map(|value| value as u8).ok_or(Error::Encoding)
}

/// Writes the canonical plain query.
pub(super) fn write(query: &Query) -> String {
    let params = &query.params;
    let mut out = String::with_capacity(128);
    let known = [
        ("Cmd", query.command.map(Command::name)),
        ("User", query.user.as_deref()),
        ("DeviceId", query.device_id.as_ref().map(DeviceId::as_str)),
        ("DeviceType", query.device_type.as_deref()),
        ("AttachmentName", params.attachment_name.as_deref()),
        ("CollectionId", params.collection_id.as_deref()),
        ("ItemId", params.item_id.as_deref()),
        ("LongId", params.long_id.as_deref()),
        ("Occurrence", params.occurrence.as_deref()),
        ("SaveInSent", params.save_in_sent.then_some("T")),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            add(&mut out, name, value);
        }
    }
    for (name, value) in &query.extra {
        add(&mut out, name, value);
    }
    // A lone `name=` could be taken for padded base64.
    if out.ends_with('=') && !out.contains('&') {
        out.push('&');
    }
    out
}

fn add(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    encode(out, name);
    out.push('=');
    encode(out, value);
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Escapes everything but unreserved characters (RFC 3986 2.3).
fn encode(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().position(|b| !unreserved(b)).unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        rest = &rest[plain..];
        // A whole character at a time, so that the rest stays text.
        let one = rest.chars().next().map_or(0, char::len_utf8);
        for byte in rest[..one].bytes() {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        rest = &rest[one..];
    }
}

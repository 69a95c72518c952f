//! The base64 form of version 12.1 and later (MS-ASHTTP 2.2.1.1.1.1).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{DeviceId, Error, Query, clean, plain, put};
use crate::command::Command;
use crate::version::Version;

/// Standard alphabet, padding or none.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Bits of the Options parameter.
const SAVE_IN_SENT: u8 = 0x01;
const ACCEPT_MULTIPART: u8 = 0x02;

/// Reads a base64 query; the URL-safe alphabet, percent escapes and missing padding are tolerated.
pub(super) fn parse(text: &str) -> Result<Query, Error> {
    let bytes = decode(&plain::decode(text)?)?;
    let mut field = Fields { bytes: &bytes, at: 0 };
    let version = field.byte()?;
    let version = Version::from_times_ten(version).ok_or(Error::UnknownVersion(version))?;
    let command = Command::from_code(field.byte()?).ok_or(Error::UnknownCommand)?;
    let mut query = Query {
        version: Some(version),
        command: Some(command),
        locale: Some(u16::from_le_bytes([field.byte()?, field.byte()?])),
        device_id: Some(DeviceId::from_bytes(field.counted()?)?),
        policy_key: field.policy_key()?,
        device_type: Some(text_of(field.counted()?, "DeviceType")?),
        ..Query::default()
    };
    while field.at < bytes.len() {
        let tag = field.byte()?;
        parameter(&mut query, tag, field.counted()?)?;
    }
    Ok(query)
}

/// Whether a part of a plain query is a base64 query of its own.
pub(super) fn looks_like(part: &str) -> bool {
    // Short parts and `name=value` pairs are told apart without decoding.
    part.len() >= 12 && !part.trim_end_matches('=').contains('=') && parse(part).is_ok()
}

fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let standard: String = text
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    ENGINE.decode(standard).map_err(|_| Error::Base64)
}

fn parameter(query: &mut Query, tag: u8, value: &[u8]) -> Result<(), Error> {
    let params = &mut query.params;
    match tag {
        0 => put(&mut params.attachment_name, text_of(value, "AttachmentName")?, "AttachmentName"),
        1 => put(&mut params.collection_id, text_of(value, "CollectionId")?, "CollectionId"),
        // Historical: they belong to commands that no longer exist, so they are only kept to be sent on.
        2 => extra(query, "CollectionName", value),
        3 => put(&mut params.item_id, text_of(value, "ItemId")?, "ItemId"),
        4 => put(&mut params.long_id, text_of(value, "LongId")?, "LongId"),
        5 => extra(query, "ParentId", value),
        6 => put(&mut params.occurrence, text_of(value, "Occurrence")?, "Occurrence"),
        7 => {
            let options = value.first().copied().unwrap_or_default();
            params.save_in_sent = options & SAVE_IN_SENT != 0;
            params.accept_multipart = options & ACCEPT_MULTIPART != 0;
            Ok(())
        }
        8 => put(&mut query.user, text_of(value, "User")?, "User"),
        other => Err(Error::UnknownParameter(other)),
    }
}

fn extra(query: &mut Query, name: &'static str, value: &[u8]) -> Result<(), Error> {
    query.extra.push((name.to_owned(), text_of(value, name)?));
    Ok(())
}

fn text_of(value: &[u8], name: &'static str) -> Result<String, Error> {
    clean(std::str::from_utf8(value).map_err(|_| Error::Encoding)?.to_owned(), name)
}

/// Takes fields from the front of the decoded bytes.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn byte(&mut self) -> Result<u8, Error> {
        let byte = *self.bytes.get(self.at).ok_or(Error::Truncated(self.at))?;
        self.at += 1;
        Ok(byte)
    }

    /// A field with its length in front.
    fn counted(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::from(self.byte()?);
        let field = self.bytes.get(self.at..self.at + length).ok_or(Error::Truncated(self.at))?;
        self.at += length;
        Ok(field)
    }

    fn policy_key(&mut self) -> Result<Option<u32>, Error> {
        let field = self.counted()?;
        if field.is_empty() {
            return Ok(None);
        }
        let key: [u8; 4] = field.try_into().map_err(|_| Error::PolicyKey(field.len() as u8))?;
        Ok(Some(u32::from_le_bytes(key)))
    }
}

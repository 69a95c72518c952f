//! Distinguished names, as far as certificates here need them.

use crate::Error;
use crate::der::{Reader, oid, sequence, tag, tlv, write_oid};

/// What a part of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attribute {
    /// CN.
    CommonName,
    /// UID (0.9.2342.19200300.100.1.1): in push certificates, the topic.
    UserId,
    /// O.
    Organization,
    /// OU.
    OrganizationalUnit,
    /// C, two letters.
    Country,
    /// serialNumber.
    SerialNumber,
    /// emailAddress.
    Email,
}

impl Attribute {
    fn oid(self) -> &'static [u8] {
        match self {
            Self::CommonName => oid::COMMON_NAME,
            Self::UserId => oid::USER_ID,
            Self::Organization => oid::ORGANIZATION,
            Self::OrganizationalUnit => oid::ORGANIZATIONAL_UNIT,
            Self::Country => oid::COUNTRY,
            Self::SerialNumber => oid::SERIAL_NUMBER,
            Self::Email => oid::EMAIL,
        }
    }

    /// The string type that it is written in.
    fn string(self) -> u8 {
        match self {
            Self::Country | Self::SerialNumber => tag::PRINTABLE,
            Self::Email => tag::IA5,
            _ => tag::UTF8,
        }
    }
}

/// A name that is written: its parts from the most general one on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name(pub Vec<(Attribute, String)>);

impl Name {
    /// A name of one part, CN.
    pub fn common(name: &str) -> Self {
        Self(vec![(Attribute::CommonName, name.to_owned())])
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        let parts = self.0.iter().map(|(attribute, value)| {
            let value = tlv(attribute.string(), value.as_bytes());
            tlv(tag::SET, &sequence(&[&write_oid(attribute.oid()), &value]))
        });
        tlv(tag::SEQUENCE, &parts.collect::<Vec<_>>().concat())
    }
}

/// Most parts of a name that are looked at.
const PARTS: usize = 64;

/// The first value of an attribute in an encoded name.
pub(crate) fn find(name: &[u8], attribute: Attribute) -> Option<String> {
    let mut sets = Reader(name).sequence().ok()?;
    for _ in 0..PARTS {
        let mut set = sets.inner(tag::SET).ok()?;
        while !set.is_empty() {
            let mut pair = set.sequence().ok()?;
            if pair.oid().ok()? == attribute.oid() {
                let value = pair.any().ok()?;
                return text(value.tag, value.content);
            }
        }
    }
    None
}

/// A name in its usual form, `CN=…, O=…`, for people.
pub(crate) fn display(name: &[u8]) -> Result<String, Error> {
    let mut sets = Reader(name).sequence()?;
    let mut out = Vec::new();
    while !sets.is_empty() && out.len() < PARTS {
        let mut set = sets.inner(tag::SET)?;
        while !set.is_empty() {
            let mut pair = set.sequence()?;
            let attribute = pair.oid()?;
            let value = pair.any()?;
            let label = match attribute {
                oid::COMMON_NAME => "CN".to_owned(),
                oid::USER_ID => "UID".to_owned(),
                oid::ORGANIZATION => "O".to_owned(),
                oid::ORGANIZATIONAL_UNIT => "OU".to_owned(),
                oid::COUNTRY => "C".to_owned(),
                oid::SERIAL_NUMBER => "serialNumber".to_owned(),
                oid::EMAIL => "emailAddress".to_owned(),
                other => oid::dotted(other),
            };
            out.push(format!("{label}={}", text(value.tag, value.content).unwrap_or_default()));
        }
    }
    out.reverse();
    Ok(out.join(", "))
}

/// A string of any of ASN.1's usual types.
pub(crate) fn text(kind: u8, content: &[u8]) -> Option<String> {
    match kind {
        tag::UTF8 | tag::PRINTABLE | tag::IA5 => String::from_utf8(content.to_vec()).ok(),
        tag::TELETEX => Some(content.iter().map(|byte| char::from(*byte)).collect()),
        tag::BMP if content.len().is_multiple_of(2) => {
            let units: Vec<u16> =
                content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

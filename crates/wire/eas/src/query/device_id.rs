//! The device's own id, in the one form in which it is compared.

use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};

use super::Error;

/// A device id: 1 to 32 visible ASCII characters, compared without regard to letter case.
///
/// Raw bytes of a base64 query that are not visible ASCII become upper-case hexadecimal digits, because
/// clients with hexadecimal ids pack them into 16 bytes; so both spellings of an id are equal.
#[derive(Debug, Clone)]
pub struct DeviceId(Box<str>);

impl DeviceId {
    /// Longest id in characters (MS-ASHTTP 2.2.1.1.1.2.3).
    pub const MAX: usize = 32;

    /// Takes the id of a plain query.
    pub fn from_text(text: &str) -> Result<DeviceId, Error> {
        let good =
            (1..=DeviceId::MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if good { Ok(DeviceId(text.into())) } else { Err(Error::DeviceId) }
    }

    /// Takes the bytes of a base64 query: visible ASCII as it is, otherwise exactly 16 raw bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<DeviceId, Error> {
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Ok(id) = DeviceId::from_text(text)
        {
            return Ok(id);
        }
        if bytes.len() != 16 {
            return Err(Error::DeviceId);
        }
        let mut digits = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            let _ = write!(digits, "{byte:02X}");
        }
        Ok(DeviceId(digits.into()))
    }

    /// The id as first seen, for sending on.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id in lower case, for use as a key in storage.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for DeviceId {
    fn eq(&self, other: &DeviceId) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for DeviceId {}

impl Hash for DeviceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xFF);
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

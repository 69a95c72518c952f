//! Attributes: type, length, value (RFC 2865 section 5).

/// What a request says of the session and of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// NAS-Identifier (RFC 2865 5.32).
    NasIdentifier(String),
    /// Calling-Station-Id: the device's MAC, in the form that the access device uses (RFC 2865 5.31).
    CallingStationId(String),
    /// Event-Timestamp: seconds since 1970, so that an old packet cannot be sent again (RFC 2869 5.3).
    EventTimestamp(u32),
    /// Cisco-AVPair: vendor 9, type 1, such as `subscriber:command=reauthenticate`.
    CiscoAvPair(String),
}

/// Type of Message-Authenticator (RFC 3579 3.2).
pub(crate) const MESSAGE_AUTHENTICATOR: u8 = 80;
/// Type of Error-Cause (RFC 5176 3.5).
pub(crate) const ERROR_CAUSE: u8 = 101;
/// Type of Reply-Message (RFC 2865 5.18).
pub(crate) const REPLY_MESSAGE: u8 = 18;
const VENDOR_SPECIFIC: u8 = 26;
const CISCO: u32 = 9;
const CISCO_AVPAIR: u8 = 1;
/// Octets of a value at most: one octet counts type and length as well.
const LONGEST: usize = 253;

impl Attribute {
    /// Appends the attribute; false if its value is too long or empty.
    pub(crate) fn write(&self, packet: &mut Vec<u8>) -> bool {
        match self {
            Self::NasIdentifier(text) => put(packet, 32, text.as_bytes()),
            Self::CallingStationId(text) => put(packet, 31, text.as_bytes()),
            Self::EventTimestamp(seconds) => put(packet, 55, &seconds.to_be_bytes()),
            Self::CiscoAvPair(text) => {
                let mut value = CISCO.to_be_bytes().to_vec();
                put(&mut value, CISCO_AVPAIR, text.as_bytes()) && put(packet, VENDOR_SPECIFIC, &value)
            }
        }
    }
}

/// Appends type, length and value.
pub(crate) fn put(packet: &mut Vec<u8>, kind: u8, value: &[u8]) -> bool {
    if value.is_empty() || value.len() > LONGEST {
        return false;
    }
    // At most 255.
    packet.extend([kind, (value.len() + 2) as u8]);
    packet.extend(value);
    true
}

/// The attributes of a packet after its header; `None` at the first that is cut or shorter than its own head.
pub(crate) fn split(mut rest: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while let [kind, length, ..] = *rest {
        let length = usize::from(length);
        let value = rest.get(2..length)?;
        found.push((kind, value));
        rest = &rest[length..];
    }
    rest.is_empty().then_some(found)
}

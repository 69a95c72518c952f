//! The two proofs that a packet comes from somebody who knows the shared secret.
//!
//! Both are made with MD5, which the protocol prescribes; nothing else here relies on it.

use hmac_md5::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};

use crate::HEADER;
use crate::attribute::MESSAGE_AUTHENTICATOR;

/// MD5 over the packet with `authenticator` in its place, followed by the secret (RFC 2865 section 3, RFC 5176 2.3).
pub(crate) fn authenticator(packet: &[u8], authenticator: &[u8; 16], secret: &[u8]) -> [u8; 16] {
    let mut digest = Md5::new();
    digest.update(&packet[..4]);
    digest.update(authenticator);
    digest.update(&packet[HEADER..]);
    digest.update(secret);
    digest.finalize().into()
}

/// HMAC-MD5 over the packet with `authenticator` in its place and the attribute's own value zero (RFC 3579 3.2, RFC
/// 5176 3.4).
pub(crate) fn message_authenticator(packet: &[u8], authenticator: &[u8; 16], secret: &[u8]) -> [u8; 16] {
    let mut copy = packet.to_vec();
    copy[4..HEADER].copy_from_slice(authenticator);
    if let Some(at) = position(&copy) {
        copy[at..at + 16].fill(0);
    }
    // A key of HMAC may have any length.
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(secret) else { return [0; 16] };
    mac.update(&copy);
    mac.finalize().into_bytes().into()
}

/// Where the value of Message-Authenticator begins, if there is one of 16 octets in a well-formed packet.
pub(crate) fn position(packet: &[u8]) -> Option<usize> {
    let mut at = HEADER;
    while let [kind, length, ..] = *packet.get(at..)? {
        let end = at.checked_add(usize::from(length))?;
        if length < 2 || end > packet.len() {
            return None;
        }
        if kind == MESSAGE_AUTHENTICATOR {
            return (length == 18).then_some(at + 2);
        }
        at = end;
    }
    None
}

/// Compares without saying by its time where two proofs differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

//! What the authenticator says (WebAuthn Level 3, 6.1): for which domain, who was there, which key.

use sha2::{Digest, Sha256};

use crate::cbor::{self, Item};
use crate::{Expected, LONGEST_ID, Refusal};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;
/// Hash of the domain, flags, count.
const HEAD: usize = 37;
/// Larger is nobody's attestation.
const LARGEST: usize = 65_536;

/// The credential of a registration.
#[derive(Debug)]
pub(crate) struct Credential<'a> {
    pub(crate) id: &'a [u8],
    /// In COSE form.
    pub(crate) key: &'a [u8],
}

#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8],
    present: bool,
    pub(crate) verified: bool,
    pub(crate) backed_up: bool,
    pub(crate) count: u32,
    pub(crate) credential: Option<Credential<'a>>,
}

/// `authData` of an attestation object.
pub(crate) fn of_attestation(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if bytes.len() > LARGEST {
        return Err(Refusal::Attestation);
    }
    let (item, rest) = cbor::read(bytes).ok_or(Refusal::Attestation)?;
    let (Item::Map(members), []) = (item, rest) else { return Err(Refusal::Attestation) };
    let member = |name| members.iter().find(|(key, _)| *key == Item::Text(name)).map(|(_, value)| value);
    match (member("fmt"), member("attStmt"), member("authData")) {
        (Some(Item::Text(_)), Some(Item::Map(_)), Some(Item::Bytes(data))) => Ok(data),
        _ => Err(Refusal::Attestation),
    }
}

impl<'a> AuthenticatorData<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        Self::read(bytes).ok_or(Refusal::AuthenticatorData)
    }

    /// `None` for bytes that are missing, left over, or not what the flags say.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_at_checked(HEAD)?;
        let flags = head[32];
        let mut credential = None;
        if flags & ATTESTED != 0 {
            let (_aaguid, after) = rest.split_at_checked(16)?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (id, after) = after.split_at_checked(length)?;
            let (Item::Map(_), left) = cbor::read(after)? else { return None };
            if !(1..=LONGEST_ID).contains(&length) {
                return None;
            }
            credential = Some(Credential { id, key: &after[..after.len() - left.len()] });
            rest = left;
        }
        if flags & EXTENSIONS != 0 {
            let (Item::Map(_), left) = cbor::read(rest)? else { return None };
            rest = left;
        }
        // What has copies must be of a kind that can have them.
        let consistent = flags & BACKED_UP == 0 || flags & BACKUP_ELIGIBLE != 0;
        (rest.is_empty() && consistent).then_some(Self {
            rp_id_hash: &head[..32],
            present: flags & USER_PRESENT != 0,
            verified: flags & USER_VERIFIED != 0,
            backed_up: flags & BACKED_UP != 0,
            count: u32::from_be_bytes(head[33..HEAD].try_into().ok()?),
            credential,
        })
    }

    /// Domain, presence, and verification where it is demanded.
    pub(crate) fn check(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        if self.rp_id_hash != Sha256::digest(expected.rp_id.as_bytes()).as_slice() {
            return Err(Refusal::RelyingParty);
        }
        if !self.present {
            return Err(Refusal::Presence);
        }
        if expected.verified && !self.verified {
            return Err(Refusal::Verification);
        }
        Ok(())
    }
}

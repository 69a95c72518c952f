//! The client's side of one question: whose mailbox is this? For the gateway, which asks a mail server whom a token
//! belongs to.

use super::Request;
use crate::body::{self, Error};
use crate::codepages::token::{air_sync, settings as t};
use crate::status::settings::SUCCESS;
use crate::version::Version;
use crate::wbxml::Element;

/// Longest address in bytes (RFC 5321: 64 before the `@`, 255 behind it).
const MAX_ADDRESS: usize = 320;

/// Asks for the user's addresses.
pub fn ask_for_addresses(version: Version) -> Vec<u8> {
    Request { user_information: true, ..Request::default() }.encode(version)
}

/// A server's answer to [`ask_for_addresses`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnswer {
    /// Directly beneath the root; see [`crate::status::settings`] and the common statuses.
    pub status: u16,
    /// The addresses of the mailbox itself; `None` if the server does not say them.
    pub addresses: Option<Vec<String>>,
}

impl ServerAnswer {
    /// Reads an answer body.
    ///
    /// From 14.1 a mailbox may list accounts of other services that its user connected: they carry an `AccountId`,
    /// were chosen by the user, and are left out.
    pub fn parse(bytes: &[u8]) -> Result<ServerAnswer, Error> {
        let root = body::parse(bytes, t::SETTINGS)?;
        // quirk: Horde writes a refusal's Status as AirSync:Status beneath every root.
        let status = match body::number(&root, t::STATUS)? {
            Some(status) => status,
            None => body::required_number(&root, air_sync::STATUS)?,
        };
        let part = root.child(t::USER_INFORMATION).filter(|_| status == SUCCESS);
        let addresses = match part {
            Some(part) if body::number::<u16>(part, t::STATUS)?.is_none_or(|status| status == SUCCESS) => {
                part.child(t::GET).map(addresses).transpose()?
            }
            _ => None,
        };
        Ok(ServerAnswer { status, addresses })
    }
}

fn addresses(get: &Element<'_>) -> Result<Vec<String>, Error> {
    let accounts = get.child(t::ACCOUNTS).into_iter().flat_map(|accounts| accounts.all(t::ACCOUNT));
    let own = accounts.filter(|account| account.child(t::ACCOUNT_ID).is_none());
    let lists = own.chain(std::iter::once(get)).filter_map(|place| place.child(t::EMAIL_ADDRESSES));
    let mut found = Vec::new();
    for address in lists.flat_map(Element::children) {
        if address.tag != t::SMTP_ADDRESS && address.tag != t::PRIMARY_SMTP_ADDRESS {
            continue;
        }
        let text = address.text().unwrap_or_default().trim();
        if text.len() > MAX_ADDRESS {
            return Err(Error::TooLong(address.tag));
        }
        if !text.is_empty() && !found.iter().any(|known: &String| known.eq_ignore_ascii_case(text)) {
            found.push(text.to_owned());
        }
    }
    Ok(found)
}

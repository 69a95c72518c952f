//! The XML that ISE reads, written piece by piece.
//!
//! Every function appends to a `Vec<u8>`, so that a look-up is one buffer and a page of thousands of devices
//! can leave in chunks: [`page_start`], [`device`] as often as needed, [`page_end`]. Names are case-sensitive
//! and the order is that of the documents. Nothing is indented: white space is a fifth of a poll.

mod device;
mod escape;

pub use device::{DeviceAttributes, MAX_MACS, device};

use crate::{ApiVersion, Identifier};
use escape::{boolean, decimal, escaped, text};

/// The content type of every answer.
pub const CONTENT_TYPE: &str = "application/xml; charset=UTF-8";

const HEAD: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ise_api>";
const TAIL: &[u8] = b"</ise_api>\n";

/// What `mdminfo` says about this server.
#[derive(Debug, Clone, Copy)]
pub struct MdmInfo<'a> {
    /// Where an unregistered user is sent to enrol; opens without a login.
    pub redirect_url: &'a str,
    /// Most devices of a page, at least 1.
    pub query_max_size: u32,
    /// Whether `sendmessage` is answered.
    pub messaging_support: bool,
    /// Maker of the product.
    pub vendor: &'a str,
    /// Name of the product.
    pub product_name: &'a str,
    /// Version of the product.
    pub product_version: &'a str,
}

/// Writes the answer to `mdminfo`. `version` is the negotiated one; version 1 had no `api_version`.
pub fn mdm_info(out: &mut Vec<u8>, version: ApiVersion, info: &MdmInfo<'_>) {
    out.extend_from_slice(HEAD);
    out.extend_from_slice(b"<name>mdminfo</name>");
    if version > ApiVersion::V1 {
        api_version(out, version);
    }
    text(out, "api_path", version.api_path());
    text(out, "redirect_url", info.redirect_url);
    number(out, "query_max_size", u64::from(info.query_max_size.max(1)));
    boolean(out, "messaging_support", info.messaging_support);
    text(out, "vendor", info.vendor);
    text(out, "product_name", info.product_name);
    text(out, "product_version", info.product_version);
    out.extend_from_slice(TAIL);
}

/// Begins an answer to `devices` or `batchdevices`. `paging_info` is 0 if this page is the last, else the
/// token for the next (at most 2147483647).
pub fn page_start(out: &mut Vec<u8>, version: ApiVersion, paging_info: u32) {
    out.extend_from_slice(HEAD);
    out.extend_from_slice(b"<name>attributes</name>");
    api_version(out, version);
    number(out, "paging_info", u64::from(paging_info));
    if version == ApiVersion::V3 {
        number(out, "server_busy_wait_seconds", 0);
    }
    out.extend_from_slice(b"<deviceList>");
}

/// Ends what [`page_start`] began.
pub fn page_end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"</deviceList>");
    out.extend_from_slice(TAIL);
}

/// What became of an action or message for one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Accepted and queued.
    Accepted,
    /// Refused, and why, in words for the administrator.
    Refused(&'a str),
}

/// Writes the answer to an action: one outcome for each device, named as it was asked for.
pub fn action<'a>(
    out: &mut Vec<u8>,
    version: ApiVersion,
    results: impl IntoIterator<Item = (Identifier<'a>, Outcome<'a>)>,
) {
    outcomes(out, version, "action", "action_status", results);
}

/// Writes the answer to `sendmessage`: one outcome for each device, named as it was asked for.
pub fn send_message<'a>(
    out: &mut Vec<u8>,
    version: ApiVersion,
    results: impl IntoIterator<Item = (Identifier<'a>, Outcome<'a>)>,
) {
    outcomes(out, version, "sendmessage", "message_status", results);
}

/// Writes the body of an answer with an error status. ISE reads only the status, people read this.
pub fn error(out: &mut Vec<u8>, version: ApiVersion, reason: &str) {
    out.extend_from_slice(HEAD);
    out.extend_from_slice(b"<name>error</name>");
    api_version(out, version);
    text(out, "failure_reason", reason);
    out.extend_from_slice(TAIL);
}

fn outcomes<'a>(
    out: &mut Vec<u8>,
    version: ApiVersion,
    name: &str,
    status: &str,
    results: impl IntoIterator<Item = (Identifier<'a>, Outcome<'a>)>,
) {
    out.extend_from_slice(HEAD);
    text(out, "name", name);
    api_version(out, version);
    out.extend_from_slice(b"<deviceList>");
    for (device, outcome) in results {
        out.extend_from_slice(b"<device>");
        identifier(out, &device);
        out.extend_from_slice(b"<result>");
        let (accepted, reason) = match outcome {
            Outcome::Accepted => (true, ""),
            Outcome::Refused(reason) => (false, reason),
        };
        boolean(out, status, accepted);
        text(out, "failure_reason", reason);
        out.extend_from_slice(b"</result></device>");
    }
    page_end(out);
}

fn api_version(out: &mut Vec<u8>, version: ApiVersion) {
    number(out, "api_version", u64::from(version.number()));
}

fn identifier(out: &mut Vec<u8>, identifier: &Identifier<'_>) {
    let element = identifier.kind().element();
    escape::start(out, element);
    match identifier {
        Identifier::Mac(mac) => out.extend_from_slice(mac.text().as_bytes()),
        Identifier::Text(_, asked) => escaped(out, asked),
    }
    escape::end(out, element);
}

fn number(out: &mut Vec<u8>, element: &str, value: u64) {
    escape::start(out, element);
    decimal(out, value);
    escape::end(out, element);
}

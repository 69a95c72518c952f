//! Asking an access device, over UDP, to look at a session again or to end it (RFC 5176).
//!
//! A request is sent from a socket of its own, so that nothing but its answer can come back on it, and again and again
//! until an answer comes that is proved with the shared secret, or patience ends. What else arrives is counted, since
//! an answer that is not proved tells an administrator that the two secrets differ.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::time::{Instant as Moment, timeout_at};
use wire_radius::{Answer, AnswerError, Attribute, Outcome, Request, RequestKind, Sent};

pub use wire_radius::PORT;

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The wait after the first packet; it doubles with every further one (RFC 5080 section 2.2.1).
    pub first: Duration,
    /// Packets sent at most.
    pub sends: u32,
}

impl Default for Patience {
    /// Three packets in 14 seconds.
    fn default() -> Self {
        Self { first: Duration::from_secs(2), sends: 3 }
    }
}

/// What is asked about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// End the session (Disconnect-Request); else authorize it anew (CoA-Request).
    pub disconnect: bool,
    /// Add what Cisco's devices want to be told: to sign the device in again.
    pub cisco: bool,
    /// Calling-Station-Id: the MAC as the access device writes it.
    pub station: &'a str,
    /// NAS-Identifier; empty is none.
    pub nas_identifier: &'a str,
    /// Seconds since 1970.
    pub at: u32,
    /// Any number; another one for every question.
    pub identifier: u8,
}

/// What the access device said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// It did what was asked.
    pub done: bool,
    /// Why not, or what it says besides; may be empty.
    pub words: String,
    /// Packets that were sent until the answer came.
    pub sends: u32,
    /// From the first packet to the answer.
    pub after: Duration,
}

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answered {
    answer: Answer,
    sends: u32,
    after: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RadiusError {
    /// The name leads nowhere.
    #[error("{0} cannot be found")]
    Name(String),
    /// The socket failed.
    #[error("a packet cannot be sent to {0}: {1}")]
    Send(SocketAddr, String),
    /// Nothing came at all.
    #[error("no answer from {address} to {sends} packets{}", if *.refused { "; nothing listens at this port" } else { "" })]
    Silent {
        /// Who was asked.
        address: SocketAddr,
        /// Packets sent.
        sends: u32,
        /// Its host said that nobody listens at the port.
        refused: bool,
    },
    /// Only answers that are not proved.
    #[error("{address} answers, but not with this shared secret")]
    Unproved {
        /// Who was asked.
        address: SocketAddr,
    },
    /// The request does not fit into a packet.
    #[error("the request cannot be written: {0}")]
    Request(String),
}

/// The first address of a host, which may be a name or an address.
///
/// # Errors
/// [`RadiusError::Name`].
pub async fn find(host: &str, port: u16) -> Result<SocketAddr, RadiusError> {
    let found = tokio::net::lookup_host((host, port)).await;
    found.ok().and_then(|mut all| all.next()).ok_or_else(|| RadiusError::Name(host.to_owned()))
}

/// Asks the access device at `address` until it answers.
///
/// # Errors
/// See [`RadiusError`].
pub async fn ask(
    address: SocketAddr,
    question: &Question<'_>,
    secret: &[u8],
    patience: Patience,
) -> Result<Told, RadiusError> {
    let Answered { answer, sends, after } = exchange(address, &request(question), secret, patience).await?;
    let cause = answer.error_cause.map(|cause| cause.to_string()).unwrap_or_default();
    let words =
        [cause, answer.message].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    Ok(Told { done: answer.outcome == Outcome::Acknowledged, words, sends, after })
}

fn request(question: &Question<'_>) -> Request {
    let mut attributes = Vec::new();
    if !question.nas_identifier.is_empty() {
        attributes.push(Attribute::NasIdentifier(question.nas_identifier.to_owned()));
    }
    attributes.push(Attribute::CallingStationId(question.station.to_owned()));
    attributes.push(Attribute::EventTimestamp(question.at));
    if question.cisco {
        let pairs = ["subscriber:command=reauthenticate", "subscriber:reauthenticate-type=last"];
        attributes.extend(pairs.map(|pair| Attribute::CiscoAvPair(pair.to_owned())));
    }
    let kind = if question.disconnect { RequestKind::Disconnect } else { RequestKind::ChangeOfAuthorization };
    Request { kind, identifier: question.identifier, attributes }
}

/// Sends a request until it is answered. The packet stays the same: identifier, time and all.
async fn exchange(
    address: SocketAddr,
    request: &Request,
    secret: &[u8],
    patience: Patience,
) -> Result<Answered, RadiusError> {
    let sent = request.encode(secret).map_err(|error| RadiusError::Request(error.to_string()))?;
    let failed = |error: std::io::Error| RadiusError::Send(address, error.to_string());
    let own: SocketAddr =
        if address.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(own).await.map_err(failed)?;
    socket.connect(address).await.map_err(failed)?;
    let (mut seen, mut wait) = (Seen::default(), patience.first);
    let began = Instant::now();
    for number in 1..=patience.sends {
        match socket.send(sent.bytes()).await {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => seen.refused = true,
            Err(error) => return Err(failed(error)),
        }
        if let Some(answer) = listen(&socket, &sent, secret, Moment::now() + wait, &mut seen).await {
            return Ok(Answered { answer, sends: number, after: began.elapsed() });
        }
        wait *= 2;
    }
    Err(if seen.unproved {
        RadiusError::Unproved { address }
    } else {
        RadiusError::Silent { address, sends: patience.sends, refused: seen.refused }
    })
}

/// What came that was no answer.
#[derive(Default)]
struct Seen {
    unproved: bool,
    refused: bool,
}

/// Waits for the answer until a moment.
async fn listen(
    socket: &UdpSocket,
    sent: &Sent,
    secret: &[u8],
    until: Moment,
    seen: &mut Seen,
) -> Option<Answer> {
    let mut datagram = [0; 4096];
    loop {
        match timeout_at(until, socket.recv(&mut datagram)).await.ok()? {
            Ok(length) => match sent.read_answer(&datagram[..length], secret) {
                Ok(answer) => return Some(answer),
                Err(AnswerError::Proof) => seen.unproved = true,
                Err(error) => tracing::debug!(%error, "a packet that is no answer"),
            },
            // The host says so for the packet before; it may begin to listen.
            Err(error) => {
                seen.refused |= error.kind() == std::io::ErrorKind::ConnectionRefused;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;

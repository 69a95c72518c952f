//! Packets in both directions, byte for byte.

use wire_radius::{AnswerError, Attribute, ErrorCause, Outcome, Request, RequestError, RequestKind, Sent};

pub const SECRET: &[u8] = b"xyzzy5461";
const STATION: &str = "00-26-B4-24-FE-B4";

/// Name and bytes of every vector.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let text = include_str!("../../testdata/vectors.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').expect("name and hex")).map(|(n, h)| (n.into(), unhex(h))).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    digits.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
}

fn vector(name: &str) -> Vec<u8> {
    all().into_iter().find(|(found, _)| found == name).expect("a vector of this name").1
}

pub fn coa() -> Sent {
    Request {
        kind: RequestKind::ChangeOfAuthorization,
        identifier: 7,
        attributes: vec![
            Attribute::CallingStationId(STATION.into()),
            Attribute::EventTimestamp(1_764_000_000),
            Attribute::CiscoAvPair("subscriber:command=reauthenticate".into()),
        ],
    }
    .encode(SECRET)
    .expect("it fits")
}

fn disconnect() -> Sent {
    Request {
        kind: RequestKind::Disconnect,
        identifier: 255,
        attributes: vec![
            Attribute::NasIdentifier("wlc-1".into()),
            Attribute::CallingStationId(STATION.into()),
            Attribute::EventTimestamp(1_764_000_000),
        ],
    }
    .encode(SECRET)
    .expect("it fits")
}

#[test]
fn requests_are_what_another_implementation_writes() {
    assert_eq!(coa().bytes(), vector("coa"));
    assert_eq!(disconnect().bytes(), vector("disconnect"));
}

#[test]
fn answers_are_read_with_their_reasons() {
    let read = |sent: &Sent, name: &str| sent.read_answer(&vector(name), SECRET).expect(name);
    let plain = read(&coa(), "coa-ack");
    assert_eq!((plain.outcome, plain.error_cause, plain.message.as_str()), (Outcome::Acknowledged, None, ""));
    assert_eq!(read(&coa(), "coa-ack-proved").message, "welcome back");
    let refused = read(&coa(), "coa-nak");
    assert_eq!(refused.outcome, Outcome::Refused);
    assert_eq!(refused.error_cause, Some(ErrorCause::SESSION_NOT_FOUND));
    assert_eq!(ErrorCause::SESSION_NOT_FOUND.to_string(), "Session Context Not Found (503)");
    assert_eq!(refused.message, "no such session", "a text in two attributes");
    assert_eq!(read(&disconnect(), "disconnect-ack").outcome, Outcome::Acknowledged);
    let odd = read(&disconnect(), "disconnect-nak");
    assert_eq!(odd.error_cause.expect("a cause").to_string(), "Error-Cause 999");
}

#[test]
fn nothing_else_is_believed() {
    let good = vector("coa-ack-proved");
    let read = |bytes: &[u8]| coa().read_answer(bytes, SECRET);
    assert_eq!(coa().read_answer(&good, b"another secret"), Err(AnswerError::Proof));
    for at in 4..good.len() {
        let mut forged = good.clone();
        forged[at] ^= 1;
        assert!(read(&forged).is_err(), "octet {at}");
    }
    for cut in 0..good.len() {
        assert_eq!(read(&good[..cut]), Err(AnswerError::Malformed), "cut at {cut}");
    }
    let mut padded = good.clone();
    padded.extend([0; 9]);
    assert!(read(&padded).is_ok(), "padding is not part of the packet");
    let mut other = good.clone();
    other[1] = 8;
    assert_eq!(read(&other), Err(AnswerError::Identifier));
    assert_eq!(read(&vector("disconnect-ack")), Err(AnswerError::Identifier));
    let mut request = vector("coa");
    assert_eq!(read(&request), Err(AnswerError::Code(43)), "an echo of the request");
    request[0] = 41;
    assert_eq!(read(&request), Err(AnswerError::Code(41)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let with =
        |attributes| Request { kind: RequestKind::Disconnect, identifier: 0, attributes }.encode(SECRET);
    assert_eq!(with(vec![Attribute::NasIdentifier(String::new())]), Err(RequestError::Value));
    assert_eq!(with(vec![Attribute::NasIdentifier("x".repeat(254))]), Err(RequestError::Value));
    assert!(with(vec![Attribute::NasIdentifier("x".repeat(253))]).is_ok());
    assert_eq!(with(vec![Attribute::CiscoAvPair("x".repeat(248))]), Err(RequestError::Value));
    assert!(with(vec![Attribute::CiscoAvPair("x".repeat(247))]).is_ok());
    assert_eq!(with(vec![Attribute::NasIdentifier("x".repeat(250)); 17]), Err(RequestError::Packet));
}

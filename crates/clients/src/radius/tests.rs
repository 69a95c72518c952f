use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const SECRET: &[u8] = b"xyzzy5461";
const QUICK: Patience = Patience { first: Duration::from_millis(100), sends: 3 };

fn vector_request() -> Request {
    Request {
        kind: RequestKind::ChangeOfAuthorization,
        identifier: 7,
        attributes: vec![
            Attribute::CallingStationId("00-26-B4-24-FE-B4".into()),
            Attribute::EventTimestamp(1_764_000_000),
            Attribute::CiscoAvPair("subscriber:command=reauthenticate".into()),
        ],
    }
}

/// An answer to [`vector_request`] that another implementation made.
fn vector(name: &str) -> Vec<u8> {
    let text = include_str!("../../../wire/radius/testdata/vectors.txt");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    hex::decode(line.expect("a vector")).expect("hex")
}

/// An access device that says what `answer` gives it for the nth packet; counts packets.
async fn device(answer: impl Fn(usize) -> Vec<Vec<u8>> + Send + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let address = socket.local_addr().expect("an address");
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            assert_eq!(packet[..length], vector("coa"), "every packet is the same");
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            for one in answer(number) {
                socket.send_to(&one, from).await.expect("sent");
            }
        }
    });
    (address, count)
}

#[tokio::test]
async fn an_answer_comes_back_with_its_reason() {
    let (address, _) = device(|_| vec![vector("coa-nak")]).await;
    let told = exchange(address, &vector_request(), SECRET, QUICK).await.expect("answered");
    assert_eq!((told.answer.outcome, told.sends), (Outcome::Refused, 1));
    assert_eq!(told.answer.error_cause, Some(wire_radius::ErrorCause::SESSION_NOT_FOUND));
}

#[tokio::test]
async fn a_question_becomes_a_request_and_an_answer_words() {
    let question = Question {
        disconnect: false,
        cisco: true,
        station: "00-26-B4-24-FE-B4",
        nas_identifier: "wlc-1",
        at: 1_764_000_000,
        identifier: 7,
    };
    let made = request(&question);
    assert_eq!((made.kind, made.attributes.len()), (RequestKind::ChangeOfAuthorization, 5));
    assert_eq!(made.attributes[0], Attribute::NasIdentifier("wlc-1".into()));
    let plain = request(&Question { disconnect: true, cisco: false, nas_identifier: "", ..question });
    assert_eq!((plain.kind, plain.attributes.len()), (RequestKind::Disconnect, 2));

    // The answer's proof contains the request, so this device has to write its answer itself.
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let mut answer = vec![45, packet[1], 0, 26];
            answer.extend(&packet[4..20]);
            answer.extend([101, 6, 0, 0, 1, 247]);
            let proof = md5(&[&answer, SECRET].concat());
            answer[4..20].copy_from_slice(&proof);
            assert!(length > 20);
            socket.send_to(&answer, from).await.expect("sent");
        }
    });
    let told = ask(address, &question, SECRET, QUICK).await.expect("answered");
    assert_eq!((told.done, told.words.as_str()), (false, "Session Context Not Found (503)"));
}

fn md5(bytes: &[u8]) -> [u8; 16] {
    use md5::Digest as _;
    md5::Md5::digest(bytes).into()
}

#[tokio::test]
async fn a_lost_packet_is_sent_again() {
    let (address, count) = device(|n| if n < 3 { vec![] } else { vec![vector("coa-ack")] }).await;
    let told = exchange(address, &vector_request(), SECRET, QUICK).await.expect("answered");
    assert_eq!(
        (told.answer.outcome, told.sends, count.load(Ordering::SeqCst)),
        (Outcome::Acknowledged, 3, 3)
    );
    assert!(told.after >= Duration::from_millis(300), "100 and 200 ms were waited: {:?}", told.after);
}

#[tokio::test]
async fn noise_and_forgeries_before_the_answer_change_nothing() {
    let noise = |_| {
        let mut forged = vector("coa-ack");
        forged[5] ^= 1;
        vec![
            vec![],
            vec![0; 4000],
            b"hello".to_vec(),
            forged,
            vector("disconnect-ack"),
            vector("coa-ack-proved"),
        ]
    };
    let (address, _) = device(noise).await;
    let told = exchange(address, &vector_request(), SECRET, QUICK).await.expect("answered");
    assert_eq!(told.answer.message, "welcome back");
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_silence() {
    let (address, _) = device(|_| {
        let mut forged = vector("coa-ack");
        forged[5] ^= 1;
        vec![forged]
    })
    .await;
    let error =
        exchange(address, &vector_request(), SECRET, QUICK).await.expect_err("nobody proved anything");
    assert_eq!(error, RadiusError::Unproved { address });

    let (address, count) = device(|_| vec![]).await;
    let error = exchange(address, &vector_request(), SECRET, QUICK).await.expect_err("silence");
    assert_eq!(error, RadiusError::Silent { address, sends: 3, refused: false });
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_closed_port_is_said() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let address = socket.local_addr().expect("an address");
    drop(socket);
    let error = exchange(address, &vector_request(), SECRET, QUICK).await.expect_err("nobody listens");
    assert!(error.to_string().ends_with("nothing listens at this port"), "{error}");
    let error = find("no-such-host.invalid", 3799).await.expect_err("no such name");
    assert_eq!(error.to_string(), "no-such-host.invalid cannot be found");
}

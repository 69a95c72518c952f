//! Registrations and uses that are bent in one place: every one is refused, and for the right reason.

use simulator::authenticator::{ATTESTED, Authenticator, PRESENT, VERIFIED};
use wire_webauthn::{Answer, Expected, Refusal, assertion, registration};

const CHALLENGE: &[u8] = b"a challenge of 32 bytes, fresh 1";
const ORIGIN: &str = "https://mdm.example.com";
const RP: &str = "mdm.example.com";

fn expected(verified: bool) -> Expected<'static> {
    Expected { challenge: CHALLENGE, origin: ORIGIN, rp_id: RP, verified }
}

fn key() -> Authenticator {
    Authenticator::new("anna", ORIGIN, RP)
}

/// Client data with another text in one place.
fn bent(key: &Authenticator, kind: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(key.client_data(kind, CHALLENGE)).expect("JSON");
    assert!(text.contains(from), "{from} is not in {text}");
    text.replace(from, to).into_bytes()
}

/// What can be wrong with client data, whichever ceremony they belong to.
fn client_data_mutants(key: &Authenticator, kind: &str) -> Vec<(&'static str, Vec<u8>, Refusal)> {
    let other = if kind == "webauthn.get" { "webauthn.create" } else { "webauthn.get" };
    let swap = |from: &str, to: &str| bent(key, kind, from, to);
    let good = key.client_data(kind, CHALLENGE);
    let text = String::from_utf8(good.clone()).expect("JSON");
    let challenge = text.split("\"challenge\":\"").nth(1).and_then(|t| t.split('"').next()).expect("one");
    vec![
        ("another ceremony", swap(kind, other), Refusal::Kind),
        ("an older API's ceremony", swap(kind, "navigator.id.getAssertion"), Refusal::Kind),
        ("a payment", swap(kind, "payment.get"), Refusal::Kind),
        ("no kind", swap("\"type\"", "\"typo\""), Refusal::ClientData),
        ("a kind twice", swap("{", "{\"type\":\"webauthn.get\","), Refusal::ClientData),
        ("no challenge", swap("\"challenge\"", "\"change\""), Refusal::ClientData),
        ("an empty challenge", swap(challenge, ""), Refusal::Challenge),
        ("another challenge", key.client_data(kind, b"a challenge of 32 bytes, fresh 2"), Refusal::Challenge),
        ("a shorter challenge", key.client_data(kind, &CHALLENGE[..31]), Refusal::Challenge),
        ("a longer challenge", key.client_data(kind, &[CHALLENGE, b"!"].concat()), Refusal::Challenge),
        ("a padded challenge", swap(challenge, &format!("{challenge}=")), Refusal::Challenge),
        ("a challenge that is no base64", swap(challenge, "***"), Refusal::Challenge),
        ("a number as challenge", swap(&format!("\"{challenge}\""), "1"), Refusal::ClientData),
        ("no origin", swap("\"origin\"", "\"origins\""), Refusal::ClientData),
        ("another origin", swap(ORIGIN, "https://evil.example.com"), Refusal::Origin),
        ("a subdomain", swap(ORIGIN, "https://a.mdm.example.com"), Refusal::Origin),
        ("a longer domain", swap(ORIGIN, "https://mdm.example.com.evil.test"), Refusal::Origin),
        ("another port", swap(ORIGIN, "https://mdm.example.com:8443"), Refusal::Origin),
        ("without TLS", swap(ORIGIN, "http://mdm.example.com"), Refusal::Origin),
        ("with a path", swap(ORIGIN, "https://mdm.example.com/"), Refusal::Origin),
        ("in capitals", swap(ORIGIN, "https://MDM.example.com"), Refusal::Origin),
        ("no origin at all", swap(ORIGIN, ""), Refusal::Origin),
        ("null as origin", swap(ORIGIN, "null"), Refusal::Origin),
        ("in a frame", swap("\"crossOrigin\":false", "\"crossOrigin\":true"), Refusal::Origin),
        ("under a page", swap("{", "{\"topOrigin\":\"https://evil.test\","), Refusal::Origin),
        ("a word as crossOrigin", swap("false", "\"no\""), Refusal::ClientData),
        ("nothing", Vec::new(), Refusal::ClientData),
        ("a list", b"[]".to_vec(), Refusal::ClientData),
        ("cut off", good[..good.len() - 1].to_vec(), Refusal::ClientData),
        ("something behind it", [good.as_slice(), b"x"].concat(), Refusal::ClientData),
        ("not UTF-8", [b"\xff".as_slice(), &good].concat(), Refusal::ClientData),
        ("endless", [good.as_slice(), &[b' '; 5000]].concat(), Refusal::ClientData),
    ]
}

#[test]
fn a_good_use_is_accepted_and_sixty_mutants_are_not() {
    let mut key = key();
    let cose = key.cose_key();
    let good = key.assert(CHALLENGE, b"user");
    let try_it = |client_data: &[u8], data: &[u8], signature: &[u8], cose: &[u8]| {
        let answer = Answer { client_data, authenticator_data: data, signature };
        assertion(&answer, cose, &expected(true)).map(|used| used.count)
    };
    assert_eq!(try_it(&good.client_data, &good.authenticator_data, &good.signature, &cose), Ok(2));

    let mut refused = 0;
    let mut must = |what: &str, outcome: Result<u32, Refusal>, due: Refusal| {
        assert_eq!(outcome, Err(due), "{what}");
        refused += 1;
    };
    // Signed by the right key, but over something that we do not accept.
    for (what, client_data, due) in client_data_mutants(&key, "webauthn.get") {
        let signature = key.sign(&good.authenticator_data, &client_data);
        must(what, try_it(&client_data, &good.authenticator_data, &signature, &cose), due);
    }
    let flags = |flags: u8| key.authenticator_data(flags);
    let mut elsewhere = Authenticator::new("anna", ORIGIN, "example.com");
    elsewhere.id.clone_from(&key.id);
    let long = [good.authenticator_data.as_slice(), b"\0"].concat();
    for (what, data, due) in [
        ("nobody was there", flags(VERIFIED), Refusal::Presence),
        ("no flag at all", flags(0), Refusal::Presence),
        ("not verified", flags(PRESENT), Refusal::Verification),
        ("copies of what has none", flags(PRESENT | VERIFIED | 0x10), Refusal::AuthenticatorData),
        (
            "a credential that is missing",
            long[..37].iter().enumerate().map(|(i, b)| if i == 32 { b | ATTESTED } else { *b }).collect(),
            Refusal::AuthenticatorData,
        ),
        ("a credential in a use", flags(PRESENT | VERIFIED | ATTESTED), Refusal::AuthenticatorData),
        ("extensions that are missing", flags(PRESENT | VERIFIED | 0x80), Refusal::AuthenticatorData),
        (
            "extensions that are no map",
            [flags(PRESENT | VERIFIED | 0x80).as_slice(), b"\x01"].concat(),
            Refusal::AuthenticatorData,
        ),
        ("another domain", elsewhere.authenticator_data(PRESENT | VERIFIED), Refusal::RelyingParty),
        ("too long", long, Refusal::AuthenticatorData),
        ("too short", good.authenticator_data[..36].to_vec(), Refusal::AuthenticatorData),
        ("nothing", Vec::new(), Refusal::AuthenticatorData),
    ] {
        let signature = key.sign(&data, &good.client_data);
        must(what, try_it(&good.client_data, &data, &signature, &cose), due);
    }
    // Not signed as it should be.
    let other = self::key();
    let turned = {
        let mut turned = good.signature.clone();
        let last = turned.len() - 1;
        turned[last] ^= 1;
        turned
    };
    let mut counted = good.authenticator_data.clone();
    counted[36] ^= 1;
    let spaced = [good.client_data.as_slice(), b" "].concat();
    for (what, client_data, data, signature) in [
        (
            "another's signature",
            &good.client_data,
            &good.authenticator_data,
            other.sign(&good.authenticator_data, &good.client_data),
        ),
        ("a bit turned", &good.client_data, &good.authenticator_data, turned),
        (
            "cut off",
            &good.client_data,
            &good.authenticator_data,
            good.signature[..good.signature.len() - 1].to_vec(),
        ),
        (
            "something behind it",
            &good.client_data,
            &good.authenticator_data,
            [good.signature.as_slice(), b"\0"].concat(),
        ),
        ("none", &good.client_data, &good.authenticator_data, Vec::new()),
        ("zeros", &good.client_data, &good.authenticator_data, vec![0; 64]),
        ("r and s are nothing", &good.client_data, &good.authenticator_data, vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        ("over other client data", &spaced, &good.authenticator_data, good.signature.clone()),
        ("over another count", &good.client_data, &counted, good.signature.clone()),
        (
            "of the client data alone",
            &good.client_data,
            &good.authenticator_data,
            key.sign(&[], &good.client_data),
        ),
    ] {
        must(what, try_it(client_data, data, &signature, &cose), Refusal::Signature);
    }
    must(
        "another's key",
        try_it(&good.client_data, &good.authenticator_data, &good.signature, &other.cose_key()),
        Refusal::Signature,
    );
    for (what, at, to) in [
        ("another kind of key", 2, 1),
        ("another algorithm", 4, 0x27),
        ("no known algorithm", 4, 0x37),
        ("another curve", 6, 2),
        ("a point beside the curve", 20, 0xee),
        ("a shorter x", 9, 0x1f),
    ] {
        let mut bad = cose.clone();
        bad[at] = if bad[at] == to { to ^ 1 } else { to };
        must(what, try_it(&good.client_data, &good.authenticator_data, &good.signature, &bad), Refusal::Key);
    }
    assert!(refused >= 60, "only {refused}");
}

#[test]
fn a_good_registration_is_accepted_and_its_mutants_are_not() {
    let key = key();
    let (client_data, object) = key.register(CHALLENGE);
    let made = registration(&client_data, &object, &expected(true)).expect("a good one");
    assert_eq!((made.id.as_slice(), made.key), (key.id.as_slice(), key.cose_key()));
    assert!(made.verified && !made.backed_up);

    let mut refused = 0;
    for (what, bad, due) in client_data_mutants(&key, "webauthn.create") {
        assert_eq!(registration(&bad, &object, &expected(true)), Err(due), "{what}");
        refused += 1;
    }
    let data = |flags: u8| Authenticator::attestation(&key.authenticator_data(flags | ATTESTED));
    let mut nameless = self::key();
    nameless.id = Vec::new();
    let mut endless = self::key();
    endless.id = vec![7; 1024];
    let mut weak = key.authenticator_data(PRESENT | VERIFIED | ATTESTED);
    let at = weak.len() - 73;
    weak[at] = 0x39;
    for (what, bad, due) in [
        ("nobody was there", data(VERIFIED), Refusal::Presence),
        ("not verified", data(PRESENT), Refusal::Verification),
        (
            "no credential",
            Authenticator::attestation(&key.authenticator_data(PRESENT | VERIFIED)),
            Refusal::Attestation,
        ),
        ("no id", nameless.register(CHALLENGE).1, Refusal::AuthenticatorData),
        ("an id without end", endless.register(CHALLENGE).1, Refusal::AuthenticatorData),
        (
            "another domain",
            Authenticator::new("x", ORIGIN, "example.com").register(CHALLENGE).1,
            Refusal::RelyingParty,
        ),
        ("a key that was not asked for", Authenticator::attestation(&weak), Refusal::AuthenticatorData),
        ("no data", object[..30].to_vec(), Refusal::Attestation),
        ("cut off", object[..object.len() - 1].to_vec(), Refusal::Attestation),
        ("something behind it", [object.as_slice(), b"\0"].concat(), Refusal::Attestation),
        ("a list", vec![0x80], Refusal::Attestation),
        ("nothing", Vec::new(), Refusal::Attestation),
        ("too large", vec![0; 70_000], Refusal::Attestation),
    ] {
        assert_eq!(registration(&client_data, &bad, &expected(true)), Err(due), "{what}");
        refused += 1;
    }
    assert!(refused >= 45, "only {refused}");
}

#[test]
fn a_second_factor_need_not_verify_its_holder() {
    let mut key = key();
    key.flags = PRESENT;
    let (client_data, object) = key.register(CHALLENGE);
    let made = registration(&client_data, &object, &expected(false)).expect("good");
    assert!(!made.verified);
    let used = key.assert(CHALLENGE, b"");
    let answer = Answer {
        client_data: &used.client_data,
        authenticator_data: &used.authenticator_data,
        signature: &used.signature,
    };
    assert!(assertion(&answer, &made.key, &expected(false)).is_ok_and(|used| !used.verified));
    assert_eq!(assertion(&answer, &made.key, &expected(true)), Err(Refusal::Verification));
}

//! ID tokens and logout tokens that lie in one place: every one is refused, and for the right reason.

use serde_json::{Value, json};
use simulator::provider::{Signer, key_set, text};
use wire_jose::{ExpectedId, Keys, Refusal, id_token, logout_token};

const ISSUER: &str = "https://id.example.com/realm";
const CLIENT: &str = "notifymdm";
const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
const NOW: i64 = 1_764_000_000;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn expected() -> ExpectedId<'static> {
    ExpectedId { issuer: ISSUER, client_id: CLIENT, nonce: NONCE, access_token: Some(ACCESS), now: NOW }
}

fn id_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "248289761001", "aud": CLIENT, "nonce": NONCE, "iat": NOW - 5, "exp": NOW + 300,
        "email": "anna@example.com",
    })
}

fn logout_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "248289761001", "aud": CLIENT, "iat": NOW - 5, "exp": NOW + 120, "jti": "one",
        "sid": "session 1", "events": { EVENT: {} },
    })
}

/// The claims with one of them another; `Null` takes it away.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut bent = claims.clone();
    match value {
        Value::Null => drop(bent.as_object_mut().expect("an object").remove(name)),
        value => bent[name] = value,
    }
    bent
}

/// What can be wrong with any kind of token, whatever it says.
fn forged(claims: &Value, ec: &Signer, rsa: &Signer) -> Vec<(&'static str, String, Refusal)> {
    let said = claims.to_string();
    let good = ec.sign(claims);
    let parts: Vec<&str> = good.split('.').collect();
    let (head, body, seal) = (parts[0], parts[1], parts[2]);
    let header = |header: Value| ec.sign_with(&header.to_string(), &said);
    let stranger = Signer::ec("first");
    let unsigned = |alg: &str| format!("{}.{body}.", text(json!({ "alg": alg }).to_string().as_bytes()));
    let mut turned = ec.signature(format!("{head}.{body}").as_bytes());
    turned[40] ^= 1;
    let der = [&[0x30, 0x44], [0x02, 0x20].as_slice(), &turned[..32], &[0x02, 0x20], &turned[32..]].concat();
    let mut own_key = stranger.header();
    own_key["jwk"] = stranger.jwk();
    let mut own_place = stranger.header();
    own_place["jku"] = "https://evil.test/keys".into();
    let more = with(claims, "sub", "admin".into()).to_string();
    vec![
        ("none", unsigned("none"), Refusal::Algorithm),
        ("None", unsigned("None"), Refusal::Algorithm),
        ("nOnE", unsigned("nOnE"), Refusal::Algorithm),
        ("no algorithm", header(json!({ "kid": "first" })), Refusal::Algorithm),
        ("a number as algorithm", header(json!({ "alg": 7, "kid": "first" })), Refusal::Algorithm),
        ("a secret key", header(json!({ "alg": "HS256", "kid": "first" })), Refusal::Algorithm),
        (
            "our public key as a secret",
            header(json!({ "alg": "HS512", "kid": "second" })),
            Refusal::Algorithm,
        ),
        ("an old hash", header(json!({ "alg": "RS1", "kid": "second" })), Refusal::Algorithm),
        (
            "the algorithm of another key",
            header(json!({ "alg": "RS256", "kid": "first" })),
            Refusal::UnknownKey,
        ),
        (
            "an algorithm that the key is not for",
            rsa.sign_with(&json!({ "alg": "RS512", "kid": "second" }).to_string(), &said),
            Refusal::UnknownKey,
        ),
        (
            "another kind of padding",
            rsa.sign_with(&json!({ "alg": "PS256", "kid": "second" }).to_string(), &said),
            Refusal::UnknownKey,
        ),
        ("an unknown key", header(json!({ "alg": "ES256", "kid": "third" })), Refusal::UnknownKey),
        ("a path as key", header(json!({ "alg": "ES256", "kid": "../../dev/null" })), Refusal::UnknownKey),
        ("a number as key", header(json!({ "alg": "ES256", "kid": 1 })), Refusal::Form),
        ("the other key's name", header(json!({ "alg": "ES256", "kid": "second" })), Refusal::UnknownKey),
        ("a stranger's signature", stranger.sign(claims), Refusal::Signature),
        ("a key that it brings along", stranger.sign_with(&own_key.to_string(), &said), Refusal::Signature),
        ("keys from elsewhere", stranger.sign_with(&own_place.to_string(), &said), Refusal::Signature),
        (
            "another algorithm's signature",
            format!("{}.{body}.{}", text(br#"{"alg":"RS256","kid":"second"}"#), text(&turned)),
            Refusal::Signature,
        ),
        ("other claims under it", format!("{head}.{}.{seal}", text(more.as_bytes())), Refusal::Signature),
        (
            "another header over it",
            format!("{}.{body}.{seal}", text(br#"{"alg":"ES256"}"#)),
            Refusal::Signature,
        ),
        ("a bit turned", format!("{head}.{body}.{}", text(&turned)), Refusal::Signature),
        ("the form of certificates", format!("{head}.{body}.{}", text(&der)), Refusal::Signature),
        ("no signature", format!("{head}.{body}."), Refusal::Signature),
        ("zeros", format!("{head}.{body}.{}", text(&[0; 64])), Refusal::Signature),
        ("half of it", format!("{head}.{body}.{}", text(&turned[..32])), Refusal::Signature),
        (
            "a critical extension",
            header(json!({ "alg": "ES256", "kid": "first", "crit": ["exp"], "exp": 1 })),
            Refusal::Kind,
        ),
        (
            "a token in a token",
            header(json!({ "alg": "ES256", "kid": "first", "cty": "JWT" })),
            Refusal::Kind,
        ),
        ("not encoded", header(json!({ "alg": "ES256", "kid": "first", "b64": false })), Refusal::Kind),
        ("packed", header(json!({ "alg": "ES256", "kid": "first", "zip": "DEF" })), Refusal::Kind),
        (
            "an access token",
            header(json!({ "alg": "ES256", "kid": "first", "typ": "at+jwt" })),
            Refusal::Kind,
        ),
        (
            "a proof of possession",
            header(json!({ "alg": "ES256", "kid": "first", "typ": "dpop+jwt" })),
            Refusal::Kind,
        ),
        ("a number as kind", header(json!({ "alg": "ES256", "kid": "first", "typ": 1 })), Refusal::Kind),
        ("two algorithms", ec.sign_with(r#"{"alg":"none","alg":"ES256"}"#, &said), Refusal::Form),
        ("no header", ec.sign_with("", &said), Refusal::Form),
        ("a list as header", ec.sign_with("[]", &said), Refusal::Form),
        ("a list as claims", ec.sign_with(&ec.header().to_string(), "[]"), Refusal::Form),
        ("no JSON", ec.sign_with(&ec.header().to_string(), "{"), Refusal::Form),
        (
            "two issuers",
            ec.sign_with(&ec.header().to_string(), &said.replacen('{', r#"{"iss":"https://evil.test","#, 1)),
            Refusal::Form,
        ),
        ("two parts", format!("{head}.{body}"), Refusal::Form),
        ("four parts", format!("{good}.{seal}"), Refusal::Form),
        ("five parts", format!("{head}.{body}.{seal}.{seal}.{seal}"), Refusal::Form),
        ("padding", format!("{head}=.{body}.{seal}"), Refusal::Form),
        ("a blank", format!("{head} .{body}.{seal}"), Refusal::Form),
        ("the other alphabet", format!("{head}.{body}.{}+/", &seal[..80]), Refusal::Form),
        ("nothing", String::new(), Refusal::Form),
        ("dots", "..".to_owned(), Refusal::Form),
        ("endless", format!("{good}{}", "A".repeat(70_000)), Refusal::Form),
    ]
}

/// What can be wrong with issuer, audience and times, whatever the kind; rightly signed.
fn foreign(claims: &Value) -> Vec<(&'static str, Value, Refusal)> {
    let bent = |name: &str, value: Value| with(claims, name, value);
    vec![
        ("no issuer", bent("iss", Value::Null), Refusal::Issuer),
        ("another issuer", bent("iss", "https://evil.test".into()), Refusal::Issuer),
        ("another tenant of the issuer", bent("iss", "https://id.example.com/other".into()), Refusal::Issuer),
        ("the issuer with a slash", bent("iss", format!("{ISSUER}/").into()), Refusal::Issuer),
        ("the issuer in capitals", bent("iss", ISSUER.to_uppercase().into()), Refusal::Issuer),
        ("the issuer in a list", bent("iss", json!([ISSUER])), Refusal::Issuer),
        ("no audience", bent("aud", Value::Null), Refusal::Audience),
        ("another audience", bent("aud", "other".into()), Refusal::Audience),
        ("an empty list", bent("aud", json!([])), Refusal::Audience),
        ("others as well", bent("aud", json!([CLIENT, "other"])), Refusal::Audience),
        ("a longer name", bent("aud", format!("{CLIENT}2").into()), Refusal::Audience),
        ("a number as audience", bent("aud", 7.into()), Refusal::Audience),
        ("another party", bent("azp", "other".into()), Refusal::Audience),
        ("an empty party", bent("azp", "".into()), Refusal::Audience),
        ("no end", bent("exp", Value::Null), Refusal::Time),
        ("over since a second", bent("exp", (NOW - 60).into()), Refusal::Time),
        ("over long since", bent("exp", 1.into()), Refusal::Time),
        ("a word as end", bent("exp", "never".into()), Refusal::Time),
        ("half a second as end", bent("exp", json!(4e9 + 0.5)), Refusal::Time),
        ("an end before all time", bent("exp", (-1).into()), Refusal::Time),
        ("no beginning", bent("iat", Value::Null), Refusal::Time),
        ("made in a while", bent("iat", (NOW + 61).into()), Refusal::Time),
        ("made long ago", bent("iat", (NOW - 601).into()), Refusal::Time),
        ("a word as beginning", bent("iat", "now".into()), Refusal::Time),
        ("not yet good", bent("nbf", (NOW + 61).into()), Refusal::Time),
        ("a word as nbf", bent("nbf", "now".into()), Refusal::Time),
    ]
}

#[test]
fn a_good_id_token_is_believed_and_its_mutants_are_not() {
    let (ec, rsa) = (Signer::ec("first"), Signer::rsa("second"));
    let keys = Keys::parse(key_set(&[&ec, &rsa]).as_bytes()).expect("a set");
    let claims = id_claims();
    let bent = |name: &str, value: Value| with(&claims, name, value);
    let good_hash = "77QmUPtjPfzWtF2AnpK9RQ";
    for good in [
        ec.sign(&claims),
        rsa.sign(&claims),
        ec.sign_with(r#"{"alg":"ES256"}"#, &claims.to_string()),
        ec.sign(&bent("aud", json!([CLIENT]))),
        ec.sign(&bent("azp", CLIENT.into())),
        ec.sign(&bent("exp", (NOW - 59).into())),
        ec.sign(&bent("iat", (NOW + 60).into())),
        ec.sign(&bent("at_hash", good_hash.into())),
    ] {
        let believed = id_token(&good, &keys, &expected()).expect("a good one");
        assert_eq!((believed.subject(), believed.text("email")), ("248289761001", Some("anna@example.com")));
    }
    let mut refused = 0;
    let mut must = |what: &str, token: &str, due: Refusal| {
        assert_eq!(id_token(token, &keys, &expected()).map(drop), Err(due), "{what}");
        refused += 1;
    };
    for (what, token, due) in forged(&claims, &ec, &rsa) {
        must(what, &token, due);
    }
    for (what, claims, due) in foreign(&claims) {
        must(what, &ec.sign(&claims), due);
    }
    for (what, claims, due) in [
        ("a logout token", logout_claims(), Refusal::Kind),
        ("a logout token with a nonce", with(&logout_claims(), "nonce", NONCE.into()), Refusal::Kind),
        ("no nonce", bent("nonce", Value::Null), Refusal::Nonce),
        ("another nonce", bent("nonce", "other".into()), Refusal::Nonce),
        ("an empty nonce", bent("nonce", "".into()), Refusal::Nonce),
        ("a list of nonces", bent("nonce", json!([NONCE])), Refusal::Nonce),
        ("nobody", bent("sub", Value::Null), Refusal::Subject),
        ("an empty subject", bent("sub", "".into()), Refusal::Subject),
        ("a number as subject", bent("sub", 7.into()), Refusal::Subject),
        ("an endless subject", bent("sub", "x".repeat(256).into()), Refusal::Subject),
        ("a subject of two lines", bent("sub", "a\nb".into()), Refusal::Subject),
        ("another access token", bent("at_hash", "MTIzNDU2Nzg5MDEyMzQ1Ng".into()), Refusal::AccessToken),
        ("a number as hash", bent("at_hash", 7.into()), Refusal::AccessToken),
        ("the whole hash", bent("at_hash", ACCESS.into()), Refusal::AccessToken),
    ] {
        must(what, &ec.sign(&claims), due);
    }
    assert!(refused >= 60, "only {refused}");
    let alone = ExpectedId { access_token: None, ..expected() };
    let hashed = ec.sign(&bent("at_hash", good_hash.into()));
    assert_eq!(id_token(&hashed, &keys, &alone).map(drop), Err(Refusal::AccessToken), "no access token came");
    let nothing = ExpectedId { nonce: "", ..expected() };
    let empty = ec.sign(&bent("nonce", "".into()));
    assert_eq!(
        id_token(&empty, &keys, &nothing).map(drop),
        Err(Refusal::Nonce),
        "a nonce is always asked for"
    );
}

#[test]
fn a_good_logout_token_is_believed_and_its_mutants_are_not() {
    let (ec, rsa) = (Signer::ec("first"), Signer::rsa("second"));
    let keys = Keys::parse(key_set(&[&ec, &rsa]).as_bytes()).expect("a set");
    let claims = logout_claims();
    let bent = |name: &str, value: Value| with(&claims, name, value);
    let read = |token: &str| logout_token(token, &keys, ISSUER, CLIENT, NOW);
    let found = read(&rsa.sign(&claims)).expect("a good one");
    assert_eq!((found.id.as_str(), found.subject.as_str()), ("one", "248289761001"));
    assert_eq!((found.session.as_str(), found.made_at), ("session 1", NOW - 5));
    let kind = ec.sign_with(r#"{"alg":"ES256","typ":"logout+jwt"}"#, &claims.to_string());
    assert!(read(&kind).is_ok());
    assert!(read(&ec.sign(&bent("sub", Value::Null))).is_ok_and(|l| l.subject.is_empty()));
    let mut refused = 0;
    let mut must = |what: &str, token: &str, due: Refusal| {
        assert_eq!(read(token).map(drop), Err(due), "{what}");
        refused += 1;
    };
    for (what, token, due) in forged(&claims, &ec, &rsa) {
        must(what, &token, due);
    }
    for (what, claims, due) in foreign(&claims) {
        must(what, &ec.sign(&claims), due);
    }
    let neither = with(&bent("sub", Value::Null), "sid", Value::Null);
    for (what, claims, due) in [
        ("an ID token", id_claims(), Refusal::Kind),
        ("a nonce", bent("nonce", NONCE.into()), Refusal::Kind),
        ("no event", bent("events", Value::Null), Refusal::Kind),
        ("another event", bent("events", json!({ "https://evil.test": {} })), Refusal::Kind),
        ("a word as event", bent("events", json!({ EVENT: "x" })), Refusal::Kind),
        ("a list of events", bent("events", json!([EVENT])), Refusal::Kind),
        ("nobody and no session", neither, Refusal::Subject),
        ("a number as subject", bent("sub", 7.into()), Refusal::Subject),
        ("an empty session", bent("sid", "".into()), Refusal::Subject),
        ("no id", bent("jti", Value::Null), Refusal::Form),
        ("an empty id", bent("jti", "".into()), Refusal::Form),
        ("a number as id", bent("jti", 1.into()), Refusal::Form),
    ] {
        must(what, &ec.sign(&claims), due);
    }
    assert!(refused >= 60, "only {refused}");
}

#[test]
fn keys_that_are_not_for_signatures_are_left_out() {
    let ec = Signer::ec("first");
    let bent = |name: &str, value: Value| with(&ec.jwk(), name, value);
    for bad in [
        bent("use", "enc".into()),
        bent("kty", "oct".into()),
        bent("crv", "P-521".into()),
        bent("x", "AAAA".into()),
        bent("y", Value::Null),
        bent("key_ops", json!(["encrypt"])),
        json!({ "kty": "oct", "k": "AAAA", "alg": "HS256" }),
        json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }),
        json!(7),
    ] {
        let set = json!({ "keys": [bad] }).to_string();
        assert!(Keys::parse(set.as_bytes()).expect("a set").is_empty(), "{set}");
    }
    for bad in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(Keys::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}

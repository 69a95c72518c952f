//! Passkeys: registered, used alone and as second factor, refused for every wrong reason, and what a change of
//! credentials ends.

use domain::model::{RoleRef, SignInMethod};
use engine::connections::Surroundings;
use engine::tokens::{self, NewToken};
use engine::{Error, Scope, administrators, passkeys, second_factor, sign_in};
use serde_json::Value;
use simulator::authenticator::{Authenticator, PRESENT};

use crate::house::{House, MINUTE, PASSWORD, caller, home, houses};

const ORIGIN: &str = "https://mdm.example.test:8443";
const DOMAIN: &str = "mdm.example.test";

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

fn named(house: &House) {
    house.stands(Surroundings { names: vec![DOMAIN.into()], ..Surroundings::default() });
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn challenge(question: &str) -> (String, Vec<u8>) {
    let question: Value = serde_json::from_str(question).unwrap();
    (question["ticket"].as_str().unwrap().to_owned(), decode(question["challenge"].as_str().unwrap()))
}

/// What a page sends when a passkey was used.
fn answer(key: &mut Authenticator, question: &str, user: &Scope) -> String {
    let (ticket, challenge) = challenge(question);
    let handle = user.administrator().unwrap().id.uuid();
    let mut answer: Value = serde_json::from_str(&key.assert(&challenge, handle.as_bytes()).json()).unwrap();
    answer["ticket"] = ticket.into();
    answer.to_string()
}

fn made(key: &Authenticator, question: &str) -> String {
    use base64::Engine as _;
    let text = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let (ticket, challenge) = challenge(question);
    let (client_data, attestation) = key.register(&challenge);
    serde_json::json!({
        "ticket": ticket, "client_data": text(&client_data), "attestation": text(&attestation),
    })
    .to_string()
}

/// Registers a passkey for the account; the recovery codes that were shown.
async fn register(house: &House, scope: &Scope, key: &Authenticator) -> Vec<String> {
    let question = passkeys::begin(house, scope, PASSWORD, "").await.unwrap();
    passkeys::register(house, scope, "Notebook", &made(key, &question)).await.unwrap()
}

fn key(name: &str) -> Authenticator {
    Authenticator::new(name, ORIGIN, DOMAIN)
}

async fn alone(house: &House, answer: &str) -> Result<String, Error> {
    sign_in::sign_in_with_passkey(house, answer, &caller("192.0.2.1")).await.map(|(cookie, session)| {
        assert_eq!(session.signed_in_with, SignInMethod::Passkey);
        cookie
    })
}

fn question(house: &House) -> String {
    sign_in::passkey_alone_question(house, &caller("192.0.2.1"))
}

#[tokio::test]
async fn a_passkey_signs_in_alone_once_for_each_challenge_and_only_its_owner() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let other = house.administrator(&house.globex, "other", full()).await;
        let mut mine = key("boss");
        assert_eq!(register(&house, &boss, &mine).await.len(), 10, "recovery codes come with the first one");
        assert!(register(&house, &other, &key("other")).await.len() == 10);
        house.clock.advance(1);

        let asked = question(&house);
        let good = answer(&mut mine, &asked, &boss);
        let cookie = alone(&house, &good).await.unwrap();
        let scope = sign_in::scope_of_session(&house, &cookie, home()).await.unwrap();
        assert_eq!((scope.organization(), scope.due()), (house.acme.id, None));
        assert_eq!(alone(&house, &good).await, Err(Error::Unauthenticated), "replayed");
        let again = answer(&mut mine, &asked, &boss);
        assert_eq!(alone(&house, &again).await, Err(Error::Unauthenticated), "the same challenge");
        let admin = house.directory().administrator_by_name("boss").unwrap();
        assert_eq!(admin.passkeys[0].last_used_at, Some(house.clock.now()));

        house.clock.advance(1);
        let theirs = answer(&mut mine, &question(&house), &other);
        assert_eq!(alone(&house, &theirs).await, Err(Error::Unauthenticated), "the other account's handle");
        mine.flags = PRESENT;
        let unverified = answer(&mut mine, &question(&house), &boss);
        assert_eq!(alone(&house, &unverified).await, Err(Error::Unauthenticated), "nobody was verified");
        assert!(!house.journal_text(house.globex.id).await.contains("boss"));
        house.finish().await;
    }
}

/// The signature is checked by the codec, whose own tests bend every part of it; here is what the engine adds.
#[tokio::test]
async fn answers_from_elsewhere_too_late_or_for_something_else_are_refused() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let mut mine = key("boss");
        register(&house, &boss, &mine).await;
        house.clock.advance(1);
        let handle = *boss.administrator().unwrap().id.uuid().as_bytes();
        let mut refused = 0;
        let origins = [
            "https://evil.test",
            "https://mdm.example.test.evil.test",
            "http://mdm.example.test",
            "https://localhost",
            "https://a.mdm.example.test",
            "https://mdm.example.test:99999",
            "https://mdm.example.test:x",
            "https://mdm.example.test/",
            "https://",
            "null",
            "https://MDM.example.test",
            "https://127.0.0.1",
        ];
        for origin in origins {
            let mut bent = key("boss");
            std::mem::swap(&mut bent, &mut mine);
            bent.origin = origin.into();
            let bad = answer(&mut bent, &question(&house), &boss);
            assert_eq!(alone(&house, &bad).await, Err(Error::Unauthenticated), "{origin}");
            bent.origin = ORIGIN.into();
            std::mem::swap(&mut bent, &mut mine);
            refused += 1;
        }
        let good: Value = serde_json::from_str(&answer(&mut mine, &question(&house), &boss)).unwrap();
        let with = |field: &str, value: Value| {
            let mut bad = good.clone();
            bad[field] = value;
            bad.to_string()
        };
        let ticket = good["ticket"].as_str().unwrap().to_owned();
        let (at, random) = ticket.split_once('.').unwrap();
        let later = at.parse::<i64>().unwrap() + 1;
        for bad in [
            with("ticket", format!("{later}.{random}").into()),
            with("ticket", format!("{at}.{}", "0".repeat(32)).into()),
            with("ticket", format!("{at}.{random}0").into()),
            with("ticket", "".into()),
            with("ticket", ".".into()),
            with("ticket", format!("-1.{random}").into()),
            with("ticket", Value::Null),
            with("id", "eA".into()),
            with("id", "".into()),
            with("user", "".into()),
            with("user", "AAAA".into()),
            with("user", "AAAAAAAAAAAAAAAAAAAAAA".into()),
            with("signature", "!".into()),
            with("signature", "".into()),
            with("more", 1.into()),
            "{}".into(),
            "[]".into(),
            "{".into(),
            String::new(),
            format!("{{\"ticket\":\"{}\"}}", "x".repeat(70_000)),
        ] {
            assert_eq!(alone(&house, &bad).await, Err(Error::Unauthenticated), "{bad:.200}");
            refused += 1;
        }
        // Challenges for something else: of another address, for proving, for registering.
        let elsewhere = sign_in::passkey_alone_question(&house, &caller("192.0.2.66"));
        let admin = house.directory().administrator_by_name("boss").unwrap();
        let proving = passkeys::question(&house, &admin).unwrap();
        for asked in [elsewhere, proving] {
            let bad = answer(&mut mine, &asked, &boss);
            assert_eq!(alone(&house, &bad).await, Err(Error::Unauthenticated));
            refused += 1;
        }
        let (ticket, late) = challenge(&question(&house));
        house.clock.advance(10 * MINUTE);
        let mut bad: Value = serde_json::from_str(&mine.assert(&late, &handle).json()).unwrap();
        bad["ticket"] = ticket.into();
        assert_eq!(alone(&house, &bad.to_string()).await, Err(Error::Unauthenticated), "too late");
        assert!(refused + 1 >= 35, "{refused}");
        let good = answer(&mut mine, &question(&house), &boss);
        assert!(alone(&house, &good).await.is_ok(), "and the good one still is");
        house.finish().await;
    }
}

#[tokio::test]
async fn fifty_wrong_answers_lock_the_address() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let mut mine = key("boss");
        register(&house, &boss, &mine).await;
        house.clock.advance(1);
        for _ in 0..50 {
            assert_eq!(alone(&house, "{}").await, Err(Error::Unauthenticated));
        }
        let good = answer(&mut mine, &question(&house), &boss);
        assert!(matches!(alone(&house, &good).await, Err(Error::Locked(_))));
        house.finish().await;
    }
}

#[tokio::test]
async fn it_stands_for_the_code_wherever_one_is_asked_for() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let mut mine = key("boss");
        mine.flags = PRESENT;
        let codes = register(&house, &boss, &mine).await;
        house.clock.advance(1);
        let from = caller("192.0.2.1");
        let Err(Error::SecondFactor(ticket)) = sign_in::sign_in(&house, "boss", PASSWORD, &from).await else {
            panic!("a passkey is a second factor")
        };
        let asked = sign_in::passkey_question(&house, &ticket, &from).unwrap();
        let shown = answer(&mut mine, &asked, &boss);
        let (cookie, session) = sign_in::sign_in_with_code(&house, &ticket, &shown, &from).await.unwrap();
        assert_eq!(session.signed_in_with, SignInMethod::PasswordAndFactor);
        let replayed = sign_in::sign_in_with_code(&house, &ticket, &shown, &from).await;
        assert!(matches!(replayed, Err(Error::Invalid(_))), "{replayed:?}");
        let scope = sign_in::scope_of_session(&house, &cookie, home()).await.unwrap();

        let token = |code: &str| NewToken {
            name: "t".into(),
            powers: catalog::Powers::of(&[catalog::Permission::DevicesView]),
            days: 1,
            code: code.into(),
        };
        assert!(matches!(tokens::create(&house, &scope, token("")).await, Err(Error::Invalid(_))));
        assert!(tokens::create(&house, &scope, token(&codes[0])).await.is_ok(), "a recovery code");
        let admin = house.directory().administrator_by_name("boss").unwrap();
        house.clock.advance(1);
        let shown = answer(&mut mine, &passkeys::question(&house, &admin).unwrap(), &boss);
        assert!(tokens::create(&house, &scope, token(&shown)).await.is_ok());
        // Wrong ones count as wrong codes do.
        for _ in 0..5 {
            let _ = tokens::create(&house, &scope, token("{}")).await;
        }
        let locked = tokens::create(&house, &scope, token(&codes[1])).await;
        assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_told() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let mut mine = key("boss");
        register(&house, &boss, &mine).await;
        house.clock.advance(1);
        let good = answer(&mut mine, &question(&house), &boss);
        alone(&house, &good).await.unwrap();
        house.clock.advance(1);
        mine.count = 1;
        let copy = answer(&mut mine, &question(&house), &boss);
        assert_eq!(alone(&house, &copy).await, Err(Error::Unauthenticated));
        let id = boss.administrator().unwrap().id;
        assert_eq!(house.journaled(&house.acme, "administrator.passkey_copied", id).await, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn registering_needs_password_and_factor_and_a_fresh_question() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let wrong = passkeys::begin(&house, &boss, "not the password", "").await;
        assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
        let secret = house.second_factor(&boss).await;
        let without = passkeys::begin(&house, &boss, PASSWORD, "").await;
        assert!(matches!(without, Err(Error::Invalid(_))), "somebody at an open desk cannot add a key");
        let asked = passkeys::begin(&house, &boss, PASSWORD, &house.code(&secret)).await.unwrap();
        let mine = key("boss");
        let answer = made(&mine, &asked);
        for (name, text) in [("", answer.as_str()), ("Key", "{}"), ("Key", ""), ("Key\n", "[]")] {
            let refused = passkeys::register(&house, &boss, name, text).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{name:?} {text}");
        }
        let other = house.administrator(&house.globex, "other", full()).await;
        let stolen = passkeys::register(&house, &other, "Key", &answer).await;
        assert!(matches!(stolen, Err(Error::Invalid(_))), "the question was another account's");
        assert!(passkeys::register(&house, &boss, "Key", &answer).await.unwrap().is_empty(), "codes exist");
        let twice = passkeys::register(&house, &boss, "Key", &answer).await;
        assert!(matches!(twice, Err(Error::Invalid(_))), "the account has changed since");
        let asked = passkeys::begin(&house, &boss, PASSWORD, &house.code(&secret)).await.unwrap();
        let twice = passkeys::register(&house, &boss, "Key", &made(&mine, &asked)).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let asked = passkeys::begin(&house, &boss, PASSWORD, &house.code(&secret)).await.unwrap();
        house.clock.advance(10 * MINUTE);
        let late = passkeys::register(&house, &boss, "Key", &made(&key("late"), &asked)).await;
        assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
        house.finish().await;
    }
}

/// each change of a credential ends what was opened with the former ones, at once.
#[tokio::test]
async fn every_change_of_a_credential_ends_every_other_session_and_token() {
    for house in houses().await {
        named(&house);
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let vice = house.administrator(&house.acme, "vice", full()).await;
        let id = vice.administrator().unwrap().id;
        let mut mine = key("vice");
        let mut secret = Vec::new();
        let changes = [
            "password",
            "app",
            "app removed",
            "passkey",
            "passkey removed",
            "role",
            "networks",
            "disabled",
            "reset",
            "password reset",
        ];
        for change in changes {
            // A stranger's session and token, opened with what is in force before the change.
            let stale = fresh(&house, &mut mine, &secret).await;
            let own = fresh(&house, &mut mine, &secret).await;
            let own_scope = sign_in::scope_of_session(&house, &own, home()).await.unwrap();
            let (_, token) = sign_in_token(&house, &own_scope, &mut mine, &secret).await;
            assert!(sign_in::scope_of_session(&house, &stale, home()).await.is_ok());
            assert!(sign_in::scope_of_token(&house, &token, home()).await.is_ok());
            let edit = |edit: fn(&mut administrators::AdministratorEdit)| {
                let mut changed = administrators::AdministratorEdit::default();
                edit(&mut changed);
                administrators::edit(&house, &boss, id, changed)
            };
            let mut keeps = true;
            match change {
                "password" => {
                    sign_in::change_own_password(&house, &own_scope, PASSWORD, PASSWORD).await.unwrap();
                }
                "app" => secret = house.second_factor(&own_scope).await,
                "app removed" => {
                    second_factor::remove(&house, &own_scope, &house.code(&secret)).await.unwrap();
                    secret.clear();
                }
                "passkey" => drop(register(&house, &own_scope, &mine).await),
                "passkey removed" => {
                    house.clock.advance(1);
                    let admin = house.directory().administrator(id).unwrap();
                    let asked = passkeys::question(&house, &admin).unwrap();
                    let shown = answer(&mut mine, &asked, &vice);
                    passkeys::remove(&house, &own_scope, &admin.passkeys[0].id, &shown).await.unwrap();
                }
                _ => {
                    keeps = false;
                    match change {
                        "role" => {
                            edit(|e| e.role = Some(Some(RoleRef::Predefined("help_desk".into()))))
                                .await
                                .unwrap();
                        }
                        "networks" => {
                            edit(|e| e.allowed_networks = Some(vec!["192.0.2.0/24".into()])).await.unwrap();
                        }
                        "disabled" => edit(|e| e.enabled = Some(false)).await.unwrap(),
                        "reset" => {
                            edit(|e| e.enabled = Some(true)).await.unwrap();
                            let scope = house.signed_in("vice").await;
                            house.second_factor(&scope).await;
                            second_factor::reset(&house, &boss, id).await.unwrap();
                        }
                        _ => drop(administrators::reset_password(&house, &boss, id, PASSWORD).await.unwrap()),
                    }
                }
            }
            let refused = |outcome: Result<Scope, Error>| outcome.is_err_and(|e| e == Error::Unauthenticated);
            assert!(refused(sign_in::scope_of_session(&house, &stale, home()).await), "{change}: session");
            assert!(refused(sign_in::scope_of_token(&house, &token, home()).await), "{change}: token");
            assert_eq!(sign_in::scope_of_session(&house, &own, home()).await.is_ok(), keeps, "{change}: own");
            let listed = sign_in::sessions(&house, id).len();
            assert_eq!(listed, usize::from(keeps), "{change}: the list shows what is good");
            if change == "disabled" {
                edit(|e| e.enabled = Some(true)).await.unwrap();
            }
        }
        house.finish().await;
    }
}

/// Signs vice in with whatever is in force.
async fn fresh(house: &House, mine: &mut Authenticator, secret: &[u8]) -> String {
    house.clock.advance(1);
    let from = caller("192.0.2.1");
    match sign_in::sign_in(house, "vice", PASSWORD, &from).await {
        Ok((cookie, _)) => cookie,
        Err(Error::SecondFactor(ticket)) => {
            let code = proof(house, mine, secret);
            sign_in::sign_in_with_code(house, &ticket, &code, &from).await.unwrap().0
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn proof(house: &House, mine: &mut Authenticator, secret: &[u8]) -> String {
    let admin = house.directory().administrator_by_name("vice").unwrap();
    house.clock.advance(1);
    match passkeys::question(house, &admin) {
        Some(asked) => {
            let (ticket, challenge) = challenge(&asked);
            let mut answer: Value =
                serde_json::from_str(&mine.assert(&challenge, admin.id.uuid().as_bytes()).json()).unwrap();
            answer["ticket"] = ticket.into();
            answer.to_string()
        }
        None if secret.is_empty() => String::new(),
        None => house.code(secret),
    }
}

async fn sign_in_token(
    house: &House,
    scope: &Scope,
    mine: &mut Authenticator,
    secret: &[u8],
) -> (domain::model::ApiTokenId, String) {
    let new = NewToken {
        name: "stale".into(),
        powers: catalog::Powers::of(&[catalog::Permission::DevicesView]),
        days: 1,
        code: proof(house, mine, secret),
    };
    tokens::create(house, scope, new).await.unwrap()
}

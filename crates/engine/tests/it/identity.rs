//! Signing in by an identity provider, over real sockets: who gets in, as what, and everything that is refused.

use std::collections::HashMap;

use domain::model::{IdentityProviderId, RoleRef, RoleRule, SignInMethod};
use engine::identity::{self, Arrival, ProviderInput, Return};
use engine::{Due, Error, Scope, administrators, second_factor, sign_in};
use serde_json::{Value, json};
use simulator::provider::{Provider, Signer};

use crate::house::{House, MINUTE, PASSWORD, Tenant, caller, home, houses};

const CLIENT: &str = "notifymdm";
const REDIRECT: &str = "https://mdm.example.test/dashboard/sign-in/oidc/x";

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

fn help_desk() -> RoleRef {
    RoleRef::Predefined("help_desk".into())
}

fn rule(value: &str, role: RoleRef) -> RoleRule {
    RoleRule { claim: "groups".into(), value: value.into(), role }
}

fn input(provider: &Provider) -> ProviderInput {
    ProviderInput {
        name: "Staff".into(),
        zone: "staff".into(),
        on: true,
        issuer: provider.issuer(),
        client_id: CLIENT.into(),
        client_secret: Some("a client's secret".into()),
        scopes: vec!["email".into()],
        rules: vec![rule("mdm-admins", full()), rule("mdm-desk", help_desk())],
        creates: true,
        ..ProviderInput::default()
    }
}

/// What is done to what a browser brings back.
type Bend = Box<dyn Fn(&mut HashMap<String, String>)>;

fn set(back: &mut HashMap<String, String>, name: &str, value: &str) {
    back.insert(name.into(), value.into());
}

/// A provider that is known to an organization.
struct Stage {
    provider: Provider,
    id: IdentityProviderId,
}

async fn stage(house: &House, tenant: &Tenant) -> Stage {
    house.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    let provider = Provider::start(house.clock.now() / 1000).await.unwrap();
    let claims = json!({ "sub": "anna-7", "groups": ["staff", "mdm-desk"], "email": "anna@acme.test", "name": "Anna" });
    provider.behave(|b| (b.claims, b.userinfo) = (claims, json!({ "sub": "anna-7" })));
    let id = identity::create(house, &tenant.all, input(&provider)).await.unwrap();
    Stage { provider, id }
}

impl Stage {
    fn says(&self, name: &str, value: Value) {
        self.provider.behave(|b| b.claims[name] = value);
    }

    /// To the provider and back; `bend` may change what the browser brings.
    async fn go(
        &self,
        house: &House,
        tenant: &Tenant,
        bend: impl FnOnce(&mut HashMap<String, String>),
    ) -> Result<Arrival, Error> {
        house.clock.advance(1);
        self.provider.behave(|b| b.now = house.clock.now() / 1000);
        let left = identity::depart(house, tenant.id, self.id, REDIRECT, "/dashboard/devices").await?;
        let mut back = self.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        bend(&mut back);
        self.arrive(house, None, &back).await
    }

    async fn arrive(
        &self,
        house: &House,
        scope: Option<&Scope>,
        back: &HashMap<String, String>,
    ) -> Result<Arrival, Error> {
        let of = |name: &str| back.get(name).map_or("", String::as_str);
        let back = Return {
            cookie: of("cookie"),
            state: of("state"),
            code: of("code"),
            issuer: back.get("iss").map(String::as_str),
            error: back.get("error").map(String::as_str),
        };
        identity::arrive(house, scope, self.id, back, &caller("192.0.2.1")).await
    }

    /// A sign-in that must end well.
    async fn signed_in(&self, house: &House, tenant: &Tenant) -> (String, Scope) {
        match self.go(house, tenant, |_| {}).await.map_err(|e| e.to_string()) {
            Ok(Arrival::SignedIn(token, next)) => {
                assert_eq!(next, "/dashboard/devices");
                let scope = sign_in::scope_of_session(house, &token, home()).await.unwrap();
                (token, scope)
            }
            Ok(_) => panic!("something else"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn is_denied(outcome: &Result<Arrival, Error>) -> bool {
    matches!(outcome, Err(Error::Denied(_)))
}

#[tokio::test]
async fn whom_a_rule_gives_a_role_gets_an_account_with_that_role_and_no_other() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        let admin = scope.administrator().unwrap().clone();
        assert_eq!((admin.username.as_str(), admin.display_name.as_str()), ("anna@staff.acme", "Anna"));
        assert_eq!((admin.role.clone(), scope.organization()), (Some(help_desk()), house.acme.id));
        assert!(scope.require_system().is_err());
        assert_eq!(sign_in::sessions(&house, admin.id)[0].signed_in_with, SignInMethod::Provider);
        // It has no password, whatever is tried.
        for password in ["", " ", PASSWORD] {
            let tried = sign_in::sign_in(&house, &admin.username, password, &caller("192.0.2.9")).await;
            assert_eq!(tried.map(drop), Err(Error::Unauthenticated));
        }
        assert!(administrators::reset_password(&house, &house.acme.all, admin.id, PASSWORD).await.is_err());
        // The same person again is the same account; the rules say its role each time.
        let (stale, _) = stage.signed_in(&house, &house.acme).await;
        stage.says("groups", json!(["mdm-admins"]));
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        assert_eq!(scope.administrator().unwrap().id, admin.id);
        assert_eq!(house.directory().administrator(admin.id).unwrap().role, Some(full()));
        let ended = sign_in::scope_of_session(&house, &stale, home()).await;
        assert!(ended.is_err(), "another role ends what was open");
        // No rule, no way in, and what was open ends.
        let (open, _) = stage.signed_in(&house, &house.acme).await;
        for nothing in [
            json!(["others"]),
            json!([]),
            Value::Null,
            json!({ "mdm-admins": true }),
            json!("mdm-admins-2"),
            json!([["mdm-admins"]]),
        ] {
            stage.says("groups", nothing);
            assert!(is_denied(&stage.go(&house, &house.acme, |_| {}).await));
        }
        assert!(sign_in::scope_of_session(&house, &open, home()).await.is_err());
        assert_eq!(house.directory().administrators(house.globex.id).len(), 0);
        assert!(house.journaled(&house.acme, "identity.refused", stage.id).await >= 6);
        assert!(!house.journal_text(house.acme.id).await.contains("a client's secret"));
        house.finish().await;
    }
}

#[tokio::test]
async fn everything_that_comes_back_wrongly_is_refused_and_makes_nobody() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        let bends: Vec<Bend> = vec![
            Box::new(|b| set(b, "state", "")),
            Box::new(|b| set(b, "state", "another")),
            Box::new(|b| set(b, "cookie", "")),
            Box::new(|b| set(b, "cookie", "AAAA")),
            Box::new(|b| {
                let turned: String = b["cookie"].chars().rev().collect();
                set(b, "cookie", &turned);
            }),
            Box::new(|b| set(b, "code", "")),
            Box::new(|b| set(b, "iss", "https://evil.test")),
            Box::new(|b| drop(b.remove("iss"))),
            Box::new(|b| set(b, "error", "access_denied")),
            Box::new(|b| set(b, "error", "<script>")),
        ];
        for bend in &bends {
            let outcome = stage.go(&house, &house.acme, |back| bend(back)).await;
            assert!(is_denied(&outcome), "{:?}", outcome.map(drop));
        }
        let code = stage.go(&house, &house.acme, |b| set(b, "code", "guessed")).await;
        assert!(matches!(code, Err(Error::Upstream(_))), "the provider refuses it");
        // What the token says. The reader's own tests bend it in a hundred places more.
        let now = house.clock.now() / 1000;
        for (claim, value) in [
            ("iss", json!("https://evil.test")),
            ("aud", json!("other")),
            ("aud", json!([CLIENT, "other"])),
            ("nonce", json!("another")),
            ("nonce", Value::Null),
            ("exp", json!(now - 600)),
            ("iat", json!(now + 600)),
            ("sub", Value::Null),
            ("sub", json!("")),
            ("azp", json!("other")),
            ("at_hash", json!("AAAA")),
            ("events", json!({})),
        ] {
            let before = stage.provider.behave(|b| b.claims.clone());
            stage.provider.behave(|b| b.claims[claim] = value.clone());
            let outcome = stage.go(&house, &house.acme, |_| {}).await;
            assert!(is_denied(&outcome), "{claim} {value}");
            stage.provider.behave(|b| b.claims = before);
        }
        // A key that the provider does not publish; and one that it has published since.
        let published =
            stage.provider.behave(|b| std::mem::replace(&mut b.signers, vec![Signer::ec("first")]));
        assert!(is_denied(&stage.go(&house, &house.acme, |_| {}).await), "the keys are known by heart");
        stage.provider.behave(|b| b.signers = published);
        assert!(house.directory().administrators(house.acme.id).is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn what_was_begun_ends_once_in_time_and_at_its_provider() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        house.clock.advance(1);
        let left = identity::depart(&house, house.acme.id, stage.id, REDIRECT, "/dashboard").await.unwrap();
        let mut back = stage.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie.clone());
        assert!(matches!(stage.arrive(&house, None, &back).await, Ok(Arrival::SignedIn(..))));
        // The provider lies and takes the code again: it is refused here all the same.
        let again = stage.provider.authorize(&left.address);
        back.insert("code".into(), again["code"].clone());
        assert!(is_denied(&stage.arrive(&house, None, &back).await), "replayed");

        let other = self::stage(&house, &house.globex).await;
        let left = identity::depart(&house, house.acme.id, stage.id, REDIRECT, "/").await.unwrap();
        let mut back = stage.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        assert!(is_denied(&other.arrive(&house, None, &back).await), "another organization's provider");
        house.clock.advance(10 * MINUTE);
        assert!(is_denied(&stage.arrive(&house, None, &back).await), "too late");
        let nowhere = identity::depart(&house, house.globex.id, stage.id, REDIRECT, "/").await;
        assert!(matches!(nowhere, Err(Error::NotFound(_))));
        house.finish().await;
    }
}

#[tokio::test]
async fn keys_that_change_are_fetched_and_a_silent_provider_holds_up_nobody() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        stage.signed_in(&house, &house.acme).await;
        stage.signed_in(&house, &house.acme).await;
        assert_eq!(stage.provider.asked("/keys"), 1, "kept");
        stage.provider.behave(|b| b.signers.push(Signer::rsa("second")));
        house.clock.advance(2 * MINUTE);
        stage.signed_in(&house, &house.acme).await;
        assert_eq!(stage.provider.asked("/keys"), 2);
        // Claims that decide and are not in the token are asked for, of the same person only.
        stage.says("groups", Value::Null);
        let person = json!({ "sub": "anna-7", "groups": ["mdm-desk"] });
        stage.provider.behave(|b| b.userinfo = person);
        stage.signed_in(&house, &house.acme).await;
        stage.provider.behave(|b| b.userinfo["sub"] = "bob".into());
        assert!(is_denied(&stage.go(&house, &house.acme, |_| {}).await));

        let silent = self::stage(&house, &house.globex).await;
        silent.provider.behave(|b| b.silent = true);
        let waits = identity::depart(&house, house.globex.id, silent.id, REDIRECT, "/");
        let mut waits = Box::pin(waits);
        let patience = std::time::Duration::from_millis(200);
        assert!(tokio::time::timeout(patience, &mut waits).await.is_err(), "it hangs");
        stage.provider.behave(|b| b.userinfo["sub"] = "anna-7".into());
        stage.signed_in(&house, &house.acme).await;
        drop(waits);
        house.finish().await;
    }
}

#[tokio::test]
async fn an_account_that_exists_is_linked_by_its_owner_and_by_nobody_else() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        let boss = house.administrator(&house.acme, "anna", full()).await;
        let id = boss.administrator().unwrap().id;
        // The provider calls somebody like the administrator: that makes another account, not his.
        stage.says("preferred_username", json!("anna"));
        stage.says("sub", json!("somebody-else"));
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        assert_ne!(scope.administrator().unwrap().id, id);
        stage.says("sub", json!("anna-7"));

        let begin = async |password: &str| {
            identity::depart_to_link(&house, &boss, stage.id, REDIRECT, password).await
        };
        assert!(matches!(begin("wrong").await, Err(Error::Invalid(_))));
        house.clock.advance(1);
        let left = begin(PASSWORD).await.unwrap();
        let mut back = stage.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        stage.provider.behave(|b| b.now = house.clock.now() / 1000);
        assert!(is_denied(&stage.arrive(&house, None, &back).await), "without the session");
        house.clock.advance(1);
        let left = begin(PASSWORD).await.unwrap();
        let mut back = stage.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        assert!(is_denied(&stage.arrive(&house, Some(&scope), &back).await), "with another's session");
        house.clock.advance(1);
        let left = begin(PASSWORD).await.unwrap();
        let mut back = stage.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        let linked = stage.arrive(&house, Some(&boss), &back).await;
        assert!(matches!(linked, Ok(Arrival::Linked)), "{:?}", linked.map(drop));
        // His role is his own: rules decide nothing about it, nor does their absence.
        stage.says("groups", json!([]));
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        assert_eq!(scope.administrator().unwrap().id, id);
        assert_eq!(house.directory().administrator(id).unwrap().role, Some(full()));
        let boss = house.signed_in("anna").await;
        let twice = identity::depart_to_link(&house, &boss, stage.id, REDIRECT, PASSWORD).await;
        assert!(matches!(twice, Err(Error::Conflict(_))));
        identity::unlink(&house, &house.signed_in("anna").await, PASSWORD).await.unwrap();
        assert!(is_denied(&stage.go(&house, &house.acme, |_| {}).await));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_unless_the_provider_vouches_for_one() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        identity::require_second_factor(&house, &house.acme.all, None, vec![help_desk()]).await.unwrap();
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        assert_eq!(scope.due(), Some(Due::SecondFactor), "the role demands one");
        house.second_factor_without_password(&scope).await;
        assert!(matches!(stage.go(&house, &house.acme, |_| {}).await, Ok(Arrival::SecondFactor(..))));
        let vouching = ProviderInput { vouches_for_factor: true, ..input(&stage.provider) };
        identity::edit(&house, &house.acme.all, stage.id, vouching).await.unwrap();
        let (_, scope) = stage.signed_in(&house, &house.acme).await;
        assert_eq!(scope.due(), None);
        // The demand is of this organization and this role alone.
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let desk = house.administrator(&house.acme, "desk", help_desk()).await;
        let other = house.administrator(&house.globex, "other", help_desk()).await;
        assert_eq!((boss.due(), desk.due(), other.due()), (None, Some(Due::SecondFactor), None));
        assert!(desk.require(catalog::Permission::DevicesView).is_err(), "and can do nothing else");
        assert!(!second_factor::is_set(&desk.administrator().unwrap().clone()));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_provider_is_changed_by_who_has_all_that_it_gives_and_its_people_are_signed_out() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        let powers = [catalog::Permission::AdministratorsView, catalog::Permission::AdministratorsEdit];
        let role = house.role(&house.acme, "Staff office", &powers).await;
        let clerk = house.administrator(&house.acme, "clerk", role.clone()).await;
        let other = house.administrator(&house.globex, "other", full()).await;
        let denied = identity::edit(&house, &clerk, stage.id, input(&stage.provider)).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "a rule gives more than the clerk has");
        assert!(matches!(identity::remove(&house, &clerk, stage.id).await, Err(Error::Denied(_))));
        let own =
            ProviderInput { zone: "own".into(), rules: vec![rule("clerks", role)], ..input(&stage.provider) };
        identity::create(&house, &clerk, own).await.unwrap();
        let foreign = identity::edit(&house, &other, stage.id, input(&stage.provider)).await;
        assert_eq!(foreign, Err(Error::NotFound("identity provider")));

        let (open, scope) = stage.signed_in(&house, &house.acme).await;
        let id = scope.administrator().unwrap().id;
        let mut bad = input(&stage.provider);
        (bad.issuer, bad.client_secret) = ("https://evil.test".into(), None);
        let moved = identity::edit(&house, &house.acme.all, stage.id, bad).await;
        assert!(matches!(moved, Err(Error::Invalid(_))), "the secret does not go to another issuer");
        let same = ProviderInput { client_secret: None, name: "People".into(), ..input(&stage.provider) };
        identity::edit(&house, &house.acme.all, stage.id, same).await.unwrap();
        assert!(sign_in::scope_of_session(&house, &open, home()).await.is_err());
        let (open, _) = stage.signed_in(&house, &house.acme).await;
        identity::remove(&house, &house.acme.all, stage.id).await.unwrap();
        assert!(sign_in::scope_of_session(&house, &open, home()).await.is_err());
        assert!(!house.directory().administrator(id).unwrap().enabled);
        for (field, input) in [
            ("zone", ProviderInput { zone: "A b".into(), ..input(&stage.provider) }),
            ("name", ProviderInput { name: " ".into(), ..input(&stage.provider) }),
            ("issuer", ProviderInput { issuer: "http://id.example.com".into(), ..input(&stage.provider) }),
            ("client_id", ProviderInput { client_id: String::new(), ..input(&stage.provider) }),
            ("roots", ProviderInput { roots: "x".into(), ..input(&stage.provider) }),
            ("scopes", ProviderInput { scopes: vec!["a b".into()], ..input(&stage.provider) }),
        ] {
            let refused = identity::create(&house, &house.acme.all, input).await;
            assert!(matches!(&refused, Err(Error::Invalid(i)) if i[0].field == field), "{field} {refused:?}");
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn a_logout_token_ends_what_came_through_the_provider_once() {
    for house in houses().await {
        let stage = stage(&house, &house.acme).await;
        stage.says("sid", json!("first"));
        let (first, _) = stage.signed_in(&house, &house.acme).await;
        stage.says("sid", json!("second"));
        let (second, _) = stage.signed_in(&house, &house.acme).await;
        house.administrator(&house.acme, "boss", full()).await;
        let now = house.clock.now() / 1000;
        let token = |id: &str, more: Value| {
            let mut claims = json!({
                "iss": stage.provider.issuer(), "aud": CLIENT, "iat": now, "exp": now + 120, "jti": id,
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            });
            for (name, value) in more.as_object().unwrap() {
                claims[name] = value.clone();
            }
            stage.provider.behave(|b| b.signers[0].sign(&claims))
        };
        let (name, address) =
            identity::end_session_address(&house, stage.id, "https://mdm.example.test/x").await.unwrap();
        assert_eq!(name, "Staff");
        assert!(
            address.starts_with(&format!("{}/end?client_id={CLIENT}", stage.provider.issuer())),
            "{address}"
        );
        assert!(
            address.ends_with("&post_logout_redirect_uri=https%3A%2F%2Fmdm.example.test%2Fx"),
            "{address}"
        );
        let good = token("1", json!({ "sid": "first" }));
        assert_eq!(identity::back_channel(&house, stage.id, &good).await, Ok(1));
        assert!(sign_in::scope_of_session(&house, &first, home()).await.is_err());
        assert!(sign_in::scope_of_session(&house, &second, home()).await.is_ok());
        assert!(identity::back_channel(&house, stage.id, &good).await.is_err(), "once");
        let others = token("2", json!({ "sub": "bob" }));
        assert_eq!(identity::back_channel(&house, stage.id, &others).await, Ok(0));
        let forged = Signer::ec("first").sign(&json!({ "iss": stage.provider.issuer() }));
        assert!(identity::back_channel(&house, stage.id, &forged).await.is_err());
        let all = token("3", json!({ "sub": "anna-7" }));
        assert_eq!(identity::back_channel(&house, stage.id, &all).await, Ok(1));
        assert!(sign_in::scope_of_session(&house, &second, home()).await.is_err());
        house.finish().await;
    }
}

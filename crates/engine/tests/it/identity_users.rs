//! Users who sign in by their organization's identity provider.

use std::collections::HashMap;

use domain::model::{IdentityProviderId, UserField, UserRule};
use engine::eas::Login;
use engine::identity::{self, ProviderInput, Return};
use engine::sign_in::{self, Asked, MailServers, ProofAgain, Taken};
use engine::users::{self, UserInput};
use engine::{Error, Scope};
use serde_json::{Value, json};
use simulator::provider::Provider;

use crate::house::{House, Tenant, caller, home, houses};

const REDIRECT: &str = "https://mdm.example.test/portal/sign-in/oidc/x";

fn input(provider: &Provider, rule: Option<UserRule>) -> ProviderInput {
    ProviderInput {
        name: "Staff".into(),
        zone: "staff".into(),
        on: true,
        issuer: provider.issuer(),
        client_id: "notifymdm".into(),
        client_secret: Some("a client's secret".into()),
        not_administrators: true,
        users: rule,
        ..ProviderInput::default()
    }
}

fn by_email(creates: bool) -> UserRule {
    UserRule { claim: "email".into(), is: UserField::Email, creates }
}

struct Stage {
    provider: Provider,
    id: IdentityProviderId,
}

async fn stage(house: &House, tenant: &Tenant, rule: UserRule) -> Stage {
    house.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    let provider = Provider::start(house.clock.now() / 1000).await.unwrap();
    let claims = json!({
        "sub": "u-7", "sid": "s-7", "email": "ursula@acme.test", "email_verified": true, "name": "Ursula",
        "preferred_username": "ursula",
    });
    provider.behave(|b| (b.claims, b.userinfo) = (claims, json!({ "sub": "u-7" })));
    let id = identity::create(house, &tenant.all, input(&provider, Some(rule))).await.unwrap();
    Stage { provider, id }
}

impl Stage {
    fn says(&self, name: &str, value: Value) {
        self.provider.behave(|b| b.claims[name] = value);
    }

    async fn begun(&self, house: &House, tenant: &Tenant) -> HashMap<String, String> {
        house.clock.advance(1);
        self.provider.behave(|b| b.now = house.clock.now() / 1000);
        let left =
            identity::depart_user(house, tenant.id, self.id, REDIRECT, "/portal/account").await.unwrap();
        let mut back = self.provider.authorize(&left.address);
        back.insert("cookie".into(), left.cookie);
        back
    }

    async fn ended(&self, house: &House, back: &HashMap<String, String>) -> Result<(String, String), Error> {
        let of = |name: &str| back.get(name).map_or("", String::as_str);
        let issuer = back.get("iss").map(String::as_str);
        let back = Return { cookie: of("cookie"), state: of("state"), code: of("code"), issuer, error: None };
        identity::arrive_user(house, self.id, back, &caller("192.0.2.1")).await
    }

    async fn go(&self, house: &House, tenant: &Tenant) -> Result<Scope, Error> {
        let back = self.begun(house, tenant).await;
        let (token, next) = self.ended(house, &back).await?;
        assert_eq!(next, "/portal/account");
        sign_in::scope_of_user_session(house, &token, home()).await
    }
}

async fn user(house: &House, tenant: &Tenant, name: &str, email: &str) {
    let input = UserInput { username: name.into(), email: email.into(), ..UserInput::default() };
    users::create(house, &tenant.all, input).await.unwrap();
}

fn is_denied<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Denied(_)))
}

#[tokio::test]
async fn a_user_is_found_by_the_claim_and_only_at_home() {
    for house in houses().await {
        let stage = stage(&house, &house.acme, by_email(false)).await;
        assert!(is_denied(&stage.go(&house, &house.acme).await), "nobody is called so, and none is made");
        user(&house, &house.globex, "ursula", "ursula@globex.test").await;
        user(&house, &house.acme, "ursula", "ursula@acme.test").await;
        // Written into one's own account there, but not verified.
        for unverified in [json!(false), Value::Null, json!("true")] {
            stage.says("email_verified", unverified);
            assert!(is_denied(&stage.go(&house, &house.acme).await));
        }
        stage.says("email_verified", json!(true));
        stage.says("email", json!("ursula@globex.test"));
        assert!(is_denied(&stage.go(&house, &house.acme).await), "a user of another organization");
        stage.says("email", json!("ursula@acme.test"));
        let scope = stage.go(&house, &house.acme).await.unwrap();
        assert_eq!(scope.organization(), house.acme.id);
        assert_eq!(scope.user().unwrap().email, "ursula@acme.test");
        assert!(scope.require(catalog::Permission::DevicesView).is_err() && scope.administrator().is_none());
        let foreign = identity::depart_user(&house, house.globex.id, stage.id, REDIRECT, "/portal").await;
        assert_eq!(foreign.map(drop), Err(Error::NotFound("identity provider")));
        // By sign-in name.
        let rule = UserRule { claim: "preferred_username".into(), is: UserField::Username, creates: false };
        identity::edit(&house, &house.acme.all, stage.id, input(&stage.provider, Some(rule))).await.unwrap();
        user(&house, &house.acme, "vera", "").await;
        stage.says("sub", json!("u-8"));
        stage.says("preferred_username", json!("Vera"));
        assert_eq!(stage.go(&house, &house.acme).await.unwrap().user().unwrap().username, "vera");
        stage.says("sub", json!("u-9"));
        stage.says("preferred_username", json!({ "vera": true }));
        assert!(is_denied(&stage.go(&house, &house.acme).await));
        assert!(house.journaled(&house.acme, "identity.refused", stage.id).await >= 6);
        assert!(house.directory().administrators(house.acme.id).is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn users_are_made_where_that_is_set_within_what_the_organization_allows() {
    for house in houses().await {
        let stage = stage(&house, &house.acme, by_email(true)).await;
        let scope = stage.go(&house, &house.acme).await.unwrap();
        let made = scope.user().unwrap().clone();
        assert_eq!((made.email.as_str(), made.display_name.as_str()), ("ursula@acme.test", "Ursula"));
        assert_eq!((made.username.as_str(), &made.password_hash), ("ursula", &None));
        assert_eq!(house.journaled(&house.acme, "user.created", made.id).await, 1);
        assert_eq!(stage.go(&house, &house.acme).await.unwrap().user().unwrap().id, made.id, "once");
        stage.says("sub", json!("u-8"));
        for address in ["no address", "a b@acme.test", ""] {
            stage.says("email", json!(address));
            assert!(is_denied(&stage.go(&house, &house.acme).await), "{address}");
        }
        // Who is disabled stays outside, whatever the provider says.
        stage.says("sub", json!("u-7"));
        stage.says("email", json!("ursula@acme.test"));
        let off = UserInput { state: Some(domain::model::UserState::Disabled), ..UserInput::of(&made) };
        users::edit(&house, &house.acme.all, made.id, off).await.unwrap();
        assert!(is_denied(&stage.go(&house, &house.acme).await));
        let others = house.directory().organization(house.globex.id).unwrap().read().user_count();
        assert_eq!(others, 1, "none but the one who was there");
        house.finish().await;
    }
}

#[tokio::test]
async fn the_doors_of_users_and_administrators_are_two_and_each_opens_once() {
    for house in houses().await {
        let stage = stage(&house, &house.acme, by_email(true)).await;
        let staff = identity::depart(&house, house.acme.id, stage.id, REDIRECT, "/dashboard").await;
        assert_eq!(staff.map(drop), Err(Error::NotFound("identity provider")), "it serves users alone");
        let back = stage.begun(&house, &house.acme).await;
        let of = |name: &str| back[name].as_str();
        let to_staff = Return {
            cookie: of("cookie"),
            state: of("state"),
            code: of("code"),
            issuer: Some(of("iss")),
            error: None,
        };
        let other_door = identity::arrive(&house, None, stage.id, to_staff, &caller("192.0.2.1")).await;
        assert!(is_denied(&other_door.map(drop)));
        let (token, _) = stage.ended(&house, &back).await.unwrap();
        // The same browser brings the same again, and the provider redeems it once more.
        assert!(stage.ended(&house, &back).await.is_err());
        // What changes the provider, and what it ends itself, ends the session here.
        assert!(sign_in::scope_of_user_session(&house, &token, home()).await.is_ok());
        let now = house.clock.now() / 1000;
        let logout = |id: &str, sid: &str| {
            let claims = json!({
                "iss": stage.provider.issuer(), "aud": "notifymdm", "iat": now, "exp": now + 120, "jti": id, "sid": sid,
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            });
            stage.provider.behave(|b| b.signers[0].sign(&claims))
        };
        assert_eq!(identity::back_channel(&house, stage.id, &logout("1", "another")).await, Ok(0));
        assert_eq!(identity::back_channel(&house, stage.id, &logout("2", "s-7")).await, Ok(1));
        assert!(sign_in::scope_of_user_session(&house, &token, home()).await.is_err());
        let back = stage.begun(&house, &house.acme).await;
        let (token, _) = stage.ended(&house, &back).await.unwrap();
        identity::edit(&house, &house.acme.all, stage.id, input(&stage.provider, None)).await.unwrap();
        assert!(sign_in::scope_of_user_session(&house, &token, home()).await.is_err());
        assert!(identity::of_users(&house, house.acme.id).is_empty(), "it serves nobody now");
        // Whoever says who a user is could be each of them.
        let powers = [catalog::Permission::AdministratorsView, catalog::Permission::AdministratorsEdit];
        let role = house.role(&house.acme, "Staff office", &powers).await;
        let clerk = house.administrator(&house.acme, "clerk", role).await;
        let tried =
            identity::edit(&house, &clerk, stage.id, input(&stage.provider, Some(by_email(false)))).await;
        assert!(is_denied(&tried));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_claim_that_changed_hands_opens_nothing_of_its_former_holder() {
    for house in houses().await {
        let stage = stage(&house, &house.acme, by_email(false)).await;
        let (acme, globex) = (&house.acme, &house.globex);
        user(&house, globex, "ursula", "ursula@globex.test").await;
        user(&house, acme, "ursula", "ursula@acme.test").await;
        let ursula = stage.go(&house, acme).await.unwrap().user().unwrap().id;
        assert_eq!(house.journaled(acme, "user.linked", ursula).await, 1);
        let known = || house.directory().organization(acme.id).unwrap().read().user(ursula).cloned().unwrap();
        let (at, link) = identity::link_of_user(&house, &known()).unwrap();
        assert_eq!((at.name.as_str(), link.subject.as_str()), ("Staff", "u-7"));
        // She married, and the address that she had is a newcomer's.
        for claim in [json!("ursula.new@acme.test"), Value::Null, json!("ursula@globex.test")] {
            stage.says("email", claim);
            assert_eq!(stage.go(&house, acme).await.unwrap().user().unwrap().id, ursula);
        }
        assert_eq!(house.journaled(acme, "user.linked", ursula).await, 1, "once");
        stage.says("sub", json!("u-8"));
        stage.says("email", json!("Ursula@acme.test"));
        stage.provider.behave(|b| b.userinfo["sub"] = json!("u-8"));
        let before = house.directory().organization(acme.id).unwrap().read().user_count();
        for creates in [false, true] {
            let rule = input(&stage.provider, Some(by_email(creates)));
            identity::edit(&house, &acme.all, stage.id, rule).await.unwrap();
            assert!(is_denied(&stage.go(&house, acme).await), "the newcomer, creates: {creates}");
        }
        assert_eq!(house.directory().organization(acme.id).unwrap().read().user_count(), before);
        // The same number at another provider is another person, and in another organization it has its own link.
        let elsewhere = Provider::start(house.clock.now() / 1000).await.unwrap();
        elsewhere.behave(|b| {
            b.claims =
                json!({ "sub": "u-7", "email": "ursula@acme.test", "email_verified": true, "name": "U" });
        });
        let other = ProviderInput { zone: "other".into(), ..input(&elsewhere, Some(by_email(true))) };
        let id = identity::create(&house, &acme.all, other).await.unwrap();
        let other = Stage { provider: elsewhere, id };
        assert!(is_denied(&other.go(&house, acme).await), "known at another provider");
        let id = identity::create(&house, &globex.all, input(&other.provider, Some(by_email(false)))).await;
        let there = Stage { provider: other.provider, id: id.unwrap() };
        there.says("email", json!("ursula@globex.test"));
        assert_eq!(there.go(&house, globex).await.unwrap().organization(), globex.id);
        // The link is taken away by who may edit users here, and by nobody else.
        stage.says("sub", json!("u-7"));
        stage.provider.behave(|b| b.userinfo["sub"] = json!("u-7"));
        let back = stage.begun(&house, acme).await;
        let (token, _) = stage.ended(&house, &back).await.unwrap();
        let foreign = identity::unlink_user(&house, &globex.all, ursula).await;
        assert_eq!(foreign, Err(Error::NotFound("user")));
        let role = house.role(acme, "Reader", &[catalog::Permission::DevicesView]).await;
        let reader = house.administrator(acme, "reader", role).await;
        assert!(is_denied(&identity::unlink_user(&house, &reader, ursula).await));
        assert!(sign_in::scope_of_user_session(&house, &token, home()).await.is_ok());
        for _ in 0..2 {
            identity::unlink_user(&house, &acme.all, ursula).await.unwrap();
            assert!(sign_in::scope_of_user_session(&house, &token, home()).await.is_err());
            assert_eq!(house.journaled(acme, "user.unlinked", ursula).await, 1, "once");
        }
        assert!(known().identity.is_none());
        stage.says("sub", json!("u-8"));
        assert_eq!(
            stage.go(&house, acme).await.unwrap().user().unwrap().id,
            ursula,
            "as an administrator meant"
        );
        stage.says("sub", json!("u-7"));
        assert!(is_denied(&stage.go(&house, acme).await));
        // A provider that is gone knows nobody any more.
        identity::remove(&house, &acme.all, stage.id).await.unwrap();
        assert!(identity::link_of_user(&house, &known()).is_none());
        let id = identity::create(&house, &acme.all, input(&stage.provider, Some(by_email(false)))).await;
        let anew = Stage { provider: stage.provider, id: id.unwrap() };
        assert_eq!(anew.go(&house, acme).await.unwrap().user().unwrap().id, ursula);
        assert_eq!(identity::link_of_user(&house, &known()).unwrap().0.id, anew.id);
        house.finish().await;
    }
}

struct NoMail;
impl MailServers for NoMail {
    fn takes<'a>(&'a self, _: &'a Login, _: &'a str, _: std::net::IpAddr) -> Asked<'a> {
        Box::pin(async { Taken::Unknown })
    }
}

fn wrong_on<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Invalid(issues)) => issues[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_has_no_password_shows_anew_at_the_provider_who_it_is() {
    for house in houses().await {
        let stage = stage(&house, &house.acme, by_email(true)).await;
        let prove = async |scope: &Scope, password: &str| {
            sign_in::prove_user_again(&house, &NoMail, scope, password).await
        };
        let seconds = || house.clock.now() / 1000;
        // A session that the provider had open already says nothing about who sits there now.
        for auth_time in [Value::Null, json!(seconds() - 3600), json!("now"), json!(-5)] {
            stage.says("auth_time", auth_time);
            let scope = stage.go(&house, &house.acme).await.unwrap();
            assert_eq!(sign_in::proof_again(&house, &scope), Ok(ProofAgain::Provider(stage.id)));
            for password in ["", "guess"] {
                assert_eq!(wrong_on(prove(&scope, password).await), "provider");
            }
        }
        let anew = async |auth_time: Value| {
            house.clock.advance(1000);
            stage.says("auth_time", auth_time);
            stage.provider.behave(|b| b.now = seconds());
            let left =
                identity::depart_user_anew(&house, house.acme.id, stage.id, REDIRECT, "/portal/account")
                    .await;
            let left = left.unwrap();
            assert!(left.address.contains("&prompt=login&max_age=60"), "{}", left.address);
            let mut back = stage.provider.authorize(&left.address);
            back.insert("cookie".into(), left.cookie);
            let (token, _) = stage.ended(&house, &back).await?;
            sign_in::scope_of_user_session(&house, &token, home()).await
        };
        for auth_time in [Value::Null, json!("now"), json!(seconds() - 3600)] {
            assert!(is_denied(&anew(auth_time).await), "the provider did not ask, or does not say so");
        }
        // A clock of theirs that is ahead buys no time.
        for ahead in [0, 86_400] {
            let scope = anew(json!(seconds() + 1 + ahead)).await.unwrap();
            assert_eq!(sign_in::proof_again(&house, &scope), Ok(ProofAgain::Given));
            assert_eq!(prove(&scope, "").await, Ok(()));
            house.clock.advance(10 * 60_000);
            assert_eq!(wrong_on(prove(&scope, "").await), "provider");
        }
        // Who has a password is asked for it, however fresh the sign-in is.
        let scope = anew(json!(seconds() + 1)).await.unwrap();
        let made = scope.user().unwrap().clone();
        let given = UserInput { password: "a password of hers".into(), ..UserInput::of(&made) };
        users::edit(&house, &house.acme.all, made.id, given).await.unwrap();
        let scope = anew(json!(seconds() + 1)).await.unwrap();
        assert_eq!(sign_in::proof_again(&house, &scope), Ok(ProofAgain::Password));
        assert_eq!(wrong_on(prove(&scope, "").await), "password");
        assert_eq!(prove(&scope, "a password of hers").await, Ok(()));
        house.finish().await;
    }
}

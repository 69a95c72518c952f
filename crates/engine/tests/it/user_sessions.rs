//! Users sign in to their own pages as they do for their mail; a session ends with everything that it leans on.

use std::net::IpAddr;

use domain::model::{Origin, UserState};
use engine::eas::Login;
use engine::letters::{self, SettingsInput};
use engine::sign_in::{self, Asked, MailServers, Taken};
use engine::users::{self, UserInput};
use engine::{Error, Scope};

use crate::house::{HOUR, House, MINUTE, Tenant, caller, home, houses, user};

const PASSWORD: &str = "a password of anna's";

/// A mail server that knows one password, or answers nothing.
struct Mail(Option<&'static str>);
impl MailServers for Mail {
    fn takes<'a>(&'a self, _: &'a Login, password: &'a str, _: IpAddr) -> Asked<'a> {
        let taken = match self.0 {
            Some(known) if known == password => Taken::Yes,
            Some(_) => Taken::No,
            None => Taken::Unknown,
        };
        Box::pin(async move { taken })
    }
}
const NO_MAIL: Mail = Mail(None);

async fn give_password(house: &House, tenant: &Tenant, password: &str) {
    let input = UserInput { password: password.into(), ..user("anna", tenant.domain) };
    users::edit(house, &tenant.all, tenant.anna.id, input).await.unwrap();
}

async fn try_as(house: &House, name: &str, password: &str, address: &str) -> Result<String, Error> {
    sign_in::sign_in_user(house, &NO_MAIL, None, name, password, &caller(address))
        .await
        .map(|(token, _)| token)
}

async fn scope(house: &House, token: &str) -> Result<Scope, Error> {
    sign_in::scope_of_user_session(house, token, home()).await
}

#[tokio::test]
async fn a_user_reaches_the_own_organization_and_holds_no_power() {
    for house in houses().await {
        give_password(&house, &house.acme, PASSWORD).await;
        give_password(&house, &house.globex, "another one's").await;
        let token = try_as(&house, "ANNA@acme.test", PASSWORD, "192.0.2.7").await.unwrap();
        let anna = scope(&house, &token).await.unwrap();
        assert_eq!((anna.organization(), anna.origin()), (house.acme.id, Origin::Portal));
        assert_eq!(anna.user().unwrap().id, house.acme.anna.id);
        assert!(catalog::PERMISSIONS.iter().all(|p| !anna.has(p.permission)));
        assert!(!anna.is_system_administrator() && anna.administrator().is_none());
        // Host and name must agree, as for a phone.
        let elsewhere = |host| {
            sign_in::sign_in_user(&house, &NO_MAIL, Some(host), "anna@acme.test", PASSWORD, caller_ref())
        };
        assert!(elsewhere("acme.mdm.test:8443").await.is_ok());
        assert_eq!(elsewhere("globex.mdm.test").await.err(), Some(Error::Unauthenticated));
        let wrong = try_as(&house, "anna@globex.test", PASSWORD, "192.0.2.7").await;
        assert_eq!(wrong, Err(Error::Unauthenticated));
        // A user's token is no administrator's, nor the other way round.
        assert!(sign_in::scope_of_session(&house, &token, home()).await.is_err());
        assert_eq!(house.journaled(&house.acme, "user.signed_in", house.acme.anna.id).await, 2);
        assert_eq!(house.journaled(&house.globex, "user.signed_in", house.globex.anna.id).await, 0);
        assert!(!house.journal_text(house.acme.id).await.contains(PASSWORD));
        house.finish().await;
    }
}

fn caller_ref() -> &'static sign_in::Caller {
    static CALLER: std::sync::LazyLock<sign_in::Caller> = std::sync::LazyLock::new(|| caller("192.0.2.9"));
    &CALLER
}

#[tokio::test]
async fn unknown_disabled_and_wrong_are_answered_alike_and_guessing_is_bounded() {
    for house in houses().await {
        give_password(&house, &house.acme, PASSWORD).await;
        let mut answers = Vec::new();
        for name in ["anna@acme.test", "nobody@acme.test", "anna@nowhere.test", "", "anna\n@acme.test"] {
            answers.push(try_as(&house, name, "wrong", "192.0.2.7").await);
        }
        assert!(answers.iter().all(|a| *a == Err(Error::Unauthenticated)), "{answers:?}");
        assert_eq!(try_as(&house, "anna@acme.test", "", "192.0.2.7").await, Err(Error::Unauthenticated));
        for _ in 0..3 {
            assert_eq!(
                try_as(&house, "anna@acme.test", "wrong", "192.0.2.7").await,
                Err(Error::Unauthenticated)
            );
        }
        let locked = try_as(&house, "anna@acme.test", PASSWORD, "192.0.2.7").await;
        assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
        assert_eq!(house.journaled(&house.acme, "user.locked_out", house.acme.anna.id).await, 1);
        assert!(try_as(&house, "anna@acme.test", PASSWORD, "192.0.2.8").await.is_ok(), "another address");
        house.clock.advance(15 * MINUTE + 1);
        assert!(try_as(&house, "anna@acme.test", PASSWORD, "192.0.2.7").await.is_ok());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_session_ends_by_time_and_with_what_it_leans_on() {
    for house in houses().await {
        give_password(&house, &house.acme, PASSWORD).await;
        let open = || try_as(&house, "anna@acme.test", PASSWORD, "192.0.2.7");
        let idle = open().await.unwrap();
        house.clock.advance(HOUR);
        assert_eq!(scope(&house, &idle).await.err(), Some(Error::Unauthenticated), "idle");

        let busy = open().await.unwrap();
        for _ in 0..23 {
            house.clock.advance(HOUR / 2);
            assert!(scope(&house, &busy).await.is_ok());
        }
        house.clock.advance(HOUR / 2);
        assert_eq!(scope(&house, &busy).await.err(), Some(Error::Unauthenticated), "12 hours are over");

        let (first, second) = (open().await.unwrap(), open().await.unwrap());
        let own = scope(&house, &first).await.unwrap();
        assert_eq!(sign_in::user_sessions(&house, &own).await.unwrap().len(), 2);
        sign_in::end_other_user_sessions(&house, &own).await.unwrap();
        assert_eq!(sign_in::user_sessions(&house, &own).await.unwrap().len(), 1);
        assert_eq!(scope(&house, &second).await.err(), Some(Error::Unauthenticated));
        sign_in::sign_out_user(&house, &own).await.unwrap();
        assert_eq!(scope(&house, &first).await.err(), Some(Error::Unauthenticated));

        let before = open().await.unwrap();
        give_password(&house, &house.acme, "set by an administrator").await;
        assert_eq!(scope(&house, &before).await.err(), Some(Error::Unauthenticated), "another password");

        give_password(&house, &house.acme, PASSWORD).await;
        let before = open().await.unwrap();
        let off = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
        users::edit(&house, &house.acme.all, house.acme.anna.id, off).await.unwrap();
        assert_eq!(scope(&house, &before).await.err(), Some(Error::Unauthenticated), "disabled");
        let on = UserInput { state: Some(UserState::Active), ..user("anna", "acme.test") };
        users::edit(&house, &house.acme.all, house.acme.anna.id, on).await.unwrap();
        assert_eq!(scope(&house, &before).await.err(), Some(Error::Unauthenticated), "it does not come back");

        let before = open().await.unwrap();
        users::remove(&house, &house.acme.all, house.acme.anna.id, true).await.unwrap();
        assert_eq!(scope(&house, &before).await.err(), Some(Error::Unauthenticated), "removed");
        house.finish().await;
    }
}

#[tokio::test]
async fn the_mail_server_decides_where_there_is_one() {
    for house in houses().await {
        let server = engine::servers::ServerInput {
            name: "Mail".into(),
            url: "https://mail.acme.test".into(),
            ..engine::servers::ServerInput::default()
        };
        let server = engine::servers::create(&house, &house.acme.all, server).await.unwrap();
        let input = UserInput {
            server: Some(server),
            password: "of no use here".into(),
            ..user("anna", "acme.test")
        };
        users::edit(&house, &house.acme.all, house.acme.anna.id, input).await.unwrap();
        let ask = async |mail: Mail, password: &str| {
            let at = caller("192.0.2.7");
            let opened = sign_in::sign_in_user(&house, &mail, None, "anna@acme.test", password, &at).await;
            opened.map(|(token, _)| token)
        };
        let token = ask(Mail(Some("right")), "right").await.unwrap();
        assert_eq!(ask(Mail(Some("right")), "of no use here").await, Err(Error::Unauthenticated));
        assert!(matches!(ask(Mail(None), "right").await, Err(Error::Upstream(_))));
        // Asked again, the same server answers; a password that it keeps is not changed here.
        let anna = scope(&house, &token).await.unwrap();
        let again = sign_in::prove_user_again(&house, &Mail(Some("right")), &anna, "right").await;
        assert_eq!(again, Ok(()));
        let again = sign_in::prove_user_again(&house, &Mail(Some("right")), &anna, "wrong").await;
        assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
        let mail = Mail(Some("right"));
        let changed = sign_in::change_user_password(&house, &mail, &anna, "right", "quite another").await;
        assert!(matches!(changed, Err(Error::Conflict(_))), "{changed:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_changed_password_keeps_only_the_session_that_changed_it() {
    for house in houses().await {
        give_password(&house, &house.acme, PASSWORD).await;
        let on = SettingsInput { tell_password_changes: true, welcome_directory_users: false };
        letters::edit_settings(&house, &house.acme.all, None, on).await.unwrap();
        let open = || try_as(&house, "anna@acme.test", PASSWORD, "192.0.2.7");
        let (here, there) = (open().await.unwrap(), open().await.unwrap());
        let anna = scope(&house, &here).await.unwrap();
        let change = async |old: &str, new: &str| {
            sign_in::change_user_password(&house, &NO_MAIL, &anna, old, new).await
        };
        for (old, new, field) in
            [("wrong", "a new password", "password"), (PASSWORD, "short", "new_password")]
        {
            match change(old, new).await {
                Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(house.mails(&house.acme).await.len(), 0);
        change(PASSWORD, "a new password").await.unwrap();
        let told = house.mails(&house.acme).await;
        assert_eq!(told.iter().map(|mail| mail.purpose.as_str()).collect::<Vec<_>>(), ["password_changed"]);
        assert!(scope(&house, &here).await.is_ok());
        assert_eq!(scope(&house, &there).await.err(), Some(Error::Unauthenticated));
        assert_eq!(open().await, Err(Error::Unauthenticated));
        assert!(try_as(&house, "anna@acme.test", "a new password", "192.0.2.7").await.is_ok());
        let text = house.journal_text(house.acme.id).await;
        assert!(!text.contains("a new password") && !text.contains(PASSWORD));
        house.finish().await;
    }
}

use domain::model::{OrganizationSettings, RoleRef};
use engine::sign_in;
use engine::tokens::{self, NewToken};
use engine::{Due, Error, Scope, administrators, organizations, second_factor};

use crate::house::{HOUR, House, MINUTE, PASSWORD, caller, home, houses};

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

async fn ticket(house: &House, name: &str) -> String {
    match sign_in::sign_in(house, name, PASSWORD, &caller("192.0.2.1")).await {
        Err(Error::SecondFactor(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn with_code(house: &House, ticket: &str, code: &str) -> Result<String, Error> {
    sign_in::sign_in_with_code(house, ticket, code, &caller("192.0.2.1")).await.map(|(cookie, _)| cookie)
}

fn is_wrong<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Invalid(issues)) if issues[0].field == "code")
}

#[tokio::test]
async fn it_is_asked_for_after_the_password_and_each_code_counts_once() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        house.administrator(&house.globex, "other", full()).await;
        let wrong = second_factor::begin(&house, &boss, "not the password", "").await;
        assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
        second_factor::begin(&house, &boss, PASSWORD, "").await.unwrap();
        assert!(house.signed_in("boss").await.due().is_none(), "an offer asks nobody for anything");
        let secret = house.second_factor(&boss).await;

        let ticket = ticket(&house, "boss").await;
        let used = second_factor::present_code(&secret, house.clock.now());
        assert!(is_wrong(&with_code(&house, &ticket, &used).await), "it was used to set it up");
        let code = house.code(&secret);
        let cookie = with_code(&house, &ticket, &code).await.unwrap();
        assert!(sign_in::scope_of_session(&house, &cookie, home()).await.is_ok());
        assert!(is_wrong(&with_code(&house, &ticket, &code).await), "replayed");
        assert!(sign_in::sign_in(&house, "other", PASSWORD, &caller("192.0.2.1")).await.is_ok());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_one_account_one_address_and_five_minutes() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let secret = house.second_factor(&boss).await;
        let ticket = ticket(&house, "boss").await;
        let code = house.code(&secret);
        let elsewhere = sign_in::sign_in_with_code(&house, &ticket, &code, &caller("192.0.2.66")).await;
        assert_eq!(elsewhere.map(drop), Err(Error::Unauthenticated));
        let (id, rest) = ticket.split_once('.').unwrap();
        let (until, seal) = rest.split_once('.').unwrap();
        let later = until.parse::<i64>().unwrap() + 1;
        let flipped = format!("{id}.{until}.{}", seal.chars().rev().collect::<String>());
        for bad in
            [format!("{id}.{later}.{seal}"), flipped, String::new(), "..".into(), format!("{id}.x.{seal}")]
        {
            assert_eq!(with_code(&house, &bad, &code).await, Err(Error::Unauthenticated), "{bad}");
        }
        house.clock.advance(5 * MINUTE);
        assert_eq!(
            with_code(&house, &ticket, &house.code(&secret)).await,
            Err(Error::Unauthenticated),
            "too late"
        );
        house.finish().await;
    }
}

/// Whoever tries codes knows the password, so it does not help him to come from many addresses, nor to sign in anew.
#[tokio::test]
async fn five_wrong_codes_lock_whatever_address_they_come_from() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let secret = house.second_factor(&boss).await;
        for n in 0..5 {
            let from = caller(&format!("192.0.2.{}", n + 10));
            let Err(Error::SecondFactor(ticket)) = sign_in::sign_in(&house, "boss", PASSWORD, &from).await
            else {
                panic!("a ticket")
            };
            let outcome = sign_in::sign_in_with_code(&house, &ticket, "000000", &from).await;
            assert!(is_wrong(&outcome.map(drop)));
        }
        let good = house.code(&secret);
        let locked = with_code(&house, &ticket(&house, "boss").await, &good).await;
        assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
        house.clock.advance(15 * MINUTE);
        let good = house.code(&secret);
        assert!(with_code(&house, &ticket(&house, "boss").await, &good).await.is_ok());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_recovery_code_counts_once_and_its_use_is_journaled() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let offer = second_factor::begin(&house, &boss, PASSWORD, "").await.unwrap();
        let secret = second_factor::from_base32(&offer.secret).unwrap();
        assert!(is_wrong(&second_factor::confirm(&house, &boss, "000000").await));
        let first = second_factor::present_code(&secret, house.clock.now());
        let codes = second_factor::confirm(&house, &boss, &first).await.unwrap();
        assert_eq!(codes.len(), 10);
        let typed = codes[3].to_lowercase().replace('-', " ");
        with_code(&house, &ticket(&house, "boss").await, &typed).await.unwrap();
        assert!(is_wrong(&with_code(&house, &ticket(&house, "boss").await, &codes[3]).await));
        let admin = house.directory().administrator_by_name("boss").unwrap();
        assert_eq!(second_factor::recovery_codes_left(&admin), 9);
        let events = house.journal(house.acme.id).await;
        assert_eq!(events.iter().filter(|(e, _)| e == "administrator.recovery_code_used").count(), 1);
        for tenant in [house.acme.id, house.globex.id] {
            let text = house.journal_text(tenant).await;
            assert!(!text.contains(&offer.secret) && codes.iter().all(|code| !text.contains(code)));
        }
        assert!(!format!("{offer:?} {admin:?}").contains(&offer.secret));
        house.finish().await;
    }
}

#[tokio::test]
async fn it_is_removed_by_a_code_or_by_somebody_else_who_then_waits_a_day() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let vice = house.administrator(&house.acme, "vice", full()).await;
        let desk = house.administrator(&house.acme, "desk", RoleRef::Predefined("help_desk".into())).await;
        let other = house.administrator(&house.globex, "other", full()).await;
        let secret = house.second_factor(&vice).await;
        let id = vice.administrator().unwrap().id;
        house.clock.advance(48 * HOUR);
        assert!(is_wrong(&second_factor::remove(&house, &vice, "000000").await));
        let reset = async |by: &Scope| second_factor::reset(&house, by, id).await;
        assert!(matches!(reset(&desk).await, Err(Error::Denied(_))));
        assert_eq!(reset(&other).await, Err(Error::NotFound("administrator")));
        assert!(matches!(reset(&vice).await, Err(Error::Conflict(_))), "his own needs a code");
        second_factor::remove(&house, &vice, &house.code(&secret)).await.unwrap();
        let vice = house.signed_in("vice").await;
        house.second_factor(&vice).await;

        reset(&boss).await.unwrap();
        let admin = house.directory().administrator(id).unwrap();
        assert!(!second_factor::is_set(&admin));
        assert_eq!((admin.entrusted_at, admin.entrusted_running), (house.now(), house.running()));
        let gone = sign_in::sign_in(&house, "vice", PASSWORD, &caller("192.0.2.1")).await;
        assert!(gone.is_ok(), "the password is enough again");
        let events = house.journal(house.acme.id).await;
        let count = |event: &str| events.iter().filter(|(e, _)| e == event).count();
        assert_eq!(count("administrator.second_factor_removed"), 1);
        assert_eq!(count("administrator.second_factor_reset"), 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_token_needs_a_code_when_its_owner_has_a_second_factor() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let secret = house.second_factor(&boss).await;
        let new = |code: String| NewToken {
            name: "script".into(),
            powers: catalog::Powers::of(&[catalog::Permission::DevicesView]),
            days: 9,
            code,
        };
        assert!(is_wrong(&tokens::create(&house, &boss, new(String::new())).await));
        assert!(is_wrong(&tokens::create(&house, &boss, new("000000".into())).await));
        tokens::create(&house, &boss, new(house.code(&secret))).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn an_organization_can_demand_it_and_then_nothing_else_is_open() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let other = house.administrator(&house.globex, "other", full()).await;
        let settings =
            OrganizationSettings { require_second_factor: true, ..OrganizationSettings::default() };
        organizations::edit_settings(&house, &house.acme.all, settings).await.unwrap();
        let held = house.signed_in("boss").await;
        assert_eq!(held.due(), Some(Due::SecondFactor));
        assert!(held.powers().is_empty() && administrators::list(&house, &held).is_err());
        assert!(
            house.signed_in("other").await.due().is_none() && other.due().is_none(),
            "another organization"
        );
        house.second_factor(&held).await;
        let opened = sign_in::sign_in(&house, "boss", PASSWORD, &caller("192.0.2.1")).await;
        assert!(matches!(opened, Err(Error::SecondFactor(_))));
        house.finish().await;
    }
}

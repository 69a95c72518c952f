//! Alerts: raised from the journal, told once, closed when the cause is gone; one organization never hears of another's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::Severity;
use domain::model::{
    Actor, Alert, AlertRule, AlertSettings, AlertState, JournalEntry, OrganizationId, QuietHours, Recipients,
    RoleRef,
};
use engine::alerts::{self, Act, AlertFollower, Filter};
use engine::{Error, Scope};
use serde_json::json;
use store::Tx;

use crate::house::{HOUR, House, MINUTE, Tenant, houses};

async fn happens(
    house: &House,
    organization: OrganizationId,
    event: &'static str,
    subject: &str,
    body: serde_json::Value,
) {
    let subject = subject.to_owned();
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry { event, subject: subject.clone(), body: body.clone() });
        Ok::<_, Error>(())
    };
    house.database().write(organization, Actor::System, unit).await.unwrap();
}

async fn all(house: &House, scope: &Scope) -> Vec<Alert> {
    alerts::list(house, scope, Filter::default(), 100).await.unwrap()
}

pub async fn until(house: &House, scope: &Scope, done: impl Fn(&[Alert]) -> bool) -> Vec<Alert> {
    let begun = Instant::now();
    loop {
        let found = all(house, scope).await;
        if done(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An administrator with an address.
async fn boss(house: &House, tenant: &Tenant, name: &str) -> Scope {
    let scope = house.administrator(tenant, name, RoleRef::Predefined("full".into())).await;
    let admin = Arc::clone(scope.administrator().unwrap());
    let edit = engine::administrators::AdministratorEdit {
        email: Some(format!("{name}@{}", tenant.domain)),
        ..engine::administrators::AdministratorEdit::default()
    };
    engine::administrators::edit(house, &tenant.all, admin.id, edit).await.unwrap();
    house.signed_in(name).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_raised_told_acknowledged_and_ends_by_itself() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let boss = boss(&house, acme, "boss").await;
        let running = house.follow(Arc::new(AlertFollower)).await;
        happens(
            &house,
            acme.id,
            "mail.server_failed",
            "",
            json!({ "name": "smtp.acme.test", "reason": "it hangs" }),
        )
        .await;
        let found = until(&house, &boss, |all| all.len() == 1).await;
        assert_eq!((found[0].severity, found[0].state), (Severity::Critical, AlertState::New));
        assert_eq!(found[0].text, "The SMTP server smtp.acme.test takes no mail");
        assert_eq!(found[0].detail, "it hangs");
        // Critical: by mail, in the same unit.
        let told = house.mails(acme).await;
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].recipient.as_str(), told[0].purpose.as_str()), ("boss@acme.test", "alert"));
        // The same again is the same alert, and no other mail.
        happens(&house, acme.id, "mail.server_failed", "", json!({ "name": "smtp.acme.test" })).await;
        let found = until(&house, &boss, |all| all[0].count == 2).await;
        assert_eq!((found.len(), house.mails(acme).await.len()), (1, 1));
        assert_eq!(alerts::act(&house, &boss, vec![found[0].id], Act::Acknowledge).await.unwrap(), 1);
        assert_eq!(alerts::act(&house, &boss, vec![found[0].id], Act::Acknowledge).await.unwrap(), 0);
        assert_eq!(alerts::open(&house, &boss).await.unwrap(), alerts::Open { new: [0; 3], acknowledged: 1 });
        happens(&house, acme.id, "mail.server_recovered", "", json!({ "name": "smtp.acme.test" })).await;
        let found = until(&house, &boss, |all| all[0].state == AlertState::Closed).await;
        assert_eq!(found[0].closed.as_ref().unwrap().0, "the cause is gone");
        // Nothing of it is known next door, and nobody there can touch it.
        assert!(all(&house, &globex.all).await.is_empty() && house.mails(globex).await.is_empty());
        let foreign = alerts::act(&house, &globex.all, vec![found[0].id], Act::Close).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        assert!(matches!(alerts::get(&house, &globex.all, found[0].id).await, Err(Error::NotFound(_))));
        for event in ["alert.raised", "alert.acknowledged", "alert.closed"] {
            assert!(house.journaled(acme, event, found[0].id).await > 0, "{event}");
        }
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finding_is_told_by_its_rule_and_to_the_user_if_wanted() {
    for house in houses().await {
        let acme = &house.acme;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let running = house.follow(Arc::new(AlertFollower)).await;
        let recipients = Recipients { user: true, ..Recipients::default() };
        let rule = AlertRule { email: true, recipients, throttle_minutes: 60, ..AlertRule::default() };
        let kinds = [("device.finding_began/no_contact".to_owned(), rule)].into();
        let new = AlertSettings { kinds, ..AlertSettings::default() };
        alerts::edit_settings(&house, &acme.all, None, new).await.unwrap();
        let body = json!({ "rule": "no_contact", "detail": "Nothing was heard for 3 days." });
        let id = phone.id.to_string();
        happens(&house, acme.id, "device.finding_began", &id, body.clone()).await;
        let of = |all: &[Alert]| all.iter().find(|a| a.kind.ends_with("/no_contact")).cloned();
        let found = of(&until(&house, &acme.all, |all| of(all).is_some()).await).unwrap();
        assert_eq!(found.device, Some(phone.id));
        assert!(found.text.contains("anna") || found.text.contains(&phone.name), "{}", found.text);
        let told = house.mails(acme).await;
        assert_eq!(told.iter().map(|m| m.recipient.as_str()).collect::<Vec<_>>(), ["anna@acme.test"]);
        // It comes and goes: one alert, one mail within the hour; after it another mail.
        happens(&house, acme.id, "device.finding_ended", &id, body.clone()).await;
        until(&house, &acme.all, |all| !of(all).unwrap().is_open()).await;
        happens(&house, acme.id, "device.finding_began", &id, body.clone()).await;
        let again = of(&until(&house, &acme.all, |all| of(all).unwrap().is_open()).await).unwrap();
        assert_eq!((again.id, again.count), (found.id, 2));
        assert_eq!(house.mails(acme).await.len(), 1);
        house.clock.advance(2 * HOUR);
        happens(&house, acme.id, "device.finding_began", &id, body).await;
        until(&house, &acme.all, |all| of(all).unwrap().count == 3).await;
        assert_eq!(house.mails(acme).await.len(), 2);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_is_gathered_waits_for_the_morning_and_is_escalated() {
    for house in houses().await {
        let acme = &house.acme;
        let _boss = boss(&house, acme, "boss").await;
        let running = house.follow(Arc::new(AlertFollower)).await;
        let rule =
            AlertRule { email: true, escalate_minutes: 30, throttle_minutes: 0, ..AlertRule::default() };
        let kinds = [("administrator.created".to_owned(), rule)].into();
        let settings = AlertSettings {
            kinds,
            digest_minutes: 60,
            quiet: None,
            escalate_to: vec!["chief@acme.test".parse().unwrap()],
        };
        alerts::edit_settings(&house, &acme.all, None, settings.clone()).await.unwrap();
        for name in ["eva", "max"] {
            happens(&house, acme.id, "administrator.created", name, json!({ "name": name })).await;
        }
        let found = until(&house, &acme.all, |all| all.len() == 2).await;
        alerts::tick(&house).await.unwrap();
        assert!(house.mails(acme).await.is_empty(), "gathered");
        let first = found.iter().find(|a| a.subject == "eva").unwrap();
        alerts::act(&house, &acme.all, vec![first.id], Act::Acknowledge).await.unwrap();
        house.clock.advance(31 * MINUTE);
        alerts::tick(&house).await.unwrap();
        alerts::tick(&house).await.unwrap();
        let told = house.mails(acme).await;
        let mut to: Vec<_> = told.iter().map(|m| m.recipient.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, ["boss@acme.test", "chief@acme.test"]);
        assert!(told[0].subject.as_str().starts_with("Nobody has acknowledged"), "{:?}", told[0].subject);
        house.clock.advance(30 * MINUTE);
        alerts::tick(&house).await.unwrap();
        let told = house.mails(acme).await;
        assert_eq!(told.len(), 3, "one gathered mail about what nobody took care of");

        // From midnight to noon nobody is woken; the house's clock stands at 01:01 UTC.
        let quiet = Some(QuietHours { from: 0, until: 720 });
        let settings = AlertSettings { digest_minutes: 0, quiet, ..settings };
        alerts::edit_settings(&house, &acme.all, None, settings).await.unwrap();
        happens(&house, acme.id, "administrator.created", "ina", json!({ "name": "ina" })).await;
        happens(&house, acme.id, "device.wiped", "x", json!({})).await;
        until(&house, &acme.all, |all| all.len() == 4).await;
        assert_eq!(house.mails(acme).await.len(), 4, "only what is critical");
        house.clock.advance(11 * HOUR);
        alerts::tick(&house).await.unwrap();
        assert!(house.mails(acme).await.iter().any(|m| m.subject.as_str().contains("ina was made")));
        running.abort();
        house.finish().await;
    }
}

#[tokio::test]
async fn wrong_settings_are_refused_beside_the_field() {
    let house = House::on(testkit::sqlite().await).await;
    let key = "device.wiped";
    let with = |rule: AlertRule| AlertSettings {
        kinds: [(key.to_owned(), rule)].into(),
        ..AlertSettings::default()
    };
    let stranger = house.administrator(&house.globex, "stranger", RoleRef::Predefined("full".into())).await;
    let stranger = stranger.administrator().unwrap().id;
    let to = |recipients: Recipients| AlertRule { email: true, recipients, ..AlertRule::default() };
    for (field, wrong) in [
        ("digest_minutes", AlertSettings { digest_minutes: 1_441, ..AlertSettings::default() }),
        (
            "quiet",
            AlertSettings { quiet: Some(QuietHours { from: 60, until: 60 }), ..AlertSettings::default() },
        ),
        (
            "quiet",
            AlertSettings { quiet: Some(QuietHours { from: 60, until: 1_440 }), ..AlertSettings::default() },
        ),
        (
            "kinds",
            AlertSettings {
                kinds: [("user.created".to_owned(), AlertRule::default())].into(),
                ..AlertSettings::default()
            },
        ),
        (
            "kinds.device.wiped.throttle_minutes",
            with(AlertRule { throttle_minutes: 50_000, ..AlertRule::default() }),
        ),
        (
            "kinds.device.wiped.escalate_minutes",
            with(AlertRule { escalate_minutes: 20_000, ..AlertRule::default() }),
        ),
        ("kinds.device.wiped.recipients", with(to(Recipients::default()))),
        (
            "kinds.device.wiped.recipients",
            with(to(Recipients { administrators: vec![stranger], ..Recipients::default() })),
        ),
    ] {
        let error = alerts::edit_settings(&house, &house.acme.all, None, wrong).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(i) if i[0].field == field), "{field}: {error:?}");
    }
    house.finish().await;
}

//! The quota of an organization: warned near it, closed at it, and nobody else's business.

use domain::model::{Organization, Quota, QuotaReason, RoleRef};
use engine::devices::{self, NewDevice};
use engine::eas::{self, Admission};
use engine::organizations::{self, OrganizationEdit};
use engine::{Error, sign_in};

use crate::house::{HOUR, House, Tenant, hello, houses};

async fn grant(house: &House, tenant: &Tenant, quota: Quota) -> Result<(), Error> {
    let edit = OrganizationEdit { quota: Some(quota), ..OrganizationEdit::default() };
    organizations::edit(house, &sign_in::command_line(Organization::SYSTEM), tenant.id, edit).await
}

async fn admitted(house: &House, tenant: &Tenant, device_id: &str) -> bool {
    match eas::admit(house, &house.login(tenant, "anna"), &hello(device_id, "16.1")).await.unwrap() {
        Admission::Device(_) => true,
        Admission::Full(_) => false,
        other => panic!("{other:?}"),
    }
}

fn by_hand(tenant: &Tenant) -> NewDevice {
    NewDevice {
        user: tenant.anna.id,
        name: String::new(),
        platform: catalog::Platform::Ios,
        liability: None,
        macs: Vec::new(),
        facts: std::collections::BTreeMap::new(),
    }
}

#[tokio::test]
async fn devices_come_up_to_the_limit_and_what_is_there_is_served() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        grant(&house, acme, Quota { soft: Some(2), hard: Some(3), expires_at: None }).await.unwrap();
        for id in ["A1", "A2", "A3"] {
            assert!(admitted(&house, acme, id).await, "{id}");
        }
        assert!(!admitted(&house, acme, "A4").await);
        assert!(!admitted(&house, acme, "A4").await, "a phone asks again and again");
        assert!(admitted(&house, acme, "A2").await, "one that is known is no new one");
        assert!(matches!(devices::create(&house, &acme.all, by_hand(acme)).await, Err(Error::Conflict(_))));
        for id in ["A1", "A2", "A3", "A4"] {
            assert!(admitted(&house, globex, id).await, "another organization's limit is its own");
        }
        assert_eq!(house.journaled(acme, "organization.quota_near", acme.id).await, 1);
        assert_eq!(
            house.journaled(acme, "organization.quota_reached", acme.id).await,
            1,
            "told once an hour"
        );
        // One that keeps asking does not put off that it is told again.
        house.clock.advance(HOUR / 2);
        assert!(!admitted(&house, acme, "A4").await);
        assert_eq!(house.journaled(acme, "organization.quota_reached", acme.id).await, 1);
        house.clock.advance(HOUR / 2);
        assert!(!admitted(&house, acme, "A5").await);
        assert_eq!(house.journaled(acme, "organization.quota_reached", acme.id).await, 2);
        grant(&house, acme, Quota { hard: Some(4), ..Quota::default() }).await.unwrap();
        assert!(admitted(&house, acme, "A4").await, "granted one more");
        house.finish().await;
    }
}

#[tokio::test]
async fn phones_that_come_at_once_are_not_more_than_granted() {
    for house in houses().await {
        grant(&house, &house.acme, Quota { hard: Some(5), ..Quota::default() }).await.unwrap();
        let all = (0..20).map(|n| {
            let house = &house;
            async move { admitted(house, &house.acme, &format!("P{n}")).await }
        });
        let taken = futures_util::future::join_all(all).await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, 5);
        house.finish().await;
    }
}

#[tokio::test]
async fn an_organization_whose_time_is_over_takes_no_new_device() {
    for house in houses().await {
        let at = house.clock.now() + HOUR;
        grant(&house, &house.acme, Quota { expires_at: Some(at), ..Quota::default() }).await.unwrap();
        assert!(admitted(&house, &house.acme, "A1").await);
        house.clock.advance(HOUR);
        assert!(!admitted(&house, &house.acme, "A2").await);
        assert!(admitted(&house, &house.acme, "A1").await);
        let org = house.directory().organization(house.acme.id).unwrap();
        let state = engine::quota::state(&org.read(), house.clock.now());
        assert_eq!((state.used, state.closed), (1, Some(QuotaReason::Expired)));
        house.finish().await;
    }
}

#[tokio::test]
async fn only_a_system_administrator_grants_and_only_what_makes_sense() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let edit = OrganizationEdit { quota: Some(Quota::default()), ..OrganizationEdit::default() };
        let own = organizations::edit(&house, &boss, house.acme.id, edit).await;
        assert!(matches!(own, Err(Error::Denied(_))), "{own:?}");
        for (bad, field) in [
            (Quota { soft: Some(5), hard: Some(4), expires_at: None }, "quota_soft"),
            (Quota { soft: None, hard: Some(Quota::MOST + 1), expires_at: None }, "quota_hard"),
            (Quota { soft: None, hard: None, expires_at: Some(-1) }, "quota_expires_at"),
        ] {
            match grant(&house, &house.acme, bad).await {
                Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
                other => panic!("{field}: {other:?}"),
            }
        }
        house.finish().await;
    }
}

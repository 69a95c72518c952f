//! The first page: what is coming, who is overdue, and compliance over time.

use catalog::{CommandKind, RuleId, Target};
use domain::model::Level;
use engine::dashboard::{self, Dashboard, KEPT_DAYS};
use engine::{Error, compliance, eas};

use crate::commands::ordered;
use crate::compliance::{level, rule};
use crate::house::{HOUR, House, MINUTE, Tenant, houses};
use crate::schedules::{change_default, interval};

const DAY: i64 = 24 * HOUR;

fn sums(house: &House, tenant: &Tenant) -> Dashboard {
    dashboard::dashboard(house, &tenant.all).unwrap()
}

#[tokio::test]
async fn what_is_coming_and_who_is_overdue_is_named_in_its_own_organization() {
    for house in houses().await {
        let acme = &house.acme;
        let (first, _) = house.provisioned(acme, "PHONE0").await;
        house.clock.set(house.clock.now() + 30 * MINUTE);
        let (second, _) = house.provisioned(acme, "PHONE1").await;
        house.provisioned(&house.globex, "PHONE0").await;
        change_default(&house, acme, |half| {
            (half.peak_interval, half.off_peak_interval) = (interval("1h"), interval("1h"));
        })
        .await;
        assert_eq!((sums(&house, acme).coming_count, sums(&house, acme).overdue_count), (0, 0));
        // Three hours without contact, and one more until it closes something.
        let silent = rule(RuleId::NoContact, true, &[("hours", 3)], 60);
        let closes = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        compliance::edit_access(&house, &acme.all, vec![silent, closes]).await.unwrap();
        house.clock.set(house.clock.now() + 3 * HOUR + MINUTE);
        compliance::tick(&house).await.unwrap();
        let said = sums(&house, acme);
        let coming: Vec<_> = said.coming.iter().map(|next| (next.device, next.rule)).collect();
        assert_eq!(coming, [(first.id, RuleId::NoContact), (second.id, RuleId::NoContact)]);
        assert!(
            said.coming[0].at < said.coming[1].at && said.coming[0].targets.contains(Target::NetworkAccess)
        );
        assert_eq!(said.coming_count, 2);
        let overdue: Vec<_> = said.overdue.iter().map(|late| (late.device, late.missed())).collect();
        assert_eq!(overdue, [(first.id, 3), (second.id, 2)]);
        let globex = sums(&house, &house.globex);
        assert!(globex.coming.is_empty() && globex.overdue.iter().all(|late| late.device != first.id));
        eas::present(&house, &first);
        let overdue: Vec<_> = sums(&house, acme).overdue.iter().map(|late| late.device).collect();
        assert_eq!(overdue, [second.id], "it came");
        house.clock.set(house.clock.now() + HOUR);
        compliance::tick(&house).await.unwrap();
        assert!(sums(&house, acme).coming.iter().all(|next| next.device != second.id), "it has come");
        house.finish().await;
    }
}

#[tokio::test]
async fn every_day_keeps_its_last_count() {
    for house in houses().await {
        let acme = &house.acme;
        let course = async |tenant: &Tenant, days| {
            let now = sums(&house, tenant);
            dashboard::course(&house, &tenant.all, days, &now).await
        };
        let (phone, _) = house.provisioned(acme, "PHONE0").await;
        house.provisioned(&house.globex, "PHONE0").await;
        let start = house.clock.now();
        dashboard::keep_today(&house, acme.id).await.unwrap();
        ordered(&house, &acme.all, phone.id, CommandKind::Block).await;
        dashboard::keep_today(&house, acme.id).await.unwrap();
        // A day without a count, and one that is not over.
        house.clock.set(start + 2 * DAY);
        ordered(&house, &acme.all, phone.id, CommandKind::Allow).await;
        let kept = course(acme, 30).await.unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[1].day - kept[0].day, 2);
        assert_eq!(kept[0].by_posture.get("blocked"), Some(&1), "the last count of the day");
        assert_eq!(kept[1].by_posture.get("blocked"), None, "as it is now");
        assert_eq!(course(acme, 2).await.unwrap().len(), 1, "as far back as was asked");
        assert_eq!(course(&house.globex, 30).await.unwrap().len(), 1, "nothing of another organization");
        for days in [0, -1, KEPT_DAYS + 1] {
            assert!(matches!(course(acme, days).await, Err(Error::Invalid(_))));
        }
        house.clock.set(start + (KEPT_DAYS + 1) * DAY);
        dashboard::keep_today(&house, acme.id).await.unwrap();
        assert_eq!(course(acme, KEPT_DAYS).await.unwrap().len(), 1, "what is old is forgotten");
        house.finish().await;
    }
}

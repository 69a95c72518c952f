//! Why a device was shut out at another time, and what would let it in now.

use catalog::{CommandKind, FactValue, RuleId, TargetSet};
use domain::model::{Level, Restrictions, RuleConfig};
use engine::commands::{self, Order};
use engine::compliance::{self, AccessEdit};
use engine::devices;

use crate::house::{House, Who};

const MINUTE: i64 = 60_000;

async fn order(house: &House, kind: CommandKind, note: &str) {
    let order = Order { device: house.device, kind, note: note.into() };
    commands::order(&house.engine, &house.scope(Who::Full).await, order).await.expect("an order");
}

/// The clock of the house begins with 2026, in the zone of the organization, which is UTC.
#[tokio::test]
async fn the_page_says_why_a_phone_was_blocked_at_a_minute() {
    let house = House::build().await;
    let page = format!("/dashboard/devices/{}/verdicts", house.device);
    house.clock.advance(23 * MINUTE + 40_000);
    order(&house, CommandKind::Block, "left in a taxi").await;
    house.clock.advance(20 * MINUTE);
    order(&house, CommandKind::Allow, "").await;

    let then = house.get(Who::Full, &format!("{page}?at=2026-01-01T00:30")).await;
    assert!(then.body.contains("What held then") && then.body.contains("left in a taxi"), "{}", then.body);
    assert!(then.body.contains("Blocked by hand. The setting of the organization restricted it"));
    assert!(then.body.contains("1 Jan 00:23:40"), "since when: {}", then.body);
    // The minute in which it began counts as blocked; the one before does not.
    let begun = house.get(Who::Full, &format!("{page}?at=2026-01-01T00:23")).await;
    assert!(begun.body.contains("Findings of that moment"), "{}", begun.body);
    let to_the_second = house.get(Who::Full, &format!("{page}?at=2026-01-01T00:23:39")).await;
    assert!(!to_the_second.body.contains("Findings of that moment"), "{}", to_the_second.body);
    let after = house.get(Who::Full, &format!("{page}?at=2026-01-01T00:50")).await;
    assert!(after.body.contains("No rule was broken"), "{}", after.body);
    let long_ago = house.get(Who::Full, &format!("{page}?at=2020-01-01T00:00")).await;
    assert!(long_ago.body.contains("Nothing is kept of that moment"), "{}", long_ago.body);

    // Every change leads to its own moment.
    let exact = then.between(&format!("{page}?from="), "\"");
    let looked = house.get(Who::Full, &format!("{page}?from={exact}")).await;
    assert!(looked.body.contains("Shown above"), "{}", looked.body);

    for odd in ["yesterday", "2026-02-31T00:00", "99999-01-01T00:00", "%3Cscript%3E"] {
        let refused = house.get(Who::Full, &format!("{page}?at={odd}")).await;
        assert_eq!(refused.status, 422, "{odd}");
        assert!(refused.body.contains("Enter a day and a time") && !refused.body.contains("<script>"));
    }
    assert_eq!(house.get(Who::Foreign, &page).await.status, 404);
    let device = house.get(Who::ReadOnly, &format!("/dashboard/devices/{}", house.device)).await;
    assert!(device.body.contains(&format!("href=\"{page}\"")), "the way there");
}

#[tokio::test]
async fn the_device_page_says_what_would_let_it_in_who_acts_and_what_each_finding_leans_on() {
    let house = House::build().await;
    let scope = house.scope(Who::Full).await;
    let page = format!("/dashboard/devices/{}", house.device);
    let on = RuleConfig { on: true, grace_minutes: 90, ..RuleConfig::default() };
    let rule = |rule, config: &RuleConfig| AccessEdit::Rule { rule, config: Some(config.clone()) };
    let edits = vec![
        rule(RuleId::PassCodeMissing, &RuleConfig { grace_minutes: 0, ..on.clone() }),
        rule(RuleId::NotEncrypted, &on),
    ];
    compliance::edit_access(&house.engine, &scope, edits).await.expect("rules");
    assert!(!house.get(Who::Full, &page).await.body.contains("What would let it in again"));
    for fact in ["pin_lock_on", "disk_encryption_on"] {
        let no = Some(FactValue::Bool(false));
        devices::enter_fact(&house.engine, &scope, house.device, fact, no).await.expect("a fact");
    }
    order(&house, CommandKind::Block, "lost").await;
    let shown = house.get(Who::Full, &page).await.body;
    let cure = shown.split("What would let it in again").last().expect("the card").to_owned();
    let cure = cure.split("Findings").next().expect("what comes before the findings").to_owned();
    assert!(cure.contains("Set a pass-code") && cure.contains("The user"), "{cure}");
    assert!(cure.contains("Allow the device again") && cure.contains("An administrator"), "{cure}");
    assert!(!cure.contains("encryption"), "it does not restrict yet: {cure}");
    assert!(cure.contains("ActiveSync, Network Access"), "{cure}");
    assert!(shown.contains("Pass-code set: no") && shown.contains("entered by hand"), "{shown}");
    assert!(shown.contains("So says the organization."), "{shown}");
    let level = AccessEdit::Level {
        level: Level::Device(house.device),
        restrictions: Some(Restrictions([(RuleId::PassCodeMissing, TargetSet::EMPTY)].into())),
    };
    compliance::edit_access(&house.engine, &scope, vec![level]).await.expect("ticks of the device");
    let shown = house.get(Who::Full, &page).await.body;
    assert!(
        shown.contains("It is reported, and restricts nothing.") && shown.contains("So says the device.")
    );
}

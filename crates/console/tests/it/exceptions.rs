//! Exceptions of one user or device: from their own pages, without typing an id; and joining two records.

use domain::model::{ExceptionKind, Level};

use crate::house::{House, Who};

async fn exception(house: &House, level: &Level) -> Option<(ExceptionKind, Option<i64>, String)> {
    let scope = house.scope(Who::Full).await;
    let access = engine::compliance::access(&house.engine, &scope).expect("settings");
    access.exception(level).map(|e| (e.kind.clone(), e.expires_at, e.note.clone()))
}

#[tokio::test]
async fn exceptions_are_made_from_the_pages_of_device_and_user() {
    let house = House::build().await;
    let add = "/dashboard/access-restrictions/exceptions/add";
    let subjects = [
        (
            format!("/dashboard/devices/{}", house.device),
            house.device.to_string(),
            Level::Device(house.device),
        ),
        (format!("/dashboard/users/{}", house.user), house.user.to_string(), Level::User(house.user)),
    ];
    for (page, id, level) in subjects {
        let matrix = format!("/dashboard/access-restrictions?level={id}");
        let shown = house.get(Who::Full, &page).await;
        assert!(shown.body.contains(&format!("href=\"{matrix}\"")), "{page} has no way to its exceptions");
        assert!(shown.body.contains("the organization and the platform"), "{}", shown.body);
        let form = house.get(Who::Full, &matrix).await;
        assert!(form.body.contains(&format!("name=\"subject\" value=\"{id}\"")), "{}", form.body);
        assert!(!form.body.contains("name=\"subject\" id="), "nobody types an id");
        let fields =
            |kind, until| [("subject", id.as_str()), ("kind", kind), ("until", until), ("note", "trip")];
        for until in ["2001-01-01", "tomorrow"] {
            let bad = house.post(Who::Full, add, &fields("extra", until)).await;
            assert_eq!(bad.status, 422, "{until}");
            assert!(bad.body.contains("Enter a day from today on") && bad.body.contains("trip"));
        }
        let saved = house.post(Who::Full, add, &fields("extra", "2099-12-31")).await;
        assert_eq!((saved.status, saved.location.as_str()), (303, matrix.as_str()));
        let (kind, until, note) = exception(&house, &level).await.expect("it was made");
        assert_eq!((kind, note.as_str()), (ExceptionKind::Extra, "trip"));
        assert_eq!(until, Some(4_102_444_800_000), "to the end of that day");
        let form = house.get(Who::Full, &matrix).await;
        assert!(form.body.contains("value=\"2099-12-31\""), "the last day is shown as it was entered");
        assert_eq!(house.post(Who::Full, add, &fields("none", "")).await.status, 303);
        assert_eq!(exception(&house, &level).await, None);
        let foreign = house.post(Who::Foreign, add, &fields("never", "")).await;
        assert_eq!(foreign.status, 422, "it does not exist there");
        assert_eq!(exception(&house, &level).await, None);
        assert_eq!(house.get(Who::Foreign, &matrix).await.status, 404);
    }
}

#[tokio::test]
async fn extra_ticks_add_to_the_level_above_and_cannot_take_from_it() {
    let house = House::build().await;
    let scope = house.scope(Who::Full).await;
    let id = house.device.to_string();
    let level = Level::Device(house.device);
    let rule = catalog::RuleId::BlockedByHand;
    let (path, box_of) = ("/dashboard/access-restrictions", |place: usize| format!("{}.{place}", rule.key()));
    // Above: only the first target.
    let first = box_of(0);
    let fields = [("level", "organization"), ("step", "save"), (first.as_str(), "on")];
    assert_eq!(house.post(Who::Full, path, &fields).await.status, 303);
    let fields = [("subject", id.as_str()), ("kind", "extra"), ("until", ""), ("note", "")];
    house.post(Who::Full, "/dashboard/access-restrictions/exceptions/add", &fields).await;
    let second = box_of(1);
    let fields = [("level", id.as_str()), ("step", "save"), (second.as_str(), "on")];
    assert_eq!(house.post(Who::Full, path, &fields).await.status, 303);
    let access = engine::compliance::access(&house.engine, &scope).expect("settings");
    let own = access.level(&level).and_then(|ticks| ticks.0.get(&rule)).expect("its own ticks");
    assert_eq!(own.len(), 1, "what the level above says is not copied: {own:?}");
    house.post(Who::Full, &format!("/dashboard/devices/{id}/order/block"), &[("note", "")]).await;
    let device = engine::devices::get(&house.engine, &scope, house.device).expect("the device");
    assert!(catalog::TARGETS.iter().take(2).all(|t| !device.verdict.allows(t.target)));
    let page = house.get(Who::Full, &format!("/dashboard/devices/{id}")).await;
    assert!(page.body.contains("the device’s own setting, before all others"), "{}", page.body);
    assert!(page.body.contains("Access Restrictions, the "), "the panel names the level that decided");
    let end = house.post(Who::Full, "/dashboard/access-restrictions/exceptions/end", &[("level", &id)]).await;
    assert_eq!(end.status, 303);
    let access = engine::compliance::access(&house.engine, &scope).expect("settings");
    assert_eq!((access.exception(&level), access.level(&level)), (None, None), "its ticks end with it");
}

#[tokio::test]
async fn joining_is_found_where_one_looks_for_it() {
    let house = House::build().await;
    let join = format!("/dashboard/devices/{}/join", house.device);
    let page = house.get(Who::Full, &format!("/dashboard/devices/{}", house.device)).await;
    assert!(page.body.contains(&format!("href=\"{join}\"")), "{}", page.body);
    assert!(house.get(Who::Full, &join).await.body.contains("Its user has no other device"));
    let fields =
        [("user", "lena"), ("name", "Known by MAC"), ("platform", "android"), ("macs", "0026B424FEB4")];
    let made = house.post(Who::Full, "/dashboard/devices/add", &fields).await;
    let form = house.get(Who::Full, &join).await;
    assert!(form.body.contains("Known by MAC, entered by hand, 00:26:B4:24:FE:B4"), "{}", form.body);
    let user = house.get(Who::Full, &format!("/dashboard/users/{}", house.user)).await;
    assert!(user.body.contains("Join two records"), "{}", user.body);
    let other = made.location.rsplit('/').next().expect("an id");
    assert_eq!(house.post(Who::Full, &join, &[("other", other)]).await.status, 303);
    assert_eq!(house.get(Who::Full, &made.location).await.status, 404);
    let desk = house.get(Who::HelpDesk, &format!("/dashboard/devices/{}", house.device)).await;
    assert!(!desk.body.contains(&join), "who may not join is not led there");
}

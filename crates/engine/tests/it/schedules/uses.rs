//! Making, assigning and removing schedules, and what follows for devices.

use catalog::{FactValue, Liability, Permission, RuleId, Target};
use domain::assignment::AssignedFrom;
use domain::model::{GroupSettings, Level, ScheduleZone};
use domain::schedule::{Day, PeakRange};
use engine::devices::{self, DeviceEdit};
use engine::groups::{self, GroupInput};
use engine::schedules::{self, HalfInput, ScheduleInput, Use};
use engine::users::{self, UserInput};
use engine::{Error, compliance, eas};

use super::{change_default, default_of, interval};
use crate::compliance::{level, rule};
use crate::house::{HOUR, House, MINUTE, Tenant, houses, open, user};

fn named(name: &str) -> ScheduleInput {
    ScheduleInput { name: name.into(), ..ScheduleInput::default() }
}

fn use_of(house: &House, tenant: &Tenant, id: domain::model::ScheduleId) -> Use {
    let all = schedules::list(house, &tenant.all).unwrap();
    all.into_iter().find(|(schedule, _)| schedule.id == id).unwrap().1
}

fn standing(house: &House, id: domain::model::DeviceId) -> schedules::Standing {
    let device = house.device(id);
    let org = house.directory().organization(device.organization).unwrap();
    let org = org.read();
    schedules::standing(house, &org, &device).unwrap()
}

#[tokio::test]
async fn a_schedule_lives_from_its_making_to_its_replacement_and_only_at_home() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        house.enrol(&house.globex, "PHONE1").await;
        let (acme, globex) = (&house.acme.all, &house.globex.all);
        let first = default_of(&house, &house.acme);
        assert_eq!(standing(&house, phone.id).plan.from, AssignedFrom::Organization);
        assert_eq!(
            use_of(&house, &house.acme, first),
            Use { is_default: true, corporate: 1, ..Use::default() }
        );

        let nights = schedules::create(&house, acme, named("Nights")).await.unwrap();
        let copy = schedules::copy(&house, acme, nights, "Nights 2").await.unwrap();
        assert!(matches!(schedules::copy(&house, acme, nights, "NIGHTS").await, Err(Error::Conflict(_))));
        for id in [nights, copy] {
            assert_eq!(
                schedules::get(&house, globex, id).unwrap_err(),
                Error::NotFound("connection schedule")
            );
            assert!(schedules::edit(&house, globex, id, named("x")).await.is_err());
            assert!(schedules::remove(&house, globex, id, None).await.is_err());
            assert!(schedules::assign_default(&house, globex, id).await.is_err());
        }
        let settings = GroupSettings { schedule: Some(nights), ..GroupSettings::default() };
        let crew = GroupInput { name: "Crew".into(), note: String::new(), settings };
        let crew = groups::create(&house, acme, crew).await.unwrap();
        let theirs = GroupSettings { schedule: Some(nights), ..GroupSettings::default() };
        let theirs = GroupInput { name: "Crew".into(), note: String::new(), settings: theirs };
        assert!(matches!(groups::create(&house, globex, theirs).await, Err(Error::Invalid(_))));
        groups::change_members(&house, acme, crew, &[house.acme.anna.id], &[]).await.unwrap();
        let plan = standing(&house, phone.id).plan;
        assert_eq!((plan.schedule.id, plan.from), (nights, AssignedFrom::Group(crew)));
        let by_group = Use { by_group: 1, corporate: 1, ..Use::default() };
        assert_eq!(use_of(&house, &house.acme, nights), by_group);
        let input = UserInput { schedule: Some(nights), ..user("anna", "acme.test") };
        let foreign = UserInput { schedule: Some(nights), ..user("bert", "globex.test") };
        users::edit(&house, acme, house.acme.anna.id, input).await.unwrap();
        assert!(matches!(users::create(&house, globex, foreign).await, Err(Error::Invalid(_))));
        assert_eq!(standing(&house, phone.id).plan.from, AssignedFrom::User);
        let own = DeviceEdit { schedule: Some(Some(copy)), ..DeviceEdit::default() };
        devices::edit(&house, acme, phone.id, own.clone()).await.unwrap();
        let plan = standing(&house, phone.id).plan;
        assert_eq!((plan.schedule.id, plan.from), (copy, AssignedFrom::Device));
        assert_eq!(use_of(&house, &house.acme, nights), Use { by_user: 1, by_group: 1, ..Use::default() });
        assert_eq!(use_of(&house, &house.acme, copy), Use { by_device: 1, corporate: 1, ..Use::default() });

        for used in [first, nights, copy] {
            assert!(matches!(schedules::remove(&house, acme, used, None).await, Err(Error::Conflict(_))));
            assert!(matches!(
                schedules::remove(&house, acme, used, Some(used)).await,
                Err(Error::Invalid(_))
            ));
        }
        let seen = schedules::get(&house, acme, nights).unwrap().rev;
        schedules::edit_seen(&house, acme, nights, Some(seen), named("Shifts")).await.unwrap();
        let stale = schedules::edit_seen(&house, acme, nights, Some(seen), named("Late")).await;
        assert!(matches!(stale, Err(Error::Conflict(_))));
        schedules::remove(&house, acme, copy, Some(nights)).await.unwrap();
        schedules::assign_default(&house, acme, nights).await.unwrap();
        schedules::remove(&house, acme, first, None).await.unwrap();
        assert_eq!(house.device(phone.id).schedule, Some(nights));
        assert_eq!(schedules::list(&house, acme).unwrap().len(), 1);
        assert_eq!(schedules::list(&house, globex).unwrap().len(), 1);
        for (event, id) in [
            ("schedule.created", nights),
            ("schedule.created", copy),
            ("schedule.updated", nights),
            ("schedule.deleted", copy),
            ("schedule.assigned", nights),
            ("schedule.deleted", first),
        ] {
            assert_eq!(house.journaled(&house.acme, event, id).await, 1, "{event}");
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_beside_its_field_and_powers_are_asked_for() {
    for house in houses().await {
        let ranges = |day, text: &str| PeakRange::list(day, text).unwrap();
        let mut bad = named(" ");
        bad.zone = "Mars/Olympus".into();
        bad.corporate = HalfInput {
            peak: [ranges(Day::Monday, "22:00-06:00"), ranges(Day::Tuesday, "05:00-09:00")].concat(),
            low_battery: 91,
            ..HalfInput::default()
        };
        bad.individual =
            HalfInput { peak: ranges(Day::Sunday, "8-12,11-13"), low_battery: -1, ..HalfInput::default() };
        let Err(Error::Invalid(issues)) = schedules::create(&house, &house.acme.all, bad).await else {
            panic!("accepted")
        };
        let fields: Vec<_> = issues.iter().map(|issue| issue.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "name",
                "zone",
                "corporate.low_battery",
                "corporate.peak.tuesday",
                "individual.low_battery",
                "individual.peak.sunday"
            ]
        );
        assert!(issues[1].message.contains("Mars/Olympus"));
        assert!(issues[3].message.contains("overlaps Monday 22:00-06:00"), "{}", issues[3].message);
        for absurd in [r#"{"corporate":{"peak_interval":"7m"}}"#, r#"{"corporate":{"roaming":"often"}}"#] {
            assert!(serde_json::from_str::<ScheduleInput>(absurd).is_err(), "{absurd}");
        }

        let role = house.role(&house.acme, "Looker", &[Permission::SchedulesView]).await;
        let looker = house.administrator(&house.acme, "looker", role).await;
        let id = default_of(&house, &house.acme);
        assert_eq!(schedules::list(&house, &looker).unwrap().len(), 1);
        assert!(matches!(schedules::create(&house, &looker, named("x")).await, Err(Error::Denied(_))));
        assert!(matches!(schedules::edit(&house, &looker, id, named("x")).await, Err(Error::Denied(_))));
        assert!(matches!(schedules::remove(&house, &looker, id, None).await, Err(Error::Denied(_))));
        assert!(matches!(schedules::assign_default(&house, &looker, id).await, Err(Error::Denied(_))));
        let role = house.role(&house.acme, "Nobody", &[Permission::DevicesView]).await;
        let nobody = house.administrator(&house.acme, "nobody", role).await;
        assert!(matches!(schedules::list(&house, &nobody), Err(Error::Denied(_))));
        assert!(matches!(schedules::get(&house, &nobody, id), Err(Error::Denied(_))));
        house.finish().await;
    }
}

#[tokio::test]
async fn an_organization_from_before_there_were_schedules_gets_its_default() {
    for mut house in houses().await {
        for tenant in [&house.acme, &house.globex] {
            let (id, schedule) = (tenant.id, default_of(&house, tenant));
            house
                .database()
                .write(id, domain::model::Actor::System, async move |tx| {
                    let mut organization = store::repo::organizations::get(tx, id).await?.unwrap();
                    organization.settings.default_schedule = None;
                    store::repo::organizations::put(tx, &mut organization).await?;
                    store::repo::schedules::remove(tx, schedule).await
                })
                .await
                .unwrap();
        }
        for _ in 0..2 {
            house.engine = open(house.database(), &house.clock).await;
            for tenant in [&house.acme, &house.globex] {
                let all = schedules::list(&house, &tenant.all).unwrap();
                assert_eq!(all.len(), 1);
                assert!(all[0].1.is_default);
                assert_eq!(house.journaled(tenant, "schedule.created", all[0].0.id).await, 1);
            }
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn liability_zone_and_roaming_of_the_device_decide_what_its_schedule_means() {
    for house in houses().await {
        // Monday, 5 January 2026, 02:00 UTC.
        house.clock.set(1_767_571_200_000 + 2 * HOUR);
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let id = default_of(&house, &house.acme);
        let mut input = ScheduleInput::from(&*schedules::get(&house, &house.acme.all, id).unwrap());
        input.zone = "device".into();
        input.corporate.push_off_peak = false;
        input.corporate.roaming = domain::model::RoamingMode::Manual;
        input.individual.peak_interval = interval("15m");
        schedules::edit(&house, &house.acme.all, id, input).await.unwrap();
        assert_eq!(schedules::get(&house, &house.acme.all, id).unwrap().zone, ScheduleZone::Device);
        let due = || standing(&house, phone.id).next_due.map(|at| at - house.clock.now());
        let now = standing(&house, phone.id);
        assert_eq!((now.peak, now.pushed, now.plan.zone_name.as_str()), (false, false, "UTC"));
        assert_eq!(due(), Some(4 * HOUR));
        let fact = async |key, value| {
            devices::enter_fact(&house, &house.acme.all, phone.id, key, Some(value)).await.unwrap();
        };
        fact("time_zone", FactValue::Text("Asia/Tokyo".into())).await;
        let now = standing(&house, phone.id);
        assert_eq!((now.peak, now.pushed, now.plan.zone_name.as_str()), (true, true, "Asia/Tokyo"));
        assert_eq!(due(), Some(HOUR));
        fact("time_zone", FactValue::Text("Atlantis".into())).await;
        assert_eq!(standing(&house, phone.id).plan.zone_name, "UTC", "the organization's");
        fact("time_zone", FactValue::Text("Asia/Tokyo".into())).await;
        let individual = DeviceEdit { liability: Some(Some(Liability::Individual)), ..DeviceEdit::default() };
        devices::edit(&house, &house.acme.all, phone.id, individual).await.unwrap();
        assert_eq!(due(), Some(15 * MINUTE));
        let corporate = DeviceEdit { liability: Some(None), ..DeviceEdit::default() };
        devices::edit(&house, &house.acme.all, phone.id, corporate).await.unwrap();
        fact("roaming", FactValue::Bool(true)).await;
        assert_eq!((due(), standing(&house, phone.id).pushed), (None, false));
        house.finish().await;
    }
}

#[tokio::test]
async fn no_contact_counts_check_ins_of_this_devices_schedule() {
    for house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        let start = house.clock.now();
        let missed = rule(RuleId::NoContact, true, &[("check_ins", 3), ("hours", 1_000)], 0);
        let closes = level(Level::Organization, RuleId::NoContact, &[Target::NetworkAccess]);
        for tenant in [&house.acme, &house.globex] {
            let edits = vec![missed.clone(), closes.clone()];
            compliance::edit_access(&house, &tenant.all, edits).await.unwrap();
        }
        change_default(&house, &house.globex, |half| half.off_peak_interval = interval("manual")).await;
        compliance::tick(&house).await.unwrap();
        // Thursday, 1 January 2026, 00:00: 04:00, 07:00 (peak time begins), 08:00.
        let limit = start + 8 * HOUR + schedules::MISSED_AFTER;
        assert_eq!(house.device(phone.id).verdict.next_look, Some(limit));
        let allowed = |id| house.device(id).verdict.allows(Target::NetworkAccess);
        house.clock.set(limit - 1);
        compliance::tick(&house).await.unwrap();
        assert!(allowed(phone.id));
        assert_eq!(standing(&house, phone.id).missed, 2);
        house.clock.set(limit);
        compliance::tick(&house).await.unwrap();
        assert!(!allowed(phone.id));
        assert_eq!(standing(&house, phone.id).missed, 3);
        let finding = house.device(phone.id).verdict.findings[0].finding.clone();
        assert_eq!(finding.detail, "3 check-ins were missed of the device's connection schedule.");
        assert!(allowed(twin.id), "peak time alone counts for it: 07:00, 08:00");
        // Another schedule, and it is as if nothing had happened.
        change_default(&house, &house.acme, |half| half.peak_interval = interval("24h")).await;
        compliance::tick(&house).await.unwrap();
        assert!(allowed(phone.id));
        change_default(&house, &house.acme, |half| half.peak_interval = interval("1h")).await;
        compliance::tick(&house).await.unwrap();
        assert!(!allowed(phone.id));
        eas::present(&house, &phone);
        compliance::reevaluate(&house, house.acme.id).await.unwrap();
        assert!(allowed(phone.id), "it came");
        house.finish().await;
    }
}

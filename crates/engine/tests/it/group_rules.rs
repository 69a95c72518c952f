//! Groups that find their members by a rule, and sites.

use std::net::IpAddr;

use domain::model::{
    Comparison, CustomKind, CustomScope, GroupId, GroupSettings, MemberCondition, MemberField, MemberQuery,
    MemberRule, Site, UserId,
};
use engine::custom_columns::{self, ColumnInput};
use engine::groups;
use engine::users::{self, UserInput};
use engine::{Error, eas};

use crate::groups::{group, join};
use crate::house::{House, Tenant, hello, houses, user};

fn condition(field: MemberField, is: Comparison, value: &str) -> MemberCondition {
    MemberCondition { field, is, value: value.into() }
}

fn all(conditions: Vec<MemberCondition>) -> MemberRule {
    MemberRule::Query(MemberQuery { any: false, conditions })
}

fn members(house: &House, tenant: &Tenant, id: GroupId) -> Vec<UserId> {
    let org = house.directory().organization(tenant.id).unwrap();
    let mut members: Vec<UserId> = org.read().members(id).map(|user| user.id).collect();
    members.sort_unstable();
    members
}

fn input_of(house: &House, tenant: &Tenant, id: UserId) -> UserInput {
    UserInput::of(&users::get(house, &tenant.all, id).unwrap())
}

#[tokio::test]
async fn who_fits_joins_and_who_does_not_any_more_leaves() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let bob = users::create(&house, &acme.all, user("bob", "acme.test")).await.unwrap();
        let everybody = group(&house, acme, "Everybody named", GroupSettings::default()).await;
        let twin = group(&house, globex, "Everybody named", GroupSettings::default()).await;
        let named = |name: &str| {
            all(vec![condition(MemberField::User("display_name".into()), Comparison::Contains, name)])
        };
        groups::set_rule(&house, &acme.all, everybody, Some(named("bob"))).await.unwrap();
        assert_eq!(members(&house, acme, everybody), [bob.id], "in force at the answer");
        assert!(members(&house, globex, twin).is_empty());
        // Anna is renamed, Bob is too: who fits joins, who does not leaves, a moment later.
        for (id, name) in [(acme.anna.id, "Bobette"), (bob.id, "Robert")] {
            let input = UserInput { display_name: name.into(), ..input_of(&house, acme, id) };
            users::edit(&house, &acme.all, id, input).await.unwrap();
        }
        groups::tick(&house).await.unwrap();
        assert_eq!(members(&house, acme, everybody), [acme.anna.id]);
        // Somebody new.
        let bobby = users::create(&house, &acme.all, user("bobby", "acme.test")).await.unwrap();
        groups::tick(&house).await.unwrap();
        let mut expected = vec![acme.anna.id, bobby.id];
        expected.sort_unstable();
        assert_eq!(members(&house, acme, everybody), expected);
        // By hand nobody is moved.
        let refused = groups::change_members(&house, &acme.all, everybody, &[bob.id], &[]).await;
        assert!(matches!(refused, Err(Error::Conflict(words)) if words.contains("rule")));
        let refused = groups::set_of_user(&house, &acme.all, bob.id, &[everybody]).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
        // Another organization's administrator has no say, and its users are not found.
        let foreign = groups::set_rule(&house, &globex.all, everybody, Some(named("a"))).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))));
        // Without the rule, who is in it stays.
        groups::set_rule(&house, &acme.all, everybody, None).await.unwrap();
        join(&house, acme, everybody, &[bob.id]).await;
        groups::tick(&house).await.unwrap();
        assert_eq!(members(&house, acme, everybody).len(), 3);
        assert!(members(&house, globex, twin).is_empty());
    }
}

#[tokio::test]
async fn facts_of_devices_and_own_columns_count() {
    for house in houses().await {
        let acme = &house.acme;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let department = ColumnInput {
            name: "Department".into(),
            help: String::new(),
            kind: CustomKind::Text,
            scope: CustomScope::User,
            required: false,
            default: String::new(),
        };
        let column = custom_columns::create(&house, &acme.all, department).await.unwrap();
        let sales = group(&house, acme, "Sales with iPhones", GroupSettings::default()).await;
        let rule = all(vec![
            condition(MemberField::Column(column), Comparison::Is, "sales"),
            condition(MemberField::Device("platform".into()), Comparison::Is, "ios"),
        ]);
        groups::set_rule(&house, &acme.all, sales, Some(rule)).await.unwrap();
        assert!(
            members(&house, acme, sales).is_empty(),
            "{:?}",
            house.device(phone.id).facts.text("platform")
        );
        let mut input = input_of(&house, acme, acme.anna.id);
        input.custom.insert(column, "Sales".into());
        users::edit(&house, &acme.all, acme.anna.id, input).await.unwrap();
        groups::tick(&house).await.unwrap();
        assert_eq!(members(&house, acme, sales), [acme.anna.id]);
        let offered = groups::fields(&custom_columns::list(&house, &acme.all).unwrap());
        assert!(offered.iter().any(|one| one.name == "custom:Department"));
        // The device goes, and with it the membership.
        engine::devices::remove(&house, &acme.all, phone.id).await.unwrap();
        groups::tick(&house).await.unwrap();
        assert!(members(&house, acme, sales).is_empty());
        // The column goes: the condition holds for nobody, and says so.
        custom_columns::remove(&house, &acme.all, column).await.unwrap();
        let group = groups::get(&house, &acme.all, sales).unwrap();
        assert!(groups::words(group.rule.as_ref().unwrap(), &[]).contains("something that is gone"));
    }
}

#[tokio::test]
async fn a_site_finds_who_was_seen_there_and_keeps_no_address() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let (twin, _) = house.provisioned(globex, "PHONE1").await;
        let campus = group(&house, acme, "Campus", GroupSettings::default()).await;
        let lab = group(&house, acme, "Lab", GroupSettings::default()).await;
        for (id, networks) in [(campus, "192.0.2.0/24"), (lab, "192.0.2.128/25")] {
            let networks = groups::networks([networks]).unwrap();
            groups::set_rule(&house, &acme.all, id, Some(MemberRule::Site(Site { networks }))).await.unwrap();
        }
        let call = async |tenant: &Tenant, id, from: &str| {
            let device = house.device(id);
            let from = Some(from.parse::<IpAddr>().unwrap());
            let hello = eas::Hello { from, ..hello("PHONE1", "14.1") };
            eas::heard(&house, &device, &hello, None).await.unwrap();
            groups::tick(&house).await.unwrap();
            let site = house.device(id).facts.text("site").map(str::to_owned);
            (site, members(&house, tenant, campus), members(&house, tenant, lab))
        };
        let here = vec![acme.anna.id];
        assert_eq!(call(acme, phone.id, "203.0.113.5").await, (None, vec![], vec![]));
        assert_eq!(call(acme, phone.id, "192.0.2.7").await, (Some("Campus".into()), here.clone(), vec![]));
        assert_eq!(call(acme, phone.id, "203.0.113.5").await.0, Some("Campus".into()), "the last one counts");
        // The narrowest network decides; an IPv4 address in the clothes of IPv6 is the same address.
        assert_eq!(call(acme, phone.id, "::ffff:192.0.2.200").await, (Some("Lab".into()), vec![], here));
        assert_eq!(call(globex, twin.id, "192.0.2.7").await.0, None, "another organization's site");
        let kept = house.journal(acme.id).await;
        assert!(
            kept.iter().any(|(event, _)| event == "device.site_changed"),
            "the user can read it in the diary"
        );
        let text = house.journal_text(acme.id).await;
        assert!(!text.contains("192.0.2.7") && !text.contains("192.0.2.200"), "{text}");
    }
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_in_words() {
    for house in houses().await {
        let acme = &house.acme;
        let id = group(&house, acme, "Group", GroupSettings::default()).await;
        let of_user = |key: &str| MemberField::User(key.into());
        let device = |key: &str| MemberField::Device(key.into());
        for (rule, says) in [
            (all(Vec::new()), "at least one condition"),
            (all(vec![condition(of_user("shoe_size"), Comparison::Is, "42")]), "nothing of that name"),
            (all(vec![condition(device("policy_state"), Comparison::Is, "current")]), "nothing of that name"),
            (all(vec![condition(of_user("enabled"), Comparison::Contains, "y")]), "cannot be asked"),
            (all(vec![condition(device("os_version"), Comparison::AtLeast, "new")]), "version such as"),
            (all(vec![condition(of_user("email"), Comparison::Is, " ")]), "Enter a value"),
            (all(vec![condition(of_user("email"), Comparison::IsKnown, ""); 21]), "at most 20"),
            (MemberRule::Site(Site::default()), "at least one network"),
            (MemberRule::Site(Site { networks: vec!["0.0.0.0/0".parse().unwrap()] }), "whole Internet"),
        ] {
            match groups::set_rule(&house, &acme.all, id, Some(rule)).await {
                Err(Error::Invalid(issues)) => {
                    assert!(issues[0].message.contains(says), "{issues:?} does not say {says}");
                }
                other => panic!("{other:?}, not {says}"),
            }
        }
        assert!(groups::networks(["10.0.0.0/8", " 192.0.2.1 ", ""]).is_ok_and(|all| all.len() == 2));
        assert!(groups::networks(["campus"]).is_err());
    }
}

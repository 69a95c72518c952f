use std::collections::BTreeSet;

use catalog::Value;
use domain::gate::{Gate, ProvisionReason};
use domain::model::{DeviceId, PolicySuiteId, SuiteValues};
use domain::policy::PolicyState;
use engine::policy::{self, SuiteInput};
use engine::users::{self, UserInput};
use engine::{Error, eas};

use crate::house::{House, Tenant, houses, user};

fn draft(house: &House, tenant: &Tenant, id: PolicySuiteId, change: impl Fn(&mut SuiteValues)) -> SuiteInput {
    let suite = policy::get(house, &tenant.all, id).unwrap();
    let mut values = suite.draft.clone();
    change(&mut values);
    SuiteInput { name: suite.name.clone(), draft: Some(values), ..SuiteInput::default() }
}

fn default_suite(house: &House, tenant: &Tenant) -> PolicySuiteId {
    engine::organizations::current(house, &tenant.all).unwrap().settings.default_suite.unwrap()
}

fn put(values: &mut SuiteValues, key: &str, value: Value) {
    values.corporate.0.insert(key.into(), value.clone());
    values.individual.0.insert(key.into(), value);
}

async fn edit(house: &House, tenant: &Tenant, id: PolicySuiteId, change: impl Fn(&mut SuiteValues)) {
    let input = draft(house, tenant, id, change);
    policy::edit(house, &tenant.all, id, input).await.unwrap();
}

fn state(house: &House, id: DeviceId) -> PolicyState {
    let device = house.device(id);
    let org = house.directory().organization(device.organization).unwrap();
    policy::state_of(&org.read(), &device)
}

#[tokio::test]
async fn a_draft_reaches_nobody_before_it_is_published_as_a_revision() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, twin_key) = house.provisioned(&house.globex, "PHONE1").await;
        let id = default_suite(&house, &house.acme);
        edit(&house, &house.acme, id, |v| put(v, "device.allow_camera", Value::Bool(false))).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        let difference = policy::diff_with_published(&house, &house.acme.all, id).unwrap();
        assert_eq!(difference.len(), 2, "one for each column");
        assert_eq!(policy::publish(&house, &house.acme.all, id, "No cameras").await, Ok(2));
        assert_eq!(house.gate(&phone, key), Gate::NeedProvision(ProvisionReason::PolicyRefresh));
        assert_eq!(house.gate(&twin, twin_key), Gate::Serve, "another organization's");
        let new = house.provision(phone.id).await;
        assert_eq!(house.gate(&phone, new), Gate::Serve);
        let again = policy::publish(&house, &house.acme.all, id, "").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "nothing is different");
        let revisions = policy::revisions(&house, &house.acme.all, id).await.unwrap();
        assert_eq!(revisions.iter().map(|r| r.number).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(revisions[0].note, "No cameras");
        assert_eq!(house.journaled(&house.acme, "policy.published", id).await, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn an_edit_that_does_not_touch_a_class_leaves_its_devices_alone() {
    for house in houses().await {
        let id = default_suite(&house, &house.acme);
        let (new, new_key) = house.provisioned(&house.acme, "NEW").await;
        let old = house.enrol(&house.acme, "OLD").await;
        let hello = crate::house::hello("OLD", "2.5");
        eas::heard(&house, &house.device(old.id), &hello, None).await.unwrap();
        let offer = eas::send_policy(&house, &house.device(old.id), "2.5").await.unwrap();
        let key = offer.temporary_key.to_string();
        eas::acknowledge(&house, &house.device(old.id), &key, 1).await.unwrap();
        assert_eq!(state(&house, old.id), PolicyState::Current);
        // The camera is not in the document of 2.5.
        edit(&house, &house.acme, id, |v| put(v, "device.allow_camera", Value::Bool(false))).await;
        assert_eq!(policy::affected(&house, &house.acme.all, id).unwrap(), [new.id]);
        policy::publish(&house, &house.acme.all, id, "").await.unwrap();
        assert_eq!(state(&house, old.id), PolicyState::Current);
        assert_eq!(house.gate(&new, new_key), Gate::NeedProvision(ProvisionReason::PolicyRefresh));
        house.finish().await;
    }
}

/// What is shown before publishing is what happens.
#[tokio::test]
async fn the_devices_named_before_publishing_are_those_that_become_outdated() {
    for house in houses().await {
        let id = default_suite(&house, &house.acme);
        let corporate = house.provisioned(&house.acme, "CORPORATE").await.0.id;
        let individual = house.provisioned(&house.acme, "INDIVIDUAL").await.0.id;
        let own = engine::devices::DeviceEdit {
            liability: Some(Some(catalog::Liability::Individual)),
            ..engine::devices::DeviceEdit::default()
        };
        engine::devices::edit(&house, &house.acme.all, individual, own).await.unwrap();
        house.provision(individual).await;
        let missing = house.enrol(&house.acme, "MISSING").await.id;
        let edits: [fn(&mut SuiteValues); 4] = [
            |v| drop(v.corporate.0.insert("device.allow_camera".into(), Value::Bool(false))),
            |v| drop(v.individual.0.insert("device.allow_camera".into(), Value::Bool(false))),
            |v| put(v, "mail.allow_html", Value::Bool(false)),
            |v| put(v, "device.allow_camera", Value::Bool(true)),
        ];
        for (round, change) in edits.into_iter().enumerate() {
            edit(&house, &house.acme, id, change).await;
            let named: BTreeSet<_> =
                policy::affected(&house, &house.acme.all, id).unwrap().into_iter().collect();
            assert_eq!(policy::affected_count(&house, &house.acme.all, id), Ok(named.len()));
            let outdated = |id: &DeviceId| state(&house, *id) == PolicyState::Outdated;
            let all = [corporate, individual, missing];
            let before: BTreeSet<_> = all.into_iter().filter(outdated).collect();
            policy::publish(&house, &house.acme.all, id, "").await.unwrap();
            let after: BTreeSet<_> = all.into_iter().filter(outdated).collect();
            assert_eq!(named, after.difference(&before).copied().collect(), "round {round}");
            assert!(!named.contains(&missing));
            if round % 2 == 0 {
                house.provision(corporate).await;
            }
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn going_back_is_a_new_revision_with_the_old_values() {
    for house in houses().await {
        let id = default_suite(&house, &house.acme);
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        edit(&house, &house.acme, id, |v| put(v, "device.allow_camera", Value::Bool(false))).await;
        policy::publish(&house, &house.acme.all, id, "").await.unwrap();
        assert_ne!(house.gate(&phone, key), Gate::Serve);
        assert_eq!(policy::roll_back(&house, &house.acme.all, id, 1).await, Ok(3));
        assert_eq!(house.gate(&phone, key), Gate::Serve, "it never fetched the other one");
        let suite = policy::get(&house, &house.acme.all, id).unwrap();
        assert_eq!(Some(&suite.draft), suite.published.as_ref().map(|p| &p.values));
        let unknown = policy::roll_back(&house, &house.acme.all, id, 9).await;
        assert_eq!(unknown, Err(Error::NotFound("revision")));
        let foreign = policy::roll_back(&house, &house.globex.all, id, 1).await;
        assert_eq!(foreign, Err(Error::NotFound("policy suite")));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_suite_in_use_goes_only_for_a_published_replacement() {
    for house in houses().await {
        let all = &house.acme.all;
        let strict =
            SuiteInput { name: "Strict".into(), template: Some("strict".into()), ..SuiteInput::default() };
        let strict = policy::create(&house, all, strict).await.unwrap();
        let old = default_suite(&house, &house.acme);
        let assigned = UserInput { suite: Some(old), ..user("anna", "acme.test") };
        users::edit(&house, all, house.acme.anna.id, assigned).await.unwrap();
        for replacement in [None, Some(strict)] {
            let outcome = policy::remove(&house, all, old, replacement).await;
            assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        }
        let itself = policy::remove(&house, all, old, Some(old)).await;
        assert!(matches!(itself, Err(Error::Invalid(_))), "{itself:?}");
        assert!(matches!(policy::assign_default(&house, all, strict).await, Err(Error::Conflict(_))));
        policy::publish(&house, all, strict, "").await.unwrap();
        let editor = house
            .role(&house.acme, "Editor", &[catalog::Permission::PolicyView, catalog::Permission::PolicyEdit])
            .await;
        let editor = house.administrator(&house.acme, "editor", editor).await;
        let denied = policy::remove(&house, &editor, old, Some(strict)).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        policy::remove(&house, all, old, Some(strict)).await.unwrap();
        assert_eq!(default_suite(&house, &house.acme), strict);
        assert_eq!(users::get(&house, all, house.acme.anna.id).unwrap().suite, Some(strict));
        assert_eq!(policy::get(&house, all, old).err(), Some(Error::NotFound("policy suite")));
        assert_ne!(house.gate(&phone, key), Gate::Serve, "it has another policy now");
        house.finish().await;
    }
}

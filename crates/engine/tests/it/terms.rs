//! Terms of use: drafts, versions, who accepted, and what follows for devices.

use std::collections::BTreeMap;

use catalog::{FactValue, Liability, Report, RuleId, Target, fact};
use domain::model::{Level, OrganizationId, TermsId, UserId};
use engine::reports::{self, Cell, Narrowed};
use engine::terms::{self, TermsInput};
use engine::{Error, Scope, compliance, users};

use crate::compliance::{level, rule};
use crate::house::{House, Tenant, houses, user};

fn input(texts: &[(&str, &str)]) -> TermsInput {
    TermsInput {
        texts: texts
            .iter()
            .map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        main_language: texts.first().map(|(tag, _)| (*tag).to_owned()).unwrap_or_default(),
        changes: "The phone may be located.".into(),
        accept_again: true,
        liability: None,
    }
}

async fn published(house: &House, scope: &Scope, input: TermsInput) -> TermsId {
    let id = terms::draft(house, scope, input).await.unwrap();
    terms::publish(house, scope, id).await.unwrap();
    id
}

async fn accept(
    house: &House,
    organization: OrganizationId,
    user: UserId,
    version: u32,
) -> Result<(), Error> {
    terms::accept(house, organization, user, version, "de", "iPhone\u{7}, Safari").await
}

/// Who has not accepted loses the network.
async fn with_rule(house: &House, tenant: &Tenant) {
    let edits = vec![
        rule(RuleId::TermsNotAccepted, true, &[], 0),
        level(Level::Organization, RuleId::TermsNotAccepted, &[Target::NetworkAccess]),
    ];
    compliance::edit_access(house, &tenant.all, edits).await.unwrap();
}

#[tokio::test]
async fn a_draft_becomes_a_version_that_never_changes() {
    for house in houses().await {
        let (all, other) = (&house.acme.all, &house.globex.all);
        let id = terms::draft(&house, all, input(&[("en", "  Be nice.\r\n\r\nPlease.  ")])).await.unwrap();
        let draft = terms::get(&house, all, id).await.unwrap();
        assert_eq!((draft.version, draft.texts["en"].as_str()), (0, "Be nice.\n\nPlease."));
        let second = terms::draft(&house, all, input(&[("en", "x")])).await;
        assert!(matches!(second, Err(Error::Conflict(_))), "one draft at a time: {second:?}");
        assert_eq!(terms::get(&house, other, id).await, Err(Error::NotFound("version of the terms")));
        assert_eq!(terms::list(&house, other).await, Ok(Vec::new()));
        assert_eq!(terms::publish(&house, other, id).await, Err(Error::NotFound("version of the terms")));
        terms::publish(&house, all, id).await.unwrap();
        let changed = terms::edit(&house, all, id, None, input(&[("en", "Be rude.")])).await;
        assert!(matches!(changed, Err(Error::Conflict(_))), "{changed:?}");
        assert!(matches!(terms::discard(&house, all, id).await, Err(Error::Conflict(_))));
        assert!(matches!(terms::publish(&house, all, id).await, Err(Error::Conflict(_))));
        let next = published(&house, all, input(&[("de", "Seid nett."), ("en", "Be nicer.")])).await;
        let versions: Vec<_> =
            terms::list(&house, all).await.unwrap().iter().map(|t| (t.id, t.version)).collect();
        assert_eq!(versions, [(next, 2), (id, 1)]);
        let gone = terms::draft(&house, all, input(&[("en", "x")])).await.unwrap();
        terms::discard(&house, all, gone).await.unwrap();
        assert_eq!(terms::get(&house, all, gone).await, Err(Error::NotFound("version of the terms")));
        house.finish().await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_beside_the_field() {
    for house in houses().await {
        let all = &house.acme.all;
        let long = "x".repeat(60_001);
        for (bad, field) in [
            (input(&[]), "texts"),
            (input(&[("en", "   ")]), "texts"),
            (input(&[("english", "Be nice.")]), "texts"),
            (input(&[("EN", "Be nice.")]), "texts"),
            (input(&[("en", &long)]), "texts"),
            (input(&[("en", "bell \u{7}")]), "texts"),
            (TermsInput { main_language: "fr".into(), ..input(&[("en", "Be nice.")]) }, "main_language"),
            (TermsInput { changes: "y".repeat(1001), ..input(&[("en", "Be nice.")]) }, "changes"),
        ] {
            match terms::draft(&house, all, bad.clone()).await {
                Err(Error::Invalid(issues)) => {
                    assert!(issues.iter().any(|i| i.field == field), "{field}: {issues:?}");
                }
                other => panic!("{field}: {other:?}"),
            }
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn a_user_reads_and_accepts_what_is_in_force() {
    for house in houses().await {
        let (all, acme) = (&house.acme.all, house.acme.id);
        let mara = house.acme.anna.id;
        assert_eq!(terms::current(&house, acme, mara, "de").await, Ok(None), "there are none");
        assert!(matches!(accept(&house, acme, mara, 1).await, Err(Error::Conflict(_))));
        published(&house, all, input(&[("en", "Be nice."), ("de", "Seid nett.")])).await;
        let shown = terms::current(&house, acme, mara, "de-AT").await.unwrap().unwrap();
        assert_eq!((shown.text.as_str(), shown.due, shown.changes.as_str()), ("Seid nett.", true, ""));
        accept(&house, acme, mara, 1).await.unwrap();
        accept(&house, acme, mara, 1).await.unwrap();
        let org = house.directory().organization(acme).unwrap();
        let accepted = org.read().user(mara).unwrap().accepted.clone();
        assert_eq!(accepted.len(), 1, "a second time changes nothing");
        assert_eq!((accepted[0].language.as_str(), accepted[0].device.as_str()), ("de", "iPhone, Safari"));
        assert!(!terms::current(&house, acme, mara, "de").await.unwrap().unwrap().due);
        // A correction need not be accepted; the next version must.
        let correction = TermsInput { accept_again: false, ..input(&[("en", "Be nice!")]) };
        published(&house, all, correction).await;
        let shown = terms::current(&house, acme, mara, "en").await.unwrap().unwrap();
        assert_eq!(
            (shown.version, shown.due, shown.changes.as_str()),
            (2, false, "The phone may be located.")
        );
        published(&house, all, input(&[("en", "Be very nice.")])).await;
        assert!(terms::current(&house, acme, mara, "en").await.unwrap().unwrap().due);
        assert!(
            matches!(accept(&house, acme, mara, 2).await, Err(Error::Conflict(_))),
            "not what is in force"
        );
        assert_eq!(accept(&house, house.globex.id, mara, 3).await, Err(Error::NotFound("user")));
        terms::withdraw(&house, all).await.unwrap();
        assert_eq!(terms::current(&house, acme, mara, "en").await, Ok(None));
        assert!(matches!(terms::withdraw(&house, all).await, Err(Error::Conflict(_))));
        // Only for devices of one kind, of which this user has none.
        let own =
            TermsInput { liability: Some(Liability::Individual), ..input(&[("en", "Your own phone.")]) };
        published(&house, all, own).await;
        assert_eq!(terms::current(&house, acme, mara, "en").await, Ok(None));
        house.finish().await;
    }
}

#[tokio::test]
async fn the_rule_sees_who_has_not_accepted() {
    for house in houses().await {
        let (all, acme) = (&house.acme.all, house.acme.id);
        let mara = house.acme.anna.id;
        with_rule(&house, &house.acme).await;
        with_rule(&house, &house.globex).await;
        let device = house.enrol(&house.acme, "PHONE1").await.id;
        let theirs = house.enrol(&house.globex, "PHONE2").await.id;
        let accepted = |organization, id| {
            let org = house.directory().organization(organization).unwrap();
            let org = org.read();
            let device = org.devices.get(id).unwrap().clone();
            let fact = device.facts.get(fact("terms_accepted").unwrap()).map(|known| known.value.clone());
            (fact, device.verdict.findings.iter().any(|found| found.rule == RuleId::TermsNotAccepted))
        };
        assert_eq!(accepted(acme, device), (None, false), "no terms: nothing is known, nothing is broken");
        published(&house, all, input(&[("en", "Be nice.")])).await;
        assert_eq!(accepted(acme, device), (Some(FactValue::Bool(false)), true), "in force at its answer");
        accept(&house, acme, mara, 1).await.unwrap();
        assert_eq!(accepted(acme, device), (Some(FactValue::Bool(true)), false));
        published(&house, all, input(&[("en", "Be nicer.")])).await;
        assert_eq!(accepted(acme, device), (Some(FactValue::Bool(false)), true));
        terms::withdraw(&house, all).await.unwrap();
        assert_eq!(accepted(acme, device), (None, false));
        assert_eq!(accepted(house.globex.id, theirs), (None, false), "nobody else's terms");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_version_that_shuts_out_many_waits_for_a_second_person() {
    for house in houses().await {
        let all = &house.acme.all;
        with_rule(&house, &house.acme).await;
        for number in 0..7 {
            house.provisioned(&house.acme, &format!("PHONE{number}")).await;
        }
        let id = terms::draft(&house, all, input(&[("en", "Be nice.")])).await.unwrap();
        let held = terms::publish(&house, all, id).await;
        assert!(matches!(held, Err(Error::Held(_))), "{held:?}");
        assert_eq!(terms::get(&house, all, id).await.unwrap().version, 0);
        let what = engine::approvals::list(&house, all, 10).unwrap().0;
        assert_eq!(what[0].what, "Publish version 1 of the terms of use");
        assert_eq!(what[0].withdraws, Some(7));
        house.finish().await;
    }
}

#[tokio::test]
async fn the_report_says_who_has_still_to_accept() {
    for house in houses().await {
        let all = &house.acme.all;
        let mara = users::create(&house, all, user("mara", "acme.test")).await.unwrap().id;
        users::create(&house, &house.globex.all, user("hank", "globex.test")).await.unwrap();
        let rows = async || {
            let sheet = reports::run(&house, all, Report::TermsAccepted, &Narrowed::default()).await.unwrap();
            let text = |cell: &Cell| match cell {
                Cell::Text(text) | Cell::User(_, text) => text.clone(),
                _ => String::new(),
            };
            sheet.rows.iter().map(|row| format!("{}: {}", text(&row[0]), text(&row[3]))).collect::<Vec<_>>()
        };
        assert_eq!(rows().await, [""; 0], "no terms, nothing to accept");
        published(&house, all, input(&[("en", "Be nice.")])).await;
        accept(&house, house.acme.id, mara, 1).await.unwrap();
        let said = rows().await;
        let of = |name: &str| said.iter().find(|row| row.starts_with(name)).cloned();
        assert_eq!(of("mara").as_deref(), Some("mara: Accepted"));
        assert_eq!(of("anna").as_deref(), Some("anna: Not accepted"));
        assert_eq!(of("hank"), None, "nobody of another organization");
        house.finish().await;
    }
}

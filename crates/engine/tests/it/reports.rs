//! Reports: every one runs over a house with devices, tells what is there, and nothing of another organization.

use std::collections::BTreeMap;

use catalog::{Permission, Platform, REPORTS, Report, RuleId, Target};
use domain::model::{Level, Restrictions, RuleConfig};
use engine::compliance::{AccessEdit, edit_access};
use engine::export::Format;
use engine::reports::{self, Cell, Chart, Narrowed, Sheet};
use engine::{Error, compliance};

use crate::house::{House, Tenant, houses};

const DAY: i64 = 86_400_000;

async fn sheet(house: &House, tenant: &Tenant, report: Report, narrowed: &Narrowed) -> Sheet {
    reports::run(house, &tenant.all, report, narrowed).await.unwrap()
}

/// The devices in a sheet, by name, in order.
fn devices(sheet: &Sheet) -> Vec<&str> {
    let name = |cell: &'_ Cell| matches!(cell, Cell::Device(..));
    sheet
        .rows
        .iter()
        .filter_map(|row| row.iter().find(|cell| name(cell)))
        .map(|cell| match cell {
            Cell::Device(_, name) => name.as_str(),
            _ => unreachable!("a device"),
        })
        .collect()
}

#[tokio::test]
async fn every_report_has_a_value_for_each_column_and_nothing_of_others() {
    for house in houses().await {
        let (mine, _) = house.provisioned(&house.acme, "MINE01").await;
        let (theirs, _) = house.provisioned(&house.globex, "THEIRS01").await;
        let all = Narrowed::default();
        for info in REPORTS {
            let sheet = sheet(&house, &house.acme, info.report, &all).await;
            assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()), "{}", info.key);
            let text = format!("{sheet:?}");
            assert!(
                !text.contains(&theirs.id.to_string()) && !text.contains("THEIRS01"),
                "{}: {text}",
                info.key
            );
            for format in Format::ALL {
                let file = reports::export(&house, &house.acme.all, info.report, &all, format);
                assert!(!file.await.unwrap().is_empty(), "{}", info.key);
            }
        }
        let sheet = sheet(&house, &house.acme, Report::UsersAndDevices, &Narrowed::default()).await;
        assert_eq!(devices(&sheet), [mine.name.as_str()]);
        let exported = house.journaled(&house.acme, "report.exported", "").await;
        assert_eq!(exported, REPORTS.len() * Format::ALL.len());
        house.finish().await;
    }
}

#[tokio::test]
async fn silence_restriction_and_filters_are_those_of_the_devices() {
    for house in houses().await {
        let acme = &house.acme;
        let (silent, _) = house.provisioned(acme, "SILENT1").await;
        let config = RuleConfig { on: true, ..RuleConfig::default() };
        let ticks = BTreeMap::from([(RuleId::NoContact, [Target::NetworkAccess].into_iter().collect())]);
        let edits = vec![
            AccessEdit::Rule { rule: RuleId::NoContact, config: Some(config) },
            AccessEdit::Level { level: Level::Organization, restrictions: Some(Restrictions(ticks)) },
        ];
        edit_access(&house, &acme.all, edits).await.unwrap();
        house.clock.advance(40 * DAY);
        let (fresh, _) = house.provisioned(acme, "FRESH01").await;
        compliance::reevaluate(&house, acme.id).await.unwrap();

        let all = sheet(&house, acme, Report::NotConnected, &Narrowed::default()).await;
        assert_eq!(devices(&all), [silent.name.as_str()], "a week by default");
        let long = Narrowed { days: Some(90), ..Narrowed::default() };
        assert!(sheet(&house, acme, Report::NotConnected, &long).await.rows.is_empty());
        let restricted = sheet(&house, acme, Report::RestrictedDevices, &Narrowed::default()).await;
        assert_eq!(devices(&restricted), [silent.name.as_str()]);
        let rule = RuleId::NoContact.entry().label;
        assert!(restricted.rows[0].contains(&Cell::Text(rule.into())), "{restricted:?}");
        assert_eq!(restricted.chart, Some(Chart::Bars(vec![(rule.into(), 1)])));

        let narrowed = Narrowed { platform: Some(fresh.platform), ..Narrowed::default() };
        assert_eq!(sheet(&house, acme, Report::UsersAndDevices, &narrowed).await.rows.len(), 2);
        let other = [Platform::Windows, Platform::Android].into_iter().find(|p| *p != fresh.platform);
        let narrowed = Narrowed { platform: other, ..Narrowed::default() };
        assert!(sheet(&house, acme, Report::UsersAndDevices, &narrowed).await.rows.is_empty());

        let came = sheet(&house, acme, Report::Enrolment, &Narrowed::default()).await;
        let text = format!("{came:?}");
        assert!(text.contains(&fresh.name) && !text.contains("{name}"), "{text}");
        assert!(!came.rows.is_empty() && came.rows.len() < 4, "the last thirty days only: {text}");
        house.finish().await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_permissions_are_those_of_the_data() {
    for house in houses().await {
        let acme = &house.acme;
        let wrong = [
            (Report::NotConnected, Narrowed { days: Some(0), ..Narrowed::default() }, "days"),
            (Report::Enrolment, Narrowed { from: Some(2), until: Some(1), ..Narrowed::default() }, "until"),
        ];
        for (report, narrowed, field) in wrong {
            match reports::run(&house, &acme.all, report, &narrowed).await {
                Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        let role = house.role(acme, "Devices only", &[Permission::DevicesView]).await;
        let looker = house.administrator(acme, "looker", role).await;
        let seen: Vec<_> = reports::list(&looker).iter().map(|info| info.report).collect();
        assert!(seen.contains(&Report::UsersAndDevices) && !seen.contains(&Report::AdministratorActivity));
        let narrowed = Narrowed::default();
        let refused = reports::run(&house, &looker, Report::AdministratorActivity, &narrowed).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let refused = reports::export(&house, &looker, Report::UsersAndDevices, &narrowed, Format::Csv).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        house.finish().await;
    }
}

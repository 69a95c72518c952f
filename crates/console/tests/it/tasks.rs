//! Database Task Scheduler: a report by mail is made from a report's page, kept, changed, run and removed.

use engine::report_mails;

use crate::house::{House, Who};

const ADD: &str = "/dashboard/task-scheduler/reports/add";

#[tokio::test]
async fn a_report_by_mail_is_made_changed_run_and_removed() {
    let house = House::build().await;
    let report = house.get(Who::Full, "/dashboard/reports/not_connected?days=9").await;
    assert!(report.body.contains(&format!("{ADD}?report=not_connected")), "{}", report.body);
    let form = house.get(Who::Full, &format!("{ADD}?report=not_connected&days=9")).await;
    assert!(form.body.contains("name=\"silent_days\"") && form.body.contains("value=\"9\""), "{}", form.body);
    assert!(!form.body.contains("name=\"period_days\""), "this report has no period");

    let good = [
        ("report", "not_connected"),
        ("name", "Silence"),
        ("silent_days", "9"),
        ("format", "xlsx"),
        ("recipients", "boss@acme.test\r\nanna@acme.test\r\n"),
        ("every", "month"),
        ("weekday", "1"),
        ("day", "31"),
        ("time", "06:30"),
        ("on", "on"),
    ];
    for (field, value, words) in [
        ("time", "25:00", "Enter a time"),
        ("day", "32", "a day of the month"),
        ("silent_days", "many", "Enter a number."),
        ("recipients", "boss@elsewhere.test", "neither in a mail domain"),
    ] {
        let bad: Vec<_> = good.iter().map(|(n, v)| (*n, if *n == field { value } else { *v })).collect();
        let page = house.post(Who::Full, ADD, &bad).await;
        assert_eq!(page.status, 422, "{field}");
        assert!(page.body.contains(words) && page.body.contains("Silence"), "{field}: {}", page.body);
    }
    assert_eq!(house.post(Who::Full, ADD, &good).await.status, 303);
    let scope = house.scope(Who::Full).await;
    let mail = report_mails::list(&house.engine, &scope).await.expect("a list").remove(0);
    assert_eq!((mail.silent_days, mail.workbook, mail.recipients.len()), (Some(9), true, 2));
    let one = format!("/dashboard/task-scheduler/reports/{}", mail.id);
    let page = house.get(Who::Full, &one).await;
    assert!(page.body.contains("value=\"31\"") && page.body.contains("value=\"06:30\""), "{}", page.body);
    let list = house.get(Who::ReadOnly, "/dashboard/task-scheduler").await;
    assert!(
        list.body.contains("Day 31 of each month at 06:30") && !list.body.contains("Run now"),
        "{}",
        list.body
    );

    // Somebody else was faster.
    let mut stale = good.to_vec();
    stale.push(("rev", "7"));
    assert_ne!(house.post(Who::Full, &one, &stale).await.status, 303);
    let run = format!("/dashboard/task-scheduler/run/report-{}", mail.id);
    assert_eq!(house.post(Who::Full, &run, &[]).await.status, 303);
    let list = house.get(Who::Full, "/dashboard/task-scheduler").await;
    assert!(list.body.contains("Failed") && list.body.contains("no SMTP server"), "{}", list.body);
    assert_eq!(house.post(Who::Foreign, &run, &[]).await.status, 404);
    assert_eq!(house.post(Who::Foreign, &format!("{one}/remove"), &[]).await.status, 404);
    assert_eq!(house.post(Who::Full, &format!("{one}/remove"), &[]).await.status, 303);
    assert_eq!(house.get(Who::Full, &one).await.status, 404);
    // Outside of every organization there are the installation's own.
    let system = house.get(Who::System, "/dashboard/task-scheduler").await;
    assert!(system.body.contains("Purge the journal") && !system.body.contains("Purge commands"));
    assert_eq!(house.get(Who::System, ADD).await.status, 404);
}

//! The Database Task Scheduler: what there is, how it went, and running it now.

use catalog::{Permission, Purge, Report};
use domain::model::{Organization, Recurrence};
use engine::report_mails::{self, ReportMailInput};
use engine::tasks::{self, Ran, Task, TaskId};
use engine::{Error, Scope, retention, sign_in};

use crate::house::{HOUR, House, houses};

const DAY: i64 = 24 * HOUR;

async fn task(house: &House, scope: &Scope, id: TaskId) -> Task {
    tasks::get(house, scope, id).await.unwrap()
}

#[tokio::test]
async fn a_purge_honours_the_days_and_its_organization_and_says_how_it_went() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let journal = TaskId::Purge(Purge::Journal);
        let before = task(&house, &acme.all, journal).await;
        assert!(!before.on && before.next_at.is_none() && before.last.is_none(), "{before:?}");
        let forever = tasks::run(&house.engine, &acme.all, journal).await;
        assert!(matches!(forever, Err(Error::Conflict(_))), "{forever:?}");

        house.settings(acme, |settings| settings.journal_days = 30).await;
        let entries = house.journal(acme.id).await.len();
        let theirs = house.journal(globex.id).await.len();
        house.clock.advance(29 * DAY);
        let Ran::Done(early) = tasks::run(&house.engine, &acme.all, journal).await.unwrap() else {
            panic!("it takes no time")
        };
        assert_eq!(early.says, "Nothing was old enough.");
        house.clock.advance(2 * DAY);
        let Ran::Done(outcome) = tasks::run(&house.engine, &acme.all, journal).await.unwrap() else {
            panic!("it takes no time")
        };
        assert!(outcome.good && outcome.says == format!("{entries} were removed."), "{outcome:?}");
        assert_eq!(task(&house, &acme.all, journal).await.last, Some(outcome));
        assert_eq!(house.journal(acme.id).await.len(), 1, "what was said about it");
        assert_eq!(house.journal(globex.id).await.len(), theirs);
        assert_eq!(task(&house, &globex.all, journal).await.last, None);

        // The daily run tells all of them.
        retention::run_if_due(&house).await.unwrap().unwrap();
        let now = house.clock.now();
        for id in [journal, TaskId::Purge(Purge::Tokens), TaskId::Purge(Purge::RadiusRequests)] {
            let after = task(&house, &acme.all, id).await;
            assert_eq!((after.last.map(|last| last.at), after.next_at), (Some(now), Some(now + DAY)));
        }
        let system = sign_in::command_line(Organization::SYSTEM);
        let all = tasks::list(&house, &system).await.unwrap();
        assert!(all.iter().any(|task| task.id == TaskId::Purge(Purge::Tokens) && task.last.is_some()));
        assert!(all.iter().all(|task| task.id != TaskId::Purge(Purge::Commands)), "it has no devices");
        house.finish().await;
    }
}

#[tokio::test]
async fn reports_by_mail_are_tasks_and_only_those_who_may_run_them() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let input = ReportMailInput {
            name: "Who is silent".into(),
            report: Report::NotConnected,
            platform: None,
            group: None,
            silent_days: Some(7),
            period_days: 30,
            workbook: false,
            recipients: vec!["boss@acme.test".into()],
            when: Recurrence::Week { weekday: 1, minute: 450 },
            on: true,
        };
        let id = TaskId::Report(report_mails::create(&house, &acme.all, input).await.unwrap());
        let found = task(&house, &acme.all, id).await;
        assert_eq!(found.when, "Mondays at 07:30");
        assert!(found.on && found.may_run && found.next_at.is_some(), "{found:?}");
        // There is no SMTP server.
        let Ran::Done(outcome) = tasks::run(&house.engine, &acme.all, id).await.unwrap() else {
            panic!("it takes no time")
        };
        assert!(!outcome.good, "{outcome:?}");
        assert_eq!(task(&house, &acme.all, id).await.last, Some(outcome));

        let foreign = tasks::run(&house.engine, &globex.all, id).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        let role = house.role(acme, "Looks", &[Permission::OrganizationView]).await;
        let looks = house.administrator(acme, "looks", role).await;
        let all = tasks::list(&house, &looks).await.unwrap();
        assert!(all.iter().any(|task| task.id == id) && all.iter().all(|task| !task.may_run));
        for id in [id, TaskId::Purge(Purge::Tokens)] {
            let refused = tasks::run(&house.engine, &looks, id).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let role = house.role(acme, "Blind", &[Permission::DevicesView]).await;
        let blind = house.administrator(acme, "blind", role).await;
        assert!(matches!(tasks::list(&house, &blind).await, Err(Error::Denied(_))));
        house.finish().await;
    }
}

//! What goes wrong outside of every device: background jobs, the database, mail servers. Each is told once, to those whom
//! it concerns, and its alert ends by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::model::{Alert, AlertState, Organization};
use engine::alerts::{self, AlertFollower, Filter};
use engine::jobs::{self, Job};
use engine::servers::{self, ServerInput};
use engine::{Error, Scope, sign_in};

use crate::house::{House, MINUTE, houses};

async fn alert(house: &House, scope: &Scope, kind: &str, state: AlertState) -> Alert {
    let begun = Instant::now();
    loop {
        let filter = Filter { kind: Some(kind.into()), ..Filter::default() };
        let found = alerts::list(house, scope, filter, 10).await.unwrap();
        if let Some(alert) = found.first().filter(|alert| alert.state == state) {
            assert_eq!(found.len(), 1, "{found:?}");
            return alert.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{kind}: {found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn count(house: &House, scope: &Scope) -> usize {
    alerts::list(house, scope, Filter::default(), 100).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_installation_tells_its_system_administrators_alone() {
    for house in houses().await {
        let system = sign_in::command_line(Organization::SYSTEM);
        let running = house.follow(Arc::new(AlertFollower)).await;
        let mut job = Job::default();
        let failure = Err(Error::Upstream("the disk is slow".into()));
        for _ in 0..2 {
            job.ran(&house, "housekeeping", &failure).await.unwrap();
        }
        // One that works in between begins anew.
        job.ran(&house, "housekeeping", &Ok(())).await.unwrap();
        for _ in 0..6 {
            job.ran(&house, "housekeeping", &failure).await.unwrap();
        }
        let raised = alert(&house, &system, "installation.job_failed", AlertState::New).await;
        assert_eq!(raised.text, "The background job housekeeping fails again and again");
        assert!(raised.detail.contains("the disk is slow") && raised.count == 1, "{raised:?}");
        job.ran(&house, "housekeeping", &Ok(())).await.unwrap();
        alert(&house, &system, "installation.job_failed", AlertState::Closed).await;

        // Nothing can be said while the database is away; then both is.
        jobs::wrote(&house, &Err(Error::Busy(5))).await.unwrap();
        house.clock.advance(7 * MINUTE);
        jobs::wrote(&house, &Err(Error::Busy(5))).await.unwrap();
        for _ in 0..2 {
            jobs::wrote(&house, &Ok(())).await.unwrap();
        }
        let over = alert(&house, &system, "installation.storage_failed", AlertState::Closed).await;
        assert!(over.detail.contains("7 minutes"), "{over:?}");
        // It is the installation's: no organization hears of it, and none may look.
        for tenant in [&house.acme, &house.globex] {
            assert_eq!(count(&house, &tenant.all).await, 0);
            assert!(matches!(alerts::get(&house, &tenant.all, over.id).await, Err(Error::NotFound(_))));
        }
        let (_, settings) = alerts::settings(&house, &system).unwrap();
        let wrong = [("device.wiped".to_owned(), domain::model::AlertRule::default())].into();
        let wrong = domain::model::AlertSettings { kinds: wrong, ..settings.alerts.clone() };
        let refused = alerts::edit_settings(&house, &system, None, wrong).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "no device is the installation's: {refused:?}");
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_stays_away_alerts_its_own_organization() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let running = house.follow(Arc::new(AlertFollower)).await;
        let input = ServerInput {
            name: "Exchange".into(),
            url: "https://mail.acme.test".into(),
            ..ServerInput::default()
        };
        let id = servers::create(&house, &acme.all, input.clone()).await.unwrap();
        let twin = servers::create(&house, &globex.all, input).await.unwrap();
        let server = |tenant: &crate::house::Tenant, id| {
            let org = house.directory().organization(tenant.id).unwrap();
            org.read().server(id).map(Arc::clone).unwrap()
        };
        let fails = |times: usize| {
            (0..times).for_each(|_| servers::did_not_answer(&house, &server(acme, id), "timed out"));
        };
        // Two failures, an answer, two failures: a bad connection now and then.
        fails(2);
        servers::answered(&house, id);
        fails(2);
        house.clock.advance(2 * MINUTE);
        servers::tell_health(&house).await.unwrap();
        assert_eq!(house.journaled(acme, "server.unreachable", id).await, 0);
        fails(1);
        // The answer of another server says nothing about this one.
        servers::answered(&house, twin);
        for _ in 0..2 {
            servers::tell_health(&house).await.unwrap();
        }
        let raised = alert(&house, &acme.all, "server.unreachable", AlertState::New).await;
        assert_eq!(
            (raised.text.as_str(), raised.detail.as_str()),
            ("ActiveSync server Exchange cannot be reached", "timed out")
        );
        assert_eq!(count(&house, &globex.all).await, 0);
        servers::answered(&house, id);
        servers::tell_health(&house).await.unwrap();
        alert(&house, &acme.all, "server.unreachable", AlertState::Closed).await;
        assert_eq!(house.journaled(acme, "server.reachable", id).await, 1);
        running.abort();
        house.finish().await;
    }
}

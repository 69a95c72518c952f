//! The audit trail is checked in the background, and what does not verify becomes an alert.

use std::sync::Arc;

use domain::model::{Actor, Organization, OrganizationId};
use engine::alerts::AlertFollower;
use engine::{Error, journal_check};

use crate::alerts::until;
use crate::house::{HOUR, House, houses};

/// Somebody with access to the database, but not to the key file.
async fn forge(house: &House, organization: OrganizationId, statement: &'static str) {
    let write = house.database().write(organization, Actor::System, async move |tx| {
        tx.execute(statement, &[tx.organization().into()]).await?;
        Ok::<_, Error>(())
    });
    write.await.unwrap();
}

async fn told(house: &House, organization: OrganizationId) -> usize {
    house.journal(organization).await.iter().filter(|(event, _)| event == "journal.damaged").count()
}

const FORGED: &str = "UPDATE journal SET actor = actor || '!' WHERE organization_id = $1 AND sequence = 2";
const PUT_BACK: &str = "UPDATE journal SET actor = substr(actor, 1, length(actor) - 1) WHERE organization_id = $1 AND sequence = 2";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_entry_is_found_told_once_a_pass_and_becomes_an_alert() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let running = house.follow(Arc::new(AlertFollower)).await;
        journal_check::run(&house).await.unwrap();
        assert_eq!(told(&house, acme.id).await, 0, "it is sound");
        // What was checked a moment ago is not looked at again before the next pass.
        forge(&house, acme.id, FORGED).await;
        journal_check::run(&house).await.unwrap();
        assert_eq!(told(&house, acme.id).await, 0);
        house.clock.advance(24 * HOUR);
        for _ in 0..3 {
            journal_check::run(&house).await.unwrap();
            assert_eq!(told(&house, acme.id).await, 1, "once in a pass");
        }
        assert!(house.journal_text(acme.id).await.contains("it was changed"));
        assert_eq!(told(&house, Organization::SYSTEM).await, 1, "who looks after the database must know");
        assert_eq!(told(&house, globex.id).await, 0);
        let found = until(&house, &acme.all, |all| all.iter().any(|a| a.kind == "journal.damaged")).await;
        let alert = found.iter().find(|alert| alert.kind == "journal.damaged").unwrap();
        assert!(alert.detail.contains("entry 2"), "{}", alert.detail);
        until(&house, &globex.all, <[_]>::is_empty).await;
        running.abort();
        forge(&house, acme.id, PUT_BACK).await;
        house.clock.advance(24 * HOUR);
        journal_check::run(&house).await.unwrap();
        assert_eq!(told(&house, acme.id).await, 1, "sound again");
        house.finish().await;
    }
}

#[tokio::test]
async fn what_is_new_is_checked_in_the_next_run_and_a_forged_position_leaves_nothing_out() {
    for house in houses().await {
        let acme = &house.acme;
        journal_check::run(&house).await.unwrap();
        let first = house.journal(acme.id).await.len();
        house.settings(acme, |s| s.contact = "Ask Ada".into()).await;
        assert!(house.journal(acme.id).await.len() > first);
        let newest = "UPDATE journal SET subject = subject || '!' WHERE organization_id = $1 AND sequence = \
                      (SELECT max(sequence) FROM journal WHERE organization_id = $1)";
        forge(&house, acme.id, newest).await;
        journal_check::run(&house).await.unwrap();
        assert_eq!(told(&house, acme.id).await, 1);

        // Whoever writes where the check goes on from cannot make a code for it: it begins anew.
        let back = "UPDATE journal SET subject = substr(subject, 1, length(subject) - 1) WHERE organization_id = $1 \
                    AND subject LIKE '%!'";
        forge(&house, acme.id, back).await;
        forge(&house, acme.id, FORGED).await;
        let (name, forged) = (format!("journal_check/{}", acme.id), r#"{"began_at":0,"position":"9 00 00"}"#);
        let write = house.database().write(Organization::SYSTEM, Actor::System, async move |tx| {
            let forged = forged.replace(r#""}"#, r#"","is_through":false,"told":[]}"#);
            store::repo::installation::settings::put(tx, &name, forged.as_bytes()).await
        });
        write.await.unwrap();
        journal_check::run(&house).await.unwrap();
        assert_eq!(told(&house, acme.id).await, 2);
        forge(&house, acme.id, PUT_BACK).await;
        house.finish().await;
    }
}

//! Scheduled backups: at their time, so many kept, nobody else's files touched, and what fails is said.

use std::path::Path;

use domain::model::{Actor, Organization};
use engine::backups::{self, Plan};
use engine::tasks::{self, Ran, Task, TaskId};
use engine::{Error, sign_in};
use store::{Location, Options, Store};

use crate::house::{HOUR, House, houses};

const DAY: i64 = 24 * HOUR;

fn files(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut all: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
    all.sort();
    all
}

async fn task(house: &House) -> Task {
    let system = sign_in::command_line(Organization::SYSTEM);
    tasks::get(house, &system, TaskId::Backup).await.unwrap()
}

async fn journaled(house: &House, event: &str) -> usize {
    house.journal(Organization::SYSTEM).await.iter().filter(|(found, _)| found == event).count()
}

#[tokio::test]
async fn a_backup_is_made_once_a_day_and_so_many_are_kept() {
    let house = House::on(testkit::sqlite().await).await;
    let system = sign_in::command_line(Organization::SYSTEM);
    backups::tick(&house).await.unwrap();
    assert_eq!(task(&house).await.next_at, None, "no folder was named");
    let refused = tasks::run(&house.engine, &system, TaskId::Backup).await;
    assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("[backup]")), "{refused:?}");

    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::write(folder.join("notifymdm-mine.db"), "kept").unwrap();
    // A run that was interrupted left this behind.
    std::fs::create_dir(folder.join("notifymdm-2025-12-31T000000Z.db.0a0b.partial")).unwrap();
    house.backs_up(Plan { folder: folder.to_owned(), keep: 2, minute: 150 });
    for _ in 0..3 {
        backups::tick(&house).await.unwrap();
    }
    assert_eq!(files(folder), ["notifymdm-2026-01-01T000000Z.db", "notifymdm-mine.db"], "one, at once");
    assert_eq!(task(&house).await.next_at, Some(house.clock.now() + 150 * 60_000));
    house.clock.advance(150 * 60_000);
    backups::tick(&house).await.unwrap();
    house.clock.advance(DAY - 1);
    backups::tick(&house).await.unwrap();
    assert_eq!(files(folder).len(), 3, "not before its time");
    house.clock.advance(1);
    backups::tick(&house).await.unwrap();
    let kept = ["notifymdm-2026-01-01T023000Z.db", "notifymdm-2026-01-02T023000Z.db", "notifymdm-mine.db"];
    assert_eq!(files(folder), kept);
    let last = task(&house).await.last.unwrap();
    assert!(last.good && last.says.contains("verified; 2 kept"), "{last:?}");
    assert_eq!(journaled(&house, "installation.backed_up").await, 3);

    // It can be restored, and holds both organizations.
    let to = tempfile::tempdir().unwrap();
    let options = Options::new(Location::Sqlite(to.path().into()), testkit::secret_key());
    store::restore(&folder.join(kept[1]), options.clone()).await.unwrap();
    let restored = Store::open(options).await.unwrap();
    let found = restored.read(Organization::SYSTEM, async |tx| {
        store::repo::installation::entities::organizations(tx, None, 10).await
    });
    assert_eq!(found.await.unwrap().len(), 2);
    house.finish().await;
}

#[tokio::test]
async fn one_that_fails_is_said_and_tried_again_and_an_organization_has_none() {
    let house = House::on(testkit::sqlite().await).await;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("not mounted");
    house.backs_up(Plan { folder: folder.clone(), keep: 2, minute: 0 });
    backups::tick(&house).await.unwrap();
    backups::tick(&house).await.unwrap();
    let failed = task(&house).await;
    let last = failed.last.unwrap();
    assert!(!last.good && last.says.contains("not mounted does not exist"), "{last:?}");
    assert_eq!(failed.next_at, Some(house.clock.now() + HOUR));
    assert_eq!(journaled(&house, "installation.backup_failed").await, 1);
    std::fs::create_dir(&folder).unwrap();
    house.clock.advance(HOUR);
    backups::tick(&house).await.unwrap();
    assert!(task(&house).await.last.unwrap().good);

    let inside = tasks::run(&house.engine, &house.acme.all, TaskId::Backup).await;
    assert!(matches!(inside, Err(Error::NotFound(_))), "{inside:?}");
    house.finish().await;
}

#[tokio::test]
async fn on_request_and_never_for_postgresql() {
    for house in houses().await {
        let place = tempfile::tempdir().unwrap();
        house.backs_up(Plan { folder: place.path().to_owned(), keep: 2, minute: 0 });
        let system = sign_in::command_line(Organization::SYSTEM);
        let ran = tasks::run(&house.engine, &system, TaskId::Backup).await;
        if matches!(house.database().options().location, Location::Sqlite(_)) {
            assert!(matches!(&ran, Ok(Ran::Done(outcome)) if outcome.good), "{ran:?}");
            let rows = house.journal_rows(Organization::SYSTEM).await;
            let entry = rows.iter().find(|row| row.event == "installation.backed_up").unwrap();
            assert_eq!(entry.actor, Actor::CommandLine.to_string());
        } else {
            assert!(matches!(&ran, Err(Error::Conflict(why)) if why.contains("pg_dump")), "{ran:?}");
            backups::tick(&house).await.unwrap();
            assert!(files(place.path()).is_empty() && !task(&house).await.on);
        }
        house.finish().await;
    }
}

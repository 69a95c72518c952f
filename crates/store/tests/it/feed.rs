//! Reading the feed, and following other nodes.

use crate::facade::*;
use domain::model::Actor;
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError, Tx, feed::News};
use tokio::sync::mpsc;

async fn change(store: &Store, who: u8, number: u8) {
    store
        .write(organization(who), Actor::System, async move |tx: &mut Tx| {
            tx.changed(news(number));
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_feed_is_read_in_pages_and_says_when_it_has_gaps() {
    for store in testkit::stores().await {
        for number in 1..=5 {
            store.clock().advance(1000);
            change(&store, 1, number).await;
        }
        let sequences = async |after, limit| {
            let page = store.changes_since(organization(1), after, limit).await.unwrap();
            (page.entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), page.gap)
        };
        assert_eq!(sequences(0, 3).await, (vec![1, 2, 3], false), "{}", store.name());
        assert_eq!(sequences(3, 3).await, (vec![4, 5], false));
        assert_eq!(sequences(5, 3).await, (vec![], false));
        let latest = async |who, after, limit| {
            let entries = store.latest_changes(organization(who), after, limit).await.unwrap();
            entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>()
        };
        assert_eq!(latest(1, 0, 2).await, [5, 4]);
        assert_eq!(latest(1, 3, 9).await, [5, 4]);
        assert!(latest(1, 5, 9).await.is_empty() && latest(9, 0, 9).await.is_empty());
        let nobody = store.changes_since(organization(9), 0, 3).await.unwrap();
        assert!(nobody.entries.is_empty() && !nobody.gap);
        assert_eq!(store.purge_changes(store.clock().now() - 1000).await, Ok(3));
        assert_eq!(sequences(1, 3).await, (vec![4, 5], true));
        assert_eq!(sequences(3, 3).await, (vec![4, 5], false));
        assert_eq!(store.purge_changes(i64::MAX).await, Ok(2));
        assert_eq!(sequences(3, 3).await, (vec![], true));
        change(&store, 1, 6).await;
        assert_eq!(sequences(5, 3).await, (vec![6], false), "sequences go on after a purge");
    }
}

#[tokio::test]
async fn a_node_hears_of_other_nodes_writes_and_not_of_its_own() {
    let Some(store) = testkit::postgres().await else { return };
    let other = Store::open(store.place().options()).await.unwrap();
    change(&other, 1, 1).await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let watch = store
        .watch_feed(
            store.heads().await.unwrap(),
            Arc::new(move |news| {
                let entries = match news {
                    News::Changes(entries) => entries,
                    News::Journaled(..) => return,
                    News::Gap(_) => panic!("no gap"),
                };
                for entry in entries {
                    sender.send((entry.organization, entry.sequence, entry.subject.clone())).unwrap();
                }
            }),
        )
        .unwrap();
    // Hints come within the poll interval's fraction; the poll itself would take two seconds.
    change(&store, 1, 2).await;
    change(&other, 1, 3).await;
    change(&other, 2, 4).await;
    change(&store, 2, 5).await;
    change(&other, 2, 6).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let next = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await;
        seen.push(next.expect("news arrive").unwrap());
    }
    let wanted = [(1, 3, "03"), (2, 1, "04"), (2, 3, "06")];
    for (number, sequence, subject) in wanted {
        assert!(seen.contains(&(organization(number), sequence, subject.to_owned())), "{seen:?}");
    }
    drop(watch);
    assert!(heard.recv().await.is_none(), "the watch has ended");
}

#[tokio::test]
async fn a_node_that_was_away_too_long_is_told_to_load_anew() {
    let Some(store) = testkit::postgres().await else { return };
    let other = Store::open(store.place().options()).await.unwrap();
    change(&other, 1, 1).await;
    change(&other, 1, 2).await;
    other.purge_changes(i64::MAX).await.unwrap();
    let (sender, mut heard) = mpsc::unbounded_channel();
    let _watch = store
        .watch_feed(
            vec![(organization(1), 1)],
            Arc::new(move |news| {
                if let News::Gap(organization) = news {
                    sender.send(organization).unwrap();
                }
            }),
        )
        .unwrap();
    let gap = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await;
    assert_eq!(gap, Ok(Some(organization(1))));
}

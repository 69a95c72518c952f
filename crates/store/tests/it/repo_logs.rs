//! Traces, ISE calls, unknown MAC addresses, and reading the journal: in order, bounded, each at home.

use crate::repo_fixture::*;
use domain::model::*;
use serde_json::json;
use store::repo::{
    self,
    ise_calls::IseCall,
    journal::Filter,
    traces::Trace,
    unknown_macs::{MAX_MACS, UnknownMac},
};

#[tokio::test]
async fn a_trace_keeps_its_newest_lines_until_it_is_removed() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (anna, other) = (world.anna.id, world.other_anna.id);
        let trace = Trace { user: anna, started_at: NOW, until: NOW + 100, started_by: "boss".into() };
        let started = trace.clone();
        world
            .write(acme, async move |tx| {
                assert!(!repo::traces::append(tx, anna, &[(NOW, "early".into())]).await?, "no trace yet");
                repo::traces::start(tx, &started).await?;
                assert_eq!(repo::traces::get(tx, anna).await?, Some(started.clone()));
                assert!(repo::traces::append(tx, anna, &[(NOW, "a".into()), (NOW + 1, "b\0".into())]).await?);
                let lines: Vec<_> =
                    (0..repo::traces::MAX_ENTRIES).map(|n| (NOW + n, format!("{n}"))).collect();
                assert!(repo::traces::append(tx, anna, &lines[1..]).await?);
                let kept = repo::traces::entries(tx, anna, 0, u32::MAX).await?;
                assert_eq!(kept.len(), 2000);
                assert_eq!((kept[0].sequence, kept[0].at, kept[0].line.as_str()), (2, NOW + 1, "b\u{fffd}"));
                assert_eq!((kept[1999].sequence, kept[1999].line.as_str()), (2001, "1999"));
                let page = repo::traces::entries(tx, anna, 5, 2).await?;
                assert_eq!(page.iter().map(|it| it.sequence).collect::<Vec<_>>(), [6, 7]);
                repo::traces::append(tx, anna, &[(NOW, "ä".repeat(4000))]).await?;
                let long = &repo::traces::entries(tx, anna, 2001, 2).await?[0];
                assert_eq!(long.line.len(), repo::traces::MAX_LINE);
                Ok(())
            })
            .await
            .unwrap();
        let unseen = world
            .write(globex, async move |tx| {
                assert!(!repo::traces::stop(tx, anna, NOW).await?);
                assert!(!repo::traces::remove(tx, anna).await?);
                assert!(!repo::traces::append(tx, anna, &[(NOW, "x".into())]).await?);
                repo::traces::start(tx, &Trace { user: other, ..trace.clone() }).await?;
                Ok((repo::traces::get(tx, anna).await?, repo::traces::entries(tx, anna, 0, 9).await?))
            })
            .await;
        assert_eq!(unseen, Ok((None, vec![])));
        let running = world
            .read(Organization::SYSTEM, async |tx| {
                let all = repo::installation::entities::traces(tx, NOW, None, 10).await?;
                let after = Some((all[0].0, all[0].1.user));
                let rest = repo::installation::entities::traces(tx, NOW, after, 10).await?;
                assert_eq!(rest, all[1..]);
                Ok(all
                    .into_iter()
                    .map(|(organization, trace)| (organization, trace.user))
                    .collect::<Vec<_>>())
            })
            .await
            .unwrap();
        assert_eq!(running, [(acme, anna), (globex, other)]);
        world
            .write(acme, async move |tx| {
                assert!(repo::traces::stop(tx, anna, NOW + 7).await?);
                assert!(!repo::traces::stop(tx, anna, NOW + 8).await?, "it is over");
                assert_eq!(repo::traces::get(tx, anna).await?.map(|it| it.until), Some(NOW + 7));
                assert_eq!(repo::traces::entries(tx, anna, 2000, 9).await?.len(), 2);
                assert!(repo::traces::remove(tx, anna).await?);
                assert_eq!(repo::traces::entries(tx, anna, 0, 9).await?, []);
                Ok(())
            })
            .await
            .unwrap();
        let left = world
            .read(Organization::SYSTEM, async |tx| {
                repo::installation::entities::traces(tx, NOW + 100, None, 10).await
            })
            .await;
        assert_eq!(left, Ok(vec![]), "the other one is over by then");
    }
}

fn call(target: &str) -> IseCall {
    IseCall {
        sequence: 0,
        at: NOW,
        account: "ise".into(),
        address: "192.0.2.7".into(),
        method: "GET".into(),
        target: target.into(),
        status: 401,
        duration_us: 950,
        note: "unknown account".into(),
    }
}

#[tokio::test]
async fn the_newest_thousand_ise_calls_are_kept_per_organization() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let mut raw = call("/ciscoise/mdminfo/?ise_api_version=3\0%00");
        world
            .write(acme, async move |tx| {
                repo::ise_calls::append(tx, &[raw.clone(), call("/two")]).await?;
                let calls = repo::ise_calls::page(tx, None, 10).await?;
                raw.target = raw.target.replace('\0', "\u{fffd}");
                assert_eq!(
                    calls,
                    [IseCall { sequence: 2, ..call("/two") }, IseCall { sequence: 1, ..raw.clone() }]
                );
                let many: Vec<_> = (0..999).map(|n| call(&format!("/{n}"))).collect();
                repo::ise_calls::append(tx, &many).await?;
                repo::ise_calls::append(tx, &[]).await?;
                let calls = repo::ise_calls::page(tx, None, u32::MAX).await?;
                assert_eq!((calls.len(), calls[0].sequence, calls[999].sequence), (1000, 1001, 2));
                let page = repo::ise_calls::page(tx, Some(100), 2).await?;
                assert_eq!(page.iter().map(|it| it.sequence).collect::<Vec<_>>(), [99, 98]);
                let long = call(&"x".repeat(100_000));
                repo::ise_calls::append(tx, &[long]).await?;
                assert_eq!(
                    repo::ise_calls::page(tx, None, 1).await?[0].target.len(),
                    repo::ise_calls::MAX_TARGET
                );
                Ok(())
            })
            .await
            .unwrap();
        let other = world
            .write(globex, async move |tx| {
                assert_eq!(repo::ise_calls::page(tx, None, 10).await?, []);
                repo::ise_calls::append(tx, &[call("/theirs")]).await?;
                repo::ise_calls::page(tx, None, 10).await
            })
            .await
            .unwrap();
        assert_eq!(other, [IseCall { sequence: 1, ..call("/theirs") }]);
        // Callers whose organization is not known.
        let unknown = world
            .write(Organization::SYSTEM, async move |tx| {
                repo::ise_calls::append(tx, &[call("/nobody")]).await?;
                repo::ise_calls::page(tx, None, 10).await
            })
            .await
            .unwrap();
        assert_eq!(unknown.len(), 1);
    }
}

#[tokio::test]
async fn unknown_macs_add_up_and_are_bounded() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let unknown = |mac: &str, at, count| UnknownMac { mac: mac.into(), first_at: at, last_at: at, count };
        world
            .write(acme, async move |tx| {
                repo::unknown_macs::merge(tx, &[unknown("A", NOW, 2), unknown("B", NOW + 1, 1)]).await?;
                repo::unknown_macs::merge(tx, &[unknown("A", NOW + 5, 3)]).await?;
                let all = repo::unknown_macs::all(tx).await?;
                let summed = UnknownMac { mac: "A".into(), first_at: NOW, last_at: NOW + 5, count: 5 };
                assert_eq!(all, [summed.clone(), unknown("B", NOW + 1, 1)]);
                let many: Vec<_> = (0..i64::from(MAX_MACS) - 1)
                    .map(|n| unknown(&format!("{n:012}"), NOW + 10 + n, 1))
                    .collect();
                repo::unknown_macs::merge(tx, &many).await?;
                let all = repo::unknown_macs::all(tx).await?;
                assert_eq!((all.len(), all.last()), (1000, Some(&summed)), "B went first");
                assert!(repo::unknown_macs::remove(tx, "A").await?);
                assert!(!repo::unknown_macs::remove(tx, "A").await?);
                Ok(())
            })
            .await
            .unwrap();
        let other = world.write(globex, async move |tx| {
            assert!(!repo::unknown_macs::remove(tx, "000000000001").await?);
            repo::unknown_macs::all(tx).await
        });
        assert_eq!(other.await, Ok(vec![]));
    }
}

#[tokio::test]
async fn the_journal_is_paged_and_filtered_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let subject = world.anna.id.to_string();
        let about = subject.clone();
        world
            .write(acme, async move |tx| {
                for (number, event) in
                    ["user.created", "device.wiped", "user.changed", "device.blocked"].into_iter().enumerate()
                {
                    let subject = if number < 2 { about.clone() } else { String::new() };
                    tx.journal(JournalEntry { event, subject, body: json!({"number": number, "nul": "\0"}) });
                }
                Ok(())
            })
            .await
            .unwrap();
        world
            .read(acme, async move |tx| {
                let rows = repo::journal::page(tx, None, &Filter::default(), 3).await?;
                assert_eq!(rows.iter().map(|it| it.sequence).collect::<Vec<_>>(), [4, 3, 2]);
                assert_eq!((rows[0].event.as_str(), rows[0].actor.as_str()), ("device.blocked", "system"));
                assert_eq!((rows[0].organization, rows[0].hash.len()), (acme, 64));
                assert_eq!(rows[0].body, Some(json!({"number": 3, "nul": "\0"})));
                let rest = repo::journal::page(tx, Some(2), &Filter::default(), 3).await?;
                assert_eq!(rest.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1]);
                let devices = Filter { event: "device.".into(), subject: None };
                let rows = repo::journal::page(tx, None, &devices, 9).await?;
                assert_eq!(rows.iter().map(|it| it.sequence).collect::<Vec<_>>(), [4, 2]);
                let both = Filter { subject: Some(subject.clone()), ..devices };
                let rows = repo::journal::page(tx, None, &both, 9).await?;
                assert_eq!(rows.iter().map(|it| it.sequence).collect::<Vec<_>>(), [2]);
                let nothing = Filter { event: "%".into(), subject: None };
                assert_eq!(repo::journal::page(tx, None, &nothing, 9).await?, []);
                Ok(())
            })
            .await
            .unwrap();
        let other =
            world.read(globex, async |tx| repo::journal::page(tx, None, &Filter::default(), 9).await).await;
        assert_eq!(other, Ok(vec![]));
    }
}

//! Traces, ISE calls, unknown MAC addresses, and reading the journal: in order, bounded, each at home.

use crate::repo_fixture::*;
use domain::model::*;
use serde_json::json;
use store::StoreError;
use store::repo::{
    self, constraint,
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
                let devices = Filter {
                    events: vec!["device.wiped".into(), "device.blocked".into()],
                    ..Filter::default()
                };
                let rows = repo::journal::page(tx, None, &devices, 9).await?;
                assert_eq!(rows.iter().map(|it| it.sequence).collect::<Vec<_>>(), [4, 2]);
                let both = Filter { subjects: vec![subject.clone()], ..devices };
                let rows = repo::journal::page(tx, None, &both, 9).await?;
                assert_eq!(rows.iter().map(|it| it.sequence).collect::<Vec<_>>(), [2]);
                let nothing = Filter { events: vec!["%".into()], ..Filter::default() };
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

/// Every wish and every pair of wishes against a plain walk over the rows, on both engines.
#[tokio::test]
async fn the_journal_is_filtered_as_a_walk_over_it_would() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let events = ["user.created", "device.wiped", "user.updated", "device.blocked"];
        let who = [Actor::System, Actor::CommandLine, Actor::Stranger("192.0.2.9".into())];
        for round in 0..30_usize {
            for organization in [acme, globex] {
                world
                    .test
                    .write(organization, who[round % 3].clone(), async move |tx| {
                        for number in 0..3 {
                            let subject = format!("s{}", (round * 3 + number) % 5);
                            tx.journal(JournalEntry {
                                event: events[(round + number) % 4],
                                subject,
                                body: json!({}),
                            });
                        }
                        Ok::<_, StoreError>(())
                    })
                    .await
                    .unwrap();
            }
            world.test.place().clock().advance(7_200_000);
        }
        let all = world
            .read(acme, async |tx| repo::journal::page(tx, None, &Filter::default(), 500).await)
            .await
            .unwrap();
        assert_eq!(all.len(), 90);
        let at = |part: usize| Some(all[all.len() - 1 - part * 30].at);
        let text = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let mut seen = 0;
        for subjects in [text(&[]), text(&["s1"]), text(&["s1", "s4"]), text(&["nobody"])] {
            for actors in [text(&[]), text(&["system"]), text(&["command line", "stranger 192.0.2.9"])] {
                for events in [text(&[]), text(&["device.wiped"]), text(&["device.wiped", "user.created"])] {
                    for (from, until) in [(None, None), (at(1), None), (None, at(1)), (at(1), at(2))] {
                        for before in [None, Some(all[20].sequence)] {
                            let is =
                                |list: &[String], value: &String| list.is_empty() || list.contains(value);
                            let fits = |row: &&JournalRow| {
                                is(&subjects, &row.subject)
                                    && is(&actors, &row.actor)
                                    && is(&events, &row.event)
                                    && from.is_none_or(|from| row.at >= from)
                                    && until.is_none_or(|until| row.at < until)
                                    && before.is_none_or(|before| row.sequence < before)
                            };
                            let due: Vec<_> = all.iter().filter(fits).take(7).cloned().collect();
                            seen += due.len();
                            let (subjects, actors, events) =
                                (subjects.clone(), actors.clone(), events.clone());
                            let filter = Filter { events, subjects, actors, from, until };
                            let shown = format!("{filter:?} before {before:?}");
                            let read = world
                                .read(acme, async move |tx| repo::journal::page(tx, before, &filter, 7).await)
                                .await;
                            assert_eq!(read, Ok(due), "{shown}");
                        }
                    }
                }
            }
        }
        assert!(seen > 500, "only {seen} rows were compared");
    }
}

#[tokio::test]
async fn views_belong_to_one_administrator_in_one_organization() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (boss, clerk) = (administrator(acme, "boss", None), administrator(acme, "clerk", None));
        let view = |organization, owner: &Administrator, name: &str| SavedView {
            organization,
            id: id(),
            rev: 0,
            administrator: owner.id,
            list: domain::model::ViewList::Devices,
            name: name.into(),
            search: "\u{0}ä".into(),
            filters: vec![("status".into(), "blocked".into()), ("status".into(), "wiped".into())],
            sort: "-user".into(),
            columns: vec!["name".into()],
            created_at: NOW,
        };
        let (first, second) = (view(acme, &boss, "Lost"), view(acme, &boss, "alte Geräte"));
        // A system administrator's views in two organizations, one administrator's beside another's.
        let (theirs, abroad) = (view(acme, &clerk, "LOST"), view(globex, &boss, "Lost"));
        let put = async |organization, mut view: SavedView| {
            let stored = async move |tx: &mut store::Tx| {
                view.rev = 0;
                repo::views::put(tx, &mut view).await?;
                Ok(view.clone())
            };
            world.write(organization, stored).await
        };
        let stored = put(acme, first.clone()).await.unwrap();
        assert_eq!(stored, SavedView { rev: 1, ..first.clone() });
        for (organization, view) in [(acme, second.clone()), (acme, theirs.clone()), (globex, abroad.clone())]
        {
            put(organization, view).await.unwrap();
        }
        let same = view(acme, &boss, "lOST");
        assert_eq!(conflict(put(acme, same).await), constraint::VIEW_NAME);
        let owner = boss.id;
        let names = async |organization, owner| {
            let read = async move |tx: &mut store::Tx| repo::views::list(tx, owner).await;
            let all = world.read(organization, read).await.unwrap();
            all.into_iter().map(|view| view.name).collect::<Vec<_>>()
        };
        assert_eq!(names(acme, owner).await, ["alte Geräte", "Lost"]);
        assert_eq!(names(acme, clerk.id).await, ["LOST"]);
        assert_eq!(names(globex, owner).await, ["Lost"]);
        let key = first.id;
        let read = async |organization, owner| {
            let read = async move |tx: &mut store::Tx| repo::views::get(tx, owner, key).await;
            world.read(organization, read).await.unwrap()
        };
        assert_eq!(read(acme, owner).await, Some(stored.clone()));
        assert_eq!((read(globex, owner).await, read(acme, clerk.id).await), (None, None));
        let mut taken = SavedView { administrator: clerk.id, ..stored };
        let outcome = world.write(acme, async move |tx| repo::views::put(tx, &mut taken).await).await;
        assert_eq!(conflict(outcome), constraint::VIEW_CHANGED, "an owner never changes");
        for (organization, owner) in [(globex, owner), (acme, clerk.id)] {
            let gone = async move |tx: &mut store::Tx| repo::views::remove(tx, owner, key).await;
            assert_eq!(world.write(organization, gone).await, Ok(false));
        }
        let removed = async move |tx: &mut store::Tx| {
            repo::administrators::put(tx, &mut boss.clone()).await?;
            assert!(repo::views::remove(tx, owner, key).await?);
            repo::administrators::remove(tx, owner).await
        };
        assert_eq!(world.write(acme, removed).await, Ok(true));
        assert_eq!(names(acme, owner).await, Vec::<String>::new(), "they go with their owner");
        assert_eq!(names(acme, clerk.id).await, ["LOST"]);
    }
}

#[tokio::test]
async fn enrollment_tokens_are_listed_by_user_forgotten_in_time_and_go_with_their_user() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (anna, other) = (world.anna.clone(), world.other_anna.clone());
        let owner = anna.clone();
        world
            .write(acme, async move |tx| {
                for number in 1..=3 {
                    let mut token = enrollment_token(&owner, number);
                    token.expires_at = NOW + i64::from(number);
                    repo::enrollment_tokens::put(tx, &mut token).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let owner = other.clone();
        let twin = world
            .write(globex, async move |tx| {
                let mut twin = enrollment_token(&owner, 1);
                repo::enrollment_tokens::put(tx, &mut twin).await
            })
            .await;
        assert_eq!(conflict(twin), "enrollment_token_hash", "in the whole installation");
        let numbers = async |user, organization| {
            let read = async move |tx: &mut store::Tx| repo::enrollment_tokens::of_user(tx, user, 2).await;
            let all = world.read(organization, read).await.unwrap();
            all.iter().map(|token| token.token_hash[0]).collect::<Vec<_>>()
        };
        assert_eq!(numbers(anna.id, acme).await, [3, 2], "newest first");
        assert_eq!(numbers(anna.id, globex).await, [0; 0]);
        let purge = async |organization| {
            let unit = async |tx: &mut store::Tx| repo::enrollment_tokens::purge(tx, NOW + 3).await;
            world.write(organization, unit).await.unwrap()
        };
        assert_eq!((purge(globex).await, purge(acme).await), (0, 2));
        let id = anna.id;
        world.write(acme, async move |tx| repo::users::remove(tx, id).await.map(drop)).await.unwrap();
        assert_eq!(numbers(anna.id, acme).await, [0; 0]);
    }
}

//! The side tables of devices: look-ups, rewriting, aliases.

use crate::repo_fixture::*;
use domain::model::*;
use store::repo;

#[tokio::test]
async fn a_device_is_found_by_guid_alias_channel_and_mac_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (mine, theirs) = (device(&world.anna, 1), device(&world.other_anna, 2));
        let (my_id, their_id) = (mine.id, theirs.id);
        world.write(acme, async move |tx| repo::devices::put(tx, &mut mine.clone()).await).await.unwrap();
        world.write(globex, async move |tx| repo::devices::put(tx, &mut theirs.clone()).await).await.unwrap();
        for (organization, user, number, id) in
            [(acme, world.anna.id, 1, my_id), (globex, world.other_anna.id, 2, their_id)]
        {
            world
                .read(organization, async move |tx| {
                    let kind = ChannelKind::Activesync;
                    let external = format!("APPLÄ{number}");
                    let found = repo::devices::by_channel(tx, user, kind, &external).await?.map(|it| it.id);
                    assert_eq!(found, Some(id));
                    for wanted in [guid(number), guid(number + 1_000_000)] {
                        assert_eq!(repo::devices::by_guid(tx, wanted).await?.map(|it| it.id), Some(id));
                    }
                    assert_eq!(repo::devices::by_guid(tx, guid(3 - number)).await?, None, "of the other");
                    let docked = repo::devices::by_mac(tx, "AABBCCDDEEFF").await?;
                    assert_eq!(docked.iter().map(|it| it.id).collect::<Vec<_>>(), [id], "both have this one");
                    assert_eq!(repo::devices::by_mac(tx, &format!("0026B4{:06}", 3 - number)).await?, []);
                    assert_eq!(repo::devices::of_user(tx, user).await?.len(), 1);
                    let nobody = if organization == acme { their_id } else { my_id };
                    assert_eq!(repo::devices::get(tx, nobody).await?, None);
                    Ok(())
                })
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn look_ups_follow_every_kind_of_change() {
    for world in worlds().await {
        let acme = world.acme;
        let mut bert = user(acme, "Bert");
        let (anna, new_owner) = (world.anna.id, bert.id);
        let phone = device(&world.anna, 1);
        let id = phone.id;
        world
            .write(acme, async move |tx| {
                repo::users::put(tx, &mut bert.clone()).await?;
                repo::devices::put(tx, &mut phone.clone()).await
            })
            .await
            .unwrap();
        bert = user(acme, "unused");
        assert_ne!(bert.id, new_owner);

        let changes: [fn(&mut Device, UserId); 6] = [
            |it, _| it.macs = vec!["001122334455".into(), "001122334455".into()],
            |it, _| it.aliases.push(guid(77)),
            |it, _| it.channels[0].external_id = "other".into(),
            |it, user| it.user = user,
            |it, _| it.number = 99,
            |it, _| it.state = DeviceState::Retired,
        ];
        for change in changes {
            world
                .write(acme, async move |tx| {
                    let mut device = repo::devices::get(tx, id).await?.expect("is there");
                    change(&mut device, new_owner);
                    repo::devices::put(tx, &mut device).await
                })
                .await
                .unwrap();
        }
        world
            .read(acme, async move |tx| {
                let found = async |it: Option<Device>| it.map(|it| (it.id, it.rev));
                let kind = ChannelKind::Activesync;
                let whole = Some((id, 7));
                assert_eq!(found(repo::devices::by_guid(tx, guid(77)).await?).await, whole);
                assert_eq!(found(repo::devices::by_guid(tx, guid(1)).await?).await, whole);
                assert_eq!(
                    found(repo::devices::by_channel(tx, new_owner, kind, "OTHER").await?).await,
                    whole
                );
                assert_eq!(repo::devices::by_channel(tx, anna, kind, "other").await?, None);
                assert_eq!(repo::devices::by_channel(tx, new_owner, kind, "applä1").await?, None);
                assert_eq!(repo::devices::by_mac(tx, "001122334455").await?.len(), 1);
                assert_eq!(repo::devices::by_mac(tx, "AABBCCDDEEFF").await?, []);
                assert_eq!(repo::devices::of_user(tx, anna).await?, []);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn devices_stand_where_they_were_put_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (silent, heard, theirs) =
            (device(&world.anna, 1), device(&world.anna, 2), device(&world.other_anna, 3));
        let (first, second, their_id) = (silent.id, heard.id, theirs.id);
        world
            .write(acme, async move |tx| {
                repo::devices::put(tx, &mut silent.clone()).await?;
                let mut heard = heard.clone();
                repo::devices::put(tx, &mut heard).await?;
                repo::devices::put(tx, &mut heard).await?;
                repo::presence::flush(tx, &[(second, NOW)]).await
            })
            .await
            .unwrap();
        world.write(globex, async move |tx| repo::devices::put(tx, &mut theirs.clone()).await).await.unwrap();
        let mut standing = world
            .read(acme, async move |tx| {
                repo::devices::standing(tx, &[second, their_id, DeviceId::from_uuid(guid(9)), first]).await
            })
            .await
            .unwrap();
        standing.sort_by_key(|it| it.rev);
        let told: Vec<_> = standing.iter().map(|it| (it.id, it.rev, it.last_contact_at)).collect();
        assert_eq!(
            told,
            [(first, 1, None), (second, 2, Some(NOW))],
            "no other organization's, nobody unknown"
        );
        assert_eq!(
            world.read(acme, async move |tx| repo::devices::standing(tx, &[]).await).await.unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn the_losing_guid_of_a_merge_stays_an_alias() {
    for world in worlds().await {
        let acme = world.acme;
        let (keep, lose) = (device(&world.anna, 1), device(&world.anna, 2));
        let (kept, lost) = (keep.id, lose.id);
        world
            .write(acme, async move |tx| {
                repo::devices::put(tx, &mut keep.clone()).await?;
                repo::devices::put(tx, &mut lose.clone()).await
            })
            .await
            .unwrap();
        let found = world
            .write(acme, async move |tx| {
                let gone = repo::devices::get(tx, lost).await?.expect("is there");
                assert!(repo::devices::remove(tx, lost).await?);
                let mut device = repo::devices::get(tx, kept).await?.expect("is there");
                device.aliases.extend(gone.aliases.iter().copied().chain([gone.guid]));
                device.channels.extend(gone.channels.iter().cloned());
                repo::devices::put(tx, &mut device).await?;
                repo::devices::by_guid(tx, gone.guid).await
            })
            .await
            .unwrap();
        assert_eq!(found.map(|it| (it.id, it.rev)), Some((kept, 2)));
    }
}

#[tokio::test]
async fn the_records_beside_a_device_go_with_it() {
    for world in worlds().await {
        let acme = world.acme;
        let phone = device(&world.anna, 1);
        let id = phone.id;
        let again = phone.clone();
        world
            .write(acme, async move |tx| {
                repo::devices::put(tx, &mut phone.clone()).await?;
                repo::presence::flush(tx, &[(id, NOW)]).await?;
                assert!(repo::exchanges::put(tx, id, b"first").await?);
                assert!(repo::exchanges::put(tx, id, &[0, 159, 146, 150]).await?);
                assert_eq!(repo::exchanges::get(tx, id).await?, Some(vec![0, 159, 146, 150]));
                repo::devices::remove(tx, id).await
            })
            .await
            .unwrap();
        world
            .write(acme, async move |tx| {
                assert_eq!(repo::devices::by_guid(tx, guid(1)).await?, None);
                repo::devices::put(tx, &mut again.clone()).await?;
                assert_eq!(repo::presence::get(tx, id).await?, None);
                assert_eq!(repo::exchanges::get(tx, id).await?, None);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_document_of_exchanges_is_bounded() {
    for world in worlds().await {
        let acme = world.acme;
        let phone = device(&world.anna, 1);
        let id = phone.id;
        let largest = vec![7; repo::exchanges::MAX_BYTES];
        let outcome = world
            .write(acme, async move |tx| {
                repo::devices::put(tx, &mut phone.clone()).await?;
                assert!(repo::exchanges::put(tx, id, &largest).await?);
                let beyond = repo::exchanges::put(tx, id, &[&largest[..], &[7]].concat()).await;
                Ok(beyond.unwrap_err().to_string())
            })
            .await
            .unwrap();
        assert!(outcome.contains("1048577 bytes"), "{outcome}");
    }
}

#[tokio::test]
async fn presence_only_grows_and_skips_what_is_gone() {
    for world in worlds().await {
        let acme = world.acme;
        let anna = world.anna.clone();
        let times = world
            .write(acme, async move |tx| {
                let mut ids = Vec::new();
                for number in 1..=3 {
                    let mut phone = device(&anna, number);
                    repo::devices::put(tx, &mut phone).await?;
                    ids.push(phone.id);
                }
                // More than one statement's worth, of which three exist; one is named twice.
                let mut seen: Vec<_> = (0..1200).map(|_| (id(), NOW)).collect();
                seen.extend([(ids[0], NOW + 5), (ids[1], NOW + 6), (ids[0], NOW + 4)]);
                repo::presence::flush(tx, &seen).await?;
                repo::presence::flush(tx, &[(ids[0], NOW + 1), (ids[1], NOW + 9)]).await?;
                repo::presence::flush(tx, &[]).await?;
                let mut times = Vec::new();
                for id in ids {
                    times.push(repo::presence::get(tx, id).await?);
                }
                Ok(times)
            })
            .await
            .unwrap();
        assert_eq!(times, [Some(NOW + 5), Some(NOW + 9), None]);
    }
}

#[tokio::test]
async fn the_queue_of_check_ins_follows_the_last_word_and_the_device() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (phone, other) = (device(&world.anna, 1), device(&world.other_anna, 2));
        let (mine, theirs) = (phone.id, other.id);
        world.write(acme, async move |tx| repo::devices::put(tx, &mut phone.clone()).await).await.unwrap();
        world.write(globex, async move |tx| repo::devices::put(tx, &mut other.clone()).await).await.unwrap();
        let times = world
            .write(acme, async move |tx| {
                let mut times = Vec::new();
                for at in [Some(NOW + 9), Some(NOW), None, Some(NOW + 3)] {
                    let due = [(mine, at), (theirs, Some(NOW)), (id(), Some(NOW))].into();
                    repo::check_ins::flush(tx, &due).await?;
                    times.push(repo::check_ins::get(tx, mine).await?);
                }
                assert_eq!(repo::check_ins::get(tx, theirs).await?, None, "of another organization");
                Ok(times)
            })
            .await;
        assert_eq!(times, Ok(vec![Some(NOW + 9), Some(NOW), None, Some(NOW + 3)]));
        let left = world
            .write(globex, async move |tx| {
                repo::check_ins::flush(tx, &[(mine, None)].into()).await?;
                repo::check_ins::get(tx, theirs).await
            })
            .await;
        assert_eq!(left, Ok(None), "nobody else wrote it");
        let gone = world
            .write(acme, async move |tx| {
                assert_eq!(repo::check_ins::get(tx, mine).await?, Some(NOW + 3), "nobody else removed it");
                repo::devices::remove(tx, mine).await?;
                repo::check_ins::get(tx, mine).await
            })
            .await;
        assert_eq!(gone, Ok(None));
    }
}

//! Live and final commands, and what is counted.

use crate::repo_fixture::*;
use catalog::CommandKind;
use domain::model::*;
use store::repo::{self, constraint};

/// A device of each organization.
async fn devices(world: &World) -> (Device, Device) {
    let (mine, theirs) = (device(&world.anna, 1), device(&world.other_anna, 2));
    let (first, second) = (mine.clone(), theirs.clone());
    world.write(world.acme, async move |tx| repo::devices::put(tx, &mut first.clone()).await).await.unwrap();
    world
        .write(world.globex, async move |tx| repo::devices::put(tx, &mut second.clone()).await)
        .await
        .unwrap();
    (mine, theirs)
}

#[tokio::test]
async fn a_final_command_moves_to_the_history_and_never_comes_back() {
    for world in worlds().await {
        let acme = world.acme;
        let (phone, _) = devices(&world).await;
        let device = phone.id;
        let mut wipe = command(&phone, CommandKind::FullWipe, NOW);
        let id = wipe.id;
        for (state, live) in [
            (CommandState::Queued, 1),
            (CommandState::Sent, 1),
            (CommandState::Failed, 1),
            (CommandState::Sent, 1),
            (CommandState::Acknowledged, 0),
        ] {
            wipe.state = state;
            let next = wipe.clone();
            let (stored, rows, read, shown) = world
                .write(acme, async move |tx| {
                    let mut command = next.clone();
                    repo::commands::put(tx, &mut command).await?;
                    let rows = repo::commands::live(tx, None, 10).await?.len();
                    let shown = repo::commands::of_device(tx, device, 10).await?;
                    Ok((command, rows, repo::commands::get(tx, id).await?, shown))
                })
                .await
                .unwrap();
            assert_eq!(rows, live, "{state:?}");
            assert_eq!(read.as_ref(), Some(&stored));
            assert_eq!(shown, std::slice::from_ref(&stored), "in one of the two tables");
            wipe = stored;
        }
        // The mail server is told afterwards.
        wipe.relay_back = None;
        let told = wipe.clone();
        let told = world
            .write(acme, async move |tx| {
                let mut command = told.clone();
                repo::commands::put(tx, &mut command).await?;
                Ok(command)
            })
            .await
            .unwrap();
        assert_eq!(told.rev, 6);
        let read = world.read(acme, async move |tx| repo::commands::get(tx, id).await).await.unwrap();
        assert_eq!(read, Some(told.clone()));
        let stale = wipe.clone();
        let outcome =
            world.write(acme, async move |tx| repo::commands::put(tx, &mut stale.clone()).await).await;
        assert_eq!(conflict(outcome), constraint::COMMAND_CHANGED);
        let mut revived = told;
        revived.state = CommandState::Queued;
        let outcome =
            world.write(acme, async move |tx| repo::commands::put(tx, &mut revived.clone()).await).await;
        assert_eq!(conflict(outcome), constraint::COMMAND_CHANGED);
    }
}

#[tokio::test]
async fn commands_of_a_device_come_newest_first_and_live_ones_in_pages() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (mine, theirs) = devices(&world).await;
        let (device, other) = (mine.id, theirs.id);
        world
            .write(acme, async move |tx| {
                for minute in 0..7 {
                    let mut command = command(&mine, CommandKind::FullWipe, NOW + minute);
                    if minute % 2 == 1 {
                        command.state = CommandState::Expired;
                    }
                    repo::commands::put(tx, &mut command).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        world
            .write(globex, async move |tx| {
                repo::commands::put(tx, &mut command(&theirs, CommandKind::FullWipe, NOW)).await
            })
            .await
            .unwrap();
        world
            .read(acme, async move |tx| {
                let shown = repo::commands::of_device(tx, device, 5).await?;
                let times: Vec<_> = shown.iter().map(|it| it.ordered_at - NOW).collect();
                assert_eq!(times, [6, 5, 4, 3, 2]);
                assert_eq!(repo::commands::of_device(tx, other, 5).await?, [], "of another organization");
                let first = repo::commands::live(tx, None, 3).await?;
                let second = repo::commands::live(tx, Some(first[2].id), 3).await?;
                let times: Vec<_> = first.iter().chain(&second).map(|it| it.ordered_at - NOW).collect();
                assert_eq!(times, [0, 2, 4, 6]);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn old_history_is_removed_in_steps_but_not_what_is_still_to_be_told() {
    for world in worlds().await {
        let (mine, theirs) = devices(&world).await;
        let over = |device: &Device, at, told: bool| OrderedCommand {
            state: CommandState::Acknowledged,
            relay_back: (!told).then_some((WipeKind::Device, 1)),
            ..command(device, CommandKind::FullWipe, at)
        };
        let put = async |organization, commands: Vec<OrderedCommand>| {
            let unit = world.write(organization, async move |tx| {
                for command in &commands {
                    repo::commands::put(tx, &mut command.clone()).await?;
                }
                Ok(())
            });
            unit.await.unwrap();
        };
        let live = OrderedCommand { relay_back: None, ..command(&mine, CommandKind::FullWipe, NOW - 9) };
        let old = [over(&mine, NOW - 3, true), over(&mine, NOW - 2, true), over(&mine, NOW - 1, true)];
        let kept = [over(&mine, NOW - 3, false), over(&mine, NOW, true), live];
        put(world.acme, [old.to_vec(), kept.to_vec()].concat()).await;
        put(world.globex, vec![over(&theirs, NOW - 3, true)]).await;
        let purge = async |organization| {
            world.write(organization, async |tx| repo::commands::purge_history(tx, NOW, 2).await).await
        };
        assert_eq!(purge(world.acme).await, Ok(2));
        assert_eq!(purge(world.acme).await, Ok(1));
        assert_eq!(purge(world.acme).await, Ok(0));
        let device = mine.id;
        let left = world.read(world.acme, async move |tx| repo::commands::of_device(tx, device, 10).await);
        let mut left: Vec<_> = left.await.unwrap().into_iter().map(|command| command.id).collect();
        let mut wanted: Vec<_> = kept.iter().map(|command| command.id).collect();
        left.sort();
        wanted.sort();
        assert_eq!(left, wanted);
        assert_eq!(purge(world.globex).await, Ok(1), "the other organization's was untouched until now");
    }
}

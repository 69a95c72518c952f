//! Former verdicts: found by a moment, in order, forgotten in time, each at home.

use crate::repo_fixture::*;
use domain::model::*;
use store::repo::{devices, verdicts};

fn record(device: &Device, at: i64) -> VerdictRecord {
    VerdictRecord { at: NOW + at, ..VerdictRecord::of(device) }
}

#[tokio::test]
async fn the_verdict_of_a_moment_is_the_last_one_before_it() {
    for world in worlds().await {
        let (mut phone, mut twin) = (device(&world.anna, 1), device(&world.other_anna, 2));
        let id = phone.id;
        let unknown = record(&phone, 0);
        world
            .write(world.acme, async move |tx| {
                verdicts::put(tx, &unknown).await?;
                assert_eq!(verdicts::at(tx, id, NOW).await?, None, "not of a device that is not stored");
                devices::put(tx, &mut phone).await?;
                for at in [10, 30, 20] {
                    verdicts::put(tx, &record(&phone, at)).await?;
                }
                let other = VerdictRecord { closed: Vec::new(), ..record(&phone, 20) };
                verdicts::put(tx, &other).await?;
                assert_eq!(verdicts::at(tx, id, NOW + 9).await?, None);
                assert_eq!(verdicts::at(tx, id, NOW + 10).await?, Some(record(&phone, 10)));
                assert_eq!(verdicts::at(tx, id, NOW + 29).await?, Some(other), "the later one of a moment");
                assert_eq!(verdicts::at(tx, id, i64::MAX).await?, Some(record(&phone, 30)));
                assert_eq!(verdicts::next_after(tx, id, NOW + 10).await?, Some(NOW + 20));
                assert_eq!(verdicts::next_after(tx, id, NOW + 30).await?, None);
                let page = verdicts::before(tx, id, NOW + 30, 1).await?;
                assert_eq!(page.iter().map(|r| r.at - NOW).collect::<Vec<_>>(), [20]);
                Ok(())
            })
            .await
            .unwrap();
        world
            .write(world.globex, async move |tx| {
                devices::put(tx, &mut twin).await?;
                verdicts::put(tx, &record(&twin, 5)).await?;
                assert_eq!(verdicts::at(tx, id, i64::MAX).await?, None, "another organization's");
                verdicts::forget_after(tx, id, 0).await?;
                assert_eq!(verdicts::purge(tx, NOW + 100, 100).await?, 0, "the last one of a device stays");
                Ok(())
            })
            .await
            .unwrap();
        world
            .write(world.acme, async move |tx| {
                assert_eq!(verdicts::purge(tx, NOW + 20, 100).await?, 1, "until then the first one held");
                assert_eq!(verdicts::purge(tx, NOW + 20, 100).await?, 0);
                assert_eq!(verdicts::before(tx, id, i64::MAX, 9).await?.len(), 2);
                verdicts::forget_after(tx, id, NOW + 20).await?;
                assert_eq!(verdicts::before(tx, id, i64::MAX, 9).await?.len(), 1);
                devices::remove(tx, id).await?;
                assert_eq!(verdicts::at(tx, id, i64::MAX).await?, None, "gone with its device");
                Ok(())
            })
            .await
            .unwrap();
    }
}

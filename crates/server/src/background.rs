//! What runs beside the listeners: flushing, re-evaluation, following other nodes, housekeeping.

use std::sync::Arc;
use std::time::Duration;

use domain::ChangeKind;
use domain::model::OrganizationId;
use engine::Engine;
use store::feed::{News, Watch};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Starts everything. What is returned must be kept until the end.
pub fn start(engine: &Arc<Engine>, stop: &CancellationToken) -> Vec<tokio::task::JoinHandle<()>> {
    let every = |seconds: u64, name: &'static str, job: Job| {
        let (engine, stop) = (Arc::clone(engine), stop.clone());
        tokio::spawn(async move { repeat(&engine, &stop, Duration::from_secs(seconds), name, job).await })
    };
    vec![
        every(1, "compliance", |e| Box::pin(async move { engine::compliance::tick(e).await.map(drop) })),
        every(10, "alerts", |e| Box::pin(engine::alerts::tick(e))),
        every(1, "check-ins", |e| Box::pin(async move { engine::schedules::tick(e).await.map(drop) })),
        every(10, "queue of check-ins", |e| Box::pin(engine::schedules::flush(e))),
        every(1, "imports of users", |e| Box::pin(engine::imports::tick(e))),
        every(1, "members by rule", |e| Box::pin(engine::groups::tick(e))),
        every(1, "mailings", |e| Box::pin(engine::letters::tick(e))),
        every(20, "reports by mail", |e| Box::pin(engine::report_mails::tick(e))),
        every(60, "backup", |e| Box::pin(engine::backups::tick(e))),
        every(5, "watch list", |e| Box::pin(engine::watch::tick(e))),
        every(60, "notifications", |e| Box::pin(engine::notifications::tick(e))),
        every(5, "traces", |e| Box::pin(engine::traces::flush(e))),
        every(10, "presence", |e| Box::pin(engine::presence::flush(e))),
        every(10, "ISE calls", |e| Box::pin(engine::ise::flush(e))),
        every(30, "exchanges", |e| Box::pin(engine::exchanges::flush(e))),
        every(60, "strangers", |e| Box::pin(engine::strangers::flush(e))),
        every(15, "RADIUS requests", |e| {
            Box::pin(async move {
                engine::radius::resume(e);
                Ok(())
            })
        }),
        every(60, "directories", |e| Box::pin(engine::directories::tick(e))),
        every(60, "running time", |e| {
            Box::pin(async move {
                // The one job that writes every time: it tells whether the database can be written.
                let outcome = engine::running::store(e).await;
                engine::jobs::wrote(e, &outcome).await?;
                outcome
            })
        }),
        every(10, "mail servers", |e| Box::pin(engine::servers::tell_health(e))),
        every(5, "removal of organizations", |e| Box::pin(engine::organizations::tick(e))),
        every(600, "retention", |e| {
            Box::pin(async move { engine::retention::run_if_due(e).await.map(drop) })
        }),
        every(600, "journal check", |e| Box::pin(engine::journal_check::run(e))),
        every(600, "housekeeping", |e| Box::pin(engine::housekeeping::run(e))),
        followers(Arc::clone(engine), stop.clone()),
        mail(Arc::clone(engine), stop.clone()),
        webhooks(Arc::clone(engine), stop.clone()),
    ]
}

/// Those who act on what the journal says.
fn followers(engine: Arc<Engine>, stop: CancellationToken) -> tokio::task::JoinHandle<()> {
    engine::followers::register(&engine, Arc::new(engine::radius::RadiusFollower));
    engine::followers::register(&engine, Arc::new(engine::alerts::AlertFollower));
    engine::followers::register(&engine, Arc::new(engine::notifications::NotificationFollower));
    tokio::spawn(async move {
        tokio::select! {
            () = engine::followers::run(Arc::clone(&engine)) => {}
            () = stop.cancelled() => {}
        }
        if let Err(error) = engine::followers::stop(&engine).await {
            tracing::warn!(%error, "cursors of followers were not stored; some entries will be followed again");
        }
    })
}

/// Outgoing mail.
fn mail(engine: Arc<Engine>, stop: CancellationToken) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        tokio::select! {
            () = engine::mail::run(Arc::clone(&engine)) => {}
            () = stop.cancelled() => {}
        }
        if let Err(error) = engine::mail::stop(&engine).await {
            tracing::warn!(%error, "the lease of outgoing mail was not given back");
        }
    })
}

/// Deliveries to webhooks.
fn webhooks(engine: Arc<Engine>, stop: CancellationToken) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        tokio::select! {
            () = engine::webhooks::run(Arc::clone(&engine)) => {}
            () = stop.cancelled() => {}
        }
        if let Err(error) = engine::webhooks::stop(&engine).await {
            tracing::warn!(%error, "the lease of webhooks was not given back");
        }
    })
}

type Job = for<'e> fn(&'e Arc<Engine>) -> futures_util::future::BoxFuture<'e, engine::Result<()>>;

async fn repeat(
    engine: &Arc<Engine>,
    stop: &CancellationToken,
    every: Duration,
    name: &'static str,
    job: Job,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut state = engine::jobs::Job::default();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let outcome = job(engine).await;
        if let Err(error) = &outcome {
            tracing::warn!(job = name, %error, "will be tried again");
        }
        if let Err(error) = state.ran(engine, name, &outcome).await {
            tracing::warn!(job = name, %error, "it could not be journaled that this job fails");
        }
    }
}

/// Writes what is only in memory. Called once more at the end.
pub async fn flush(engine: &Engine) {
    let outcomes = [
        engine::presence::flush(engine).await,
        engine::exchanges::flush(engine).await,
        engine::traces::flush(engine).await,
        engine::ise::flush(engine).await,
        engine::strangers::flush(engine).await,
        engine::running::store(engine).await,
        engine::schedules::flush(engine).await,
    ];
    for error in outcomes.into_iter().filter_map(Result::err) {
        tracing::error!(%error, "not everything was flushed");
    }
}

/// Changes of other nodes that are applied in one go.
const MOST_AT_ONCE: usize = 1_024;

/// What the thread that follows the feed tells the runtime.
enum Heard {
    Entry(OrganizationId, ChangeKind, String),
    Gap,
    Journaled(OrganizationId, i64),
}

/// Follows what other nodes write, from the heads taken before the index was filled.
pub fn follow(engine: &Arc<Engine>, heads: Vec<(OrganizationId, i64)>) -> anyhow::Result<Watch> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let watch = engine.store().watch_feed(
        heads,
        Arc::new(move |news| match news {
            News::Changes(entries) => {
                for entry in entries {
                    if let Some(kind) = entry.kind {
                        // The receiver ends only with the process.
                        let _ = sender.send(Heard::Entry(entry.organization, kind, entry.subject.clone()));
                    }
                }
            }
            News::Gap(_) => drop(sender.send(Heard::Gap)),
            News::Journaled(organization, sequence) => {
                drop(sender.send(Heard::Journaled(organization, sequence)));
            }
        }),
    )?;
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        let mut heard = Vec::new();
        // What has gathered while the last lot was applied is read together.
        while receiver.recv_many(&mut heard, MOST_AT_ONCE).await > 0 {
            if let Err(error) = apply(&engine, std::mem::take(&mut heard)).await {
                tracing::error!(%error, "changes of another node were not applied; loading everything anew");
                if let Err(error) = engine.reload().await {
                    tracing::error!(%error, "loading failed");
                }
            }
        }
    });
    Ok(watch)
}

/// Applies what was heard, in its order. After a gap everything is loaded, which includes what was heard before.
async fn apply(engine: &Engine, heard: Vec<Heard>) -> engine::Result<()> {
    let mut entries = Vec::with_capacity(heard.len());
    let (mut gap, mut journals) = (false, Vec::new());
    for one in heard {
        match one {
            Heard::Entry(organization, kind, subject) => entries.push((organization, kind, subject)),
            Heard::Gap => gap = true,
            Heard::Journaled(organization, sequence) => journals.push((organization, sequence)),
        }
    }
    let outcome =
        if gap { engine.reload().await } else { engine::feed::apply_entries(engine, entries).await };
    // After the index, so that followers find what the entries are about.
    for (organization, sequence) in journals {
        engine::followers::heard(engine, organization, sequence);
    }
    outcome
}

//! Worker threads, each with a runtime, a lot for parked connections and a sweep for slow ones.

use std::{
    cell::{Cell, RefCell},
    io,
    num::NonZero,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use tokio::{runtime::LocalOptions, sync::mpsc};

use super::{
    Handler, ListenerConfig, Running, accept,
    connection::{Client, Listening, Serve},
    watch::{Clock, Order, SWEEP, Watch},
};
use crate::{
    metrics::Metrics,
    park::lot::Lot,
    slab::{Key, Slab},
};

/// Something to be done on a worker's thread.
pub(crate) type Job = Box<dyn FnOnce(&Rc<Worker>) + Send>;

/// How the workers are made.
#[derive(Clone, Debug, Default)]
pub struct WorkersConfig {
    /// Number of threads; 0 is one for each processor.
    pub threads: usize,
    /// Where everything is counted.
    pub metrics: Arc<Metrics>,
}

/// The threads that serve connections. All listeners share them. They end when all clones of this value and all
/// [`Running`] listeners are dropped.
#[derive(Clone)]
pub struct Workers {
    jobs: Arc<[mpsc::UnboundedSender<Job>]>,
    metrics: Arc<Metrics>,
    next_listener: Arc<AtomicU64>,
}

impl Workers {
    /// Starts the threads.
    pub fn start(config: WorkersConfig) -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = if config.threads == 0 { processors } else { config.threads };
        let jobs = (0..threads)
            .map(|number| start(number, Arc::clone(&config.metrics)))
            .collect::<io::Result<_>>()?;
        Ok(Self { jobs, metrics: config.metrics, next_listener: Arc::default() })
    }

    /// Listens on an address and serves what comes.
    pub fn serve<H: Handler>(&self, config: ListenerConfig, handler: H) -> io::Result<Running> {
        let socket = accept::bind(config.address)?;
        let local = socket.local_addr()?;
        let id = self.next_listener.fetch_add(1, Relaxed);
        let listening: Arc<dyn Serve> =
            Arc::new(Listening::new(config, id, Arc::clone(&self.metrics), handler));
        Ok(Running::start(self.clone(), socket, local, listening))
    }

    /// Where everything is counted.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Has something done on worker `number` (modulo their number).
    pub(crate) fn send(&self, number: usize, job: Job) {
        // The receiver lives as long as its thread, which lives as long as this sender.
        let _ = self.jobs[number % self.jobs.len()].send(job);
    }

    /// Has something done on all workers.
    pub(crate) fn send_all(&self, job: impl Fn(&Rc<Worker>) + Clone + Send + 'static) {
        for sender in self.jobs.iter() {
            let _ = sender.send(Box::new(job.clone()));
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.jobs.len()
    }
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers").field("threads", &self.jobs.len()).finish_non_exhaustive()
    }
}

fn start(number: usize, metrics: Arc<Metrics>) -> io::Result<mpsc::UnboundedSender<Job>> {
    let (sender, mut jobs) = mpsc::unbounded_channel::<Job>();
    let (started, has_started) = std::sync::mpsc::channel();
    thread::Builder::new().name(format!("http-{number}")).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())
        {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let _ = started.send(Ok(()));
        runtime.block_on(async {
            let worker = Rc::new(Worker::new(metrics));
            tokio::task::spawn_local(Lot::run(Rc::clone(&worker)));
            tokio::task::spawn_local(sweep(Rc::clone(&worker)));
            while let Some(job) = jobs.recv().await {
                job(&worker);
            }
        });
    })?;
    has_started.recv().map_err(io::Error::other)??;
    Ok(sender)
}

/// What belongs to one thread.
pub(crate) struct Worker {
    pub(crate) lot: Lot,
    pub(crate) clock: Clock,
    watched: RefCell<Slab<Watched>>,
}

struct Watched {
    watch: Rc<Watch>,
    listener: Arc<dyn Serve>,
}

/// Ends the watching when it is dropped.
pub(crate) struct Registered {
    worker: Rc<Worker>,
    key: Key,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.worker.watched.borrow_mut().remove(self.key);
    }
}

impl Worker {
    fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            lot: Lot::new(metrics),
            clock: Rc::new(Cell::new(Instant::now())),
            watched: RefCell::new(Slab::new()),
        }
    }

    /// Watches over a connection in service.
    pub(crate) fn watch(self: &Rc<Self>, watch: &Rc<Watch>, client: &Client) -> Registered {
        if client.is_draining() {
            watch.tell(Order::Drain);
        }
        let watched = Watched { watch: Rc::clone(watch), listener: Arc::clone(&client.listener) };
        Registered { worker: Rc::clone(self), key: self.watched.borrow_mut().insert(watched) }
    }

    /// Ends a listener's connections: politely, or at once.
    pub(crate) fn end(self: &Rc<Self>, listener: u64, order: Order) {
        for (_, watched) in self.watched.borrow().iter() {
            if watched.listener.core().id == listener {
                watched.watch.tell(order);
            }
        }
        self.lot.drain(self, listener);
    }

    fn look(&self) {
        let now = Instant::now();
        self.clock.set(now);
        for (_, Watched { watch, listener }) in self.watched.borrow().iter() {
            let order = watch.judge(&listener.core().limits, now);
            if order == Order::Close {
                listener.core().metrics.timeouts.up();
            }
            watch.tell(order);
        }
    }
}

async fn sweep(worker: Rc<Worker>) {
    let mut ticks = tokio::time::interval(SWEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        worker.look();
    }
}

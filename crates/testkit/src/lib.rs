//! Fixtures for tests: fresh stores on both engines, a private PostgreSQL, clocks.
//!
//! ```no_run
//! # async fn test() {
//! for store in testkit::stores().await {
//!     // `store` is a `TestStore`; it derefs to `store::Store` and is removed when dropped.
//! }
//! # }
//! ```
//!
//! PostgreSQL tests start a server of their own from the installed binaries (`initdb`, `pg_ctl`; nothing is
//! downloaded) and share it between the test processes of a run; it stops by itself soon after the last one. Where
//! the binaries are missing that is said loudly, and it is a failure if `NOTIFYMDM_REQUIRE_ALL=1`.

mod clock;
mod cluster;
mod place;

pub use clock::TestClock;
pub use place::{Place, TestStore, places, postgres, secret_key, sqlite, stores};

//! A clock that a process takes for the system's, moved at will: libfaketime, whose monotonic clock stays the true one.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::shell::apt_install;
use crate::work::Work;

/// The file is read again after a second.
const IN_FORCE: Duration = Duration::from_millis(2_200);

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// A clock and what a process must be started with to go by it.
pub struct FakeClock {
    file: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl FakeClock {
    /// A clock that is right to begin with.
    pub fn new(work: &Work, name: &str) -> Result<FakeClock> {
        apt_install(&["libfaketime"])?;
        let file = work.path(&format!("{name}.clock"));
        let environment = vec![
            ("LD_PRELOAD", LIBRARY.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
            // Seconds after which the file is read again.
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        let clock = FakeClock { file, environment };
        clock.ahead_by(0)?;
        Ok(clock)
    }

    /// Puts it so many minutes ahead of the true time, or behind it; in force after two seconds at most.
    pub fn ahead_by(&self, minutes: i64) -> Result<()> {
        let text = format!("{minutes:+}m");
        fs::write(&self.file, text).with_context(|| format!("writing {}", self.file.display()))
    }

    /// The same, and waits until it is in force everywhere.
    pub async fn move_to(&self, minutes: i64) -> Result<()> {
        self.ahead_by(minutes)?;
        tokio::time::sleep(IN_FORCE).await;
        Ok(())
    }

    /// What a process is started with.
    pub fn environment(&self) -> &[(&str, String)] {
        &self.environment
    }
}

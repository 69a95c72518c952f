//! Reading what a process has used, from proc(5).

use std::fs;

use anyhow::{Context as _, Result};

/// Processes whose cost counts for one side: a server and its workers.
#[derive(Clone, Debug)]
pub struct Side {
    pids: Vec<u32>,
}

impl Side {
    /// A server and everything that it has started.
    pub fn of(pid: u32) -> Side {
        Side { pids: crate::process::family(pid) }
    }

    /// Processor time of user and system since the start, in microseconds; ended children included.
    pub fn micros(&self) -> Result<u64> {
        let mut ticks = 0;
        for pid in &self.pids {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
                .with_context(|| format!("process {pid} has ended"))?;
            let (_, rest) = stat.rsplit_once(')').context("a line of /proc/PID/stat")?;
            // utime, stime, cutime, cstime: fields 14 to 17, two of which are before the closing bracket.
            let used = rest.split_whitespace().skip(11).take(4).filter_map(|f| f.parse::<u64>().ok());
            ticks += used.sum::<u64>();
        }
        // A tick is 10 ms on every Linux that this runs on (sysconf(_SC_CLK_TCK) = 100).
        Ok(ticks * 10_000)
    }

    /// Proportional set size in KiB.
    pub fn pss(&self) -> Result<u64> {
        self.sum("smaps_rollup", "Pss:")
    }

    /// Resident set size in KiB.
    pub fn resident(&self) -> Result<u64> {
        self.sum("status", "VmRSS:")
    }

    fn sum(&self, file: &str, name: &str) -> Result<u64> {
        let mut total = 0;
        for pid in &self.pids {
            let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
            let line = text.lines().find(|l| l.starts_with(name)).with_context(|| format!("no {name}"))?;
            total += line.split_whitespace().nth(1).context("no number")?.parse::<u64>()?;
        }
        Ok(total)
    }
}

/// Kernel memory of sockets and file descriptors (slab), in KiB, of the whole machine.
pub fn slab() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find(|l| l.starts_with("Slab:")).context("no Slab in /proc/meminfo")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}

/// The middle value; of an even number, the lower of the two.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// The value below which this share of all lies.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_and_shares() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((median(&values) - 50.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 0.99) - 99.0).abs() < f64::EPSILON);
        assert!((percentile(&[7.0], 0.99) - 7.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_own_process_has_used_time_and_memory() {
        let own = Side::of(std::process::id());
        assert!(own.resident().unwrap() > 100 && own.pss().unwrap() > 100);
        assert!(own.micros().is_ok() && slab().unwrap() > 0);
    }
}

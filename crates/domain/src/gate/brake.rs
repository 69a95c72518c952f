//! The loop brake: a device that fetches its policy again and again is slowed down.
//!
//! Loops are the most common complaint about provisioning servers: a client that never believes its key asks for
//! ever. Six handshakes in ten minutes are a loop; an impatient user makes two.

use catalog::Millis;

/// Completed handshakes allowed within [`HANDSHAKE_WINDOW`].
pub const HANDSHAKE_LIMIT: usize = 5;

/// The window in milliseconds: ten minutes.
pub const HANDSHAKE_WINDOW: Millis = 600_000;

const FIRST_PAUSE: u32 = 30;
const LONGEST_PAUSE: u32 = 600;

/// Until when a device is slowed down by its handshakes, if it needs another one: when enough of them are ten minutes ago.
/// `None`: it may go on.
pub fn braked_until(handshakes: &[Millis], now: Millis) -> Option<Millis> {
    let mut recent: Vec<Millis> = handshakes.iter().copied().filter(|at| is_recent(*at, now)).collect();
    recent.sort_unstable();
    let first_too_many = recent.len().checked_sub(HANDSHAKE_LIMIT + 1)?;
    Some(recent[first_too_many] + HANDSHAKE_WINDOW)
}

fn is_recent(at: Millis, now: Millis) -> bool {
    at <= now && now.saturating_sub(at) < HANDSHAKE_WINDOW
}

/// Seconds of rest, or `None` when the device may go on.
///
/// `handshakes`: times of completed handshakes, in any order. `refused`: how often in a row the brake has refused
/// already; the pause doubles with each, from 30 seconds to ten minutes.
pub fn brake(handshakes: &[Millis], refused: u32, now: Millis) -> Option<u32> {
    let recent = handshakes.iter().filter(|at| is_recent(**at, now)).count();
    if recent <= HANDSHAKE_LIMIT {
        return None;
    }
    Some(FIRST_PAUSE.saturating_mul(1 << refused.min(5)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_handshake_in_ten_minutes_is_one_too_many() {
        let now = 10_000_000;
        let at = |n: i64| (0..n).map(|i| now - i * 60_000).collect::<Vec<_>>();
        assert_eq!(brake(&at(5), 0, now), None);
        assert_eq!(brake(&at(6), 0, now), Some(30));
        let spread: Vec<_> = (0..12).map(|i| now - i * 150_000).collect();
        assert_eq!(brake(&spread, 0, now), None, "four in ten minutes, however long it goes on");
        assert_eq!(brake(&[now + 1; 9], 0, now), None, "the future does not count");
        assert_eq!(braked_until(&at(5), now), None);
        let until = now - 5 * 60_000 + HANDSHAKE_WINDOW;
        assert_eq!(braked_until(&at(7), now), Some(until), "the sixth from the end");
        assert_eq!((brake(&at(7), 0, until - 1), brake(&at(7), 0, until)), (Some(30), None));
    }

    #[test]
    fn the_pause_grows_to_ten_minutes() {
        let pauses: Vec<_> = (0..8).filter_map(|refused| brake(&[100; 6], refused, 100)).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600, 600]);
    }
}

//! How long a Ping or Sync request asks the server to wait.
//!
//! A gateway sets its time-outs by it. Nothing is allocated and nothing is understood but the interval.

use std::time::Duration;

use crate::codepages::token::{air_sync, ping};
use crate::wbxml::{Event, Limits, Reader};

/// No request waits longer than this, whatever it says.
pub const LONGEST: Duration = Duration::from_hours(1);

/// The interval in a Ping or Sync body, at most [`LONGEST`]. `None` for an empty body (the server remembers the
/// last interval), for a body that asks for no wait, and for one that cannot be read.
pub fn interval(body: &[u8]) -> Option<Duration> {
    let mut reader = Reader::new(body, Limits::STREAM).ok()?;
    loop {
        let Event::Start { tag, has_content: true } = reader.next_event().ok()?? else { continue };
        let unit = match tag {
            ping::HEARTBEAT_INTERVAL | air_sync::HEARTBEAT_INTERVAL => 1,
            air_sync::WAIT => 60,
            _ => continue,
        };
        let Event::Text(text) = reader.next_event().ok()?? else { return None };
        let count: u64 = text.trim().parse().ok()?;
        return Some(Duration::from_secs(count.saturating_mul(unit)).min(LONGEST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wbxml::Writer;

    fn sync(tag: crate::wbxml::Tag, number: &str) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(air_sync::SYNC, |w| {
            w.nest(air_sync::COLLECTIONS, |w| {
                w.nest(air_sync::COLLECTION, |w| w.leaf(air_sync::SYNC_KEY, "1"));
            });
            w.leaf(tag, number);
        });
        writer.finish()
    }

    #[test]
    fn the_interval_of_real_and_made_requests_is_found() {
        let ping = include_bytes!("../testdata/captured/zpush-items/11-Ping-req.bin");
        assert_eq!(interval(ping), Some(Duration::from_mins(2)));
        assert_eq!(interval(&sync(air_sync::WAIT, "5")), Some(Duration::from_mins(5)));
        assert_eq!(interval(&sync(air_sync::HEARTBEAT_INTERVAL, "470")), Some(Duration::from_secs(470)));
        assert_eq!(interval(&sync(air_sync::WAIT, "18446744073709551615")), Some(LONGEST));
    }

    #[test]
    fn requests_without_a_wait_have_none() {
        assert_eq!(interval(b""), None);
        assert_eq!(interval(b"From: u6@example.test"), None);
        assert_eq!(interval(include_bytes!("../testdata/captured/sogo/06-Sync-req.bin")), None);
        assert_eq!(interval(&sync(air_sync::WAIT, "soon")), None);
    }
}

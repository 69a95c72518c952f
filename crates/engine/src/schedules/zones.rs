//! Time zones by name, as the data that the domain works with.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use domain::schedule::Zone;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use parking_lot::RwLock;

/// Zones by lower-case name. Only names that are known are kept, so this stays small.
static ZONES: LazyLock<RwLock<HashMap<String, Arc<Zone>>>> = LazyLock::new(RwLock::default);

/// 2100-01-01: later changes of the clock are not looked for.
const END: i64 = 4_102_444_800;

/// The zone of an IANA name, in any letter case; `None` if there is no such zone.
pub fn zone(name: &str) -> Option<Arc<Zone>> {
    let key = name.to_ascii_lowercase();
    if let Some(known) = ZONES.read().get(&key) {
        return Some(Arc::clone(known));
    }
    let zone = Arc::new(load(&TimeZone::get(name).ok()?));
    ZONES.write().insert(key, Arc::clone(&zone));
    Some(zone)
}

fn load(zone: &TimeZone) -> Zone {
    let start = Timestamp::UNIX_EPOCH;
    let first = zone.to_offset(start).seconds();
    let mut last = first;
    let mut changes = Vec::new();
    for change in zone.following(start).take_while(|change| change.timestamp().as_second() < END) {
        let offset = change.offset().seconds();
        // Some changes are of the name alone.
        if offset != last {
            changes.push((change.timestamp().as_millisecond(), offset));
            last = offset;
        }
    }
    Zone::new(first, changes)
}

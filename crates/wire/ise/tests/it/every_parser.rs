//! Hostile bytes through everything that reads; shared with the fuzz target.

use wire_ise::body::{self, MAX_VALUES};
use wire_ise::target::{self, Request};
use wire_ise::{Criterion, Filter, Guid, Mac, answer};

/// Runs the bytes through every parser, and what was read through the writers. Panics if a promise is broken.
pub fn run(bytes: &[u8]) {
    bodies(bytes);
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines().take(32) {
        address(line);
        values(line);
    }
}

fn bodies(bytes: &[u8]) {
    if let Ok(values) = body::batch(bytes) {
        assert!(values.len() <= MAX_VALUES);
        assert!(values.iter().all(|value| !value.text.is_empty()));
    }
    if let Ok(devices) = body::identifiers(bytes) {
        assert!((1..=MAX_VALUES).contains(&devices.len()));
        let results =
            devices.iter().map(|device| (device.echo().expect("names a device"), answer::Outcome::Accepted));
        let mut out = Vec::new();
        answer::action(&mut out, wire_ise::ApiVersion::V3, results);
        assert!(std::str::from_utf8(&out).is_ok());
    }
    if let Ok(message) = body::message(bytes) {
        assert!(!message.text.is_empty() && !message.kind.is_empty() && !message.devices.is_empty());
    }
}

fn address(line: &str) {
    let (method, rest) = line.split_once(' ').unwrap_or(("GET", line));
    let rest = rest.trim();
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    for method in [method, "GET", "POST", "PUT"] {
        let Ok(target) = target::parse(method, path, query) else { continue };
        assert!(target.instance.as_ref().is_none_or(|name| !name.is_empty() && !name.contains('/')));
        match target.request {
            Ok(Request::Devices(query)) => assert!(i32::try_from(query.paging).is_ok()),
            Ok(Request::BatchDevices(query)) => assert!(query.lookups(&[]).count() <= MAX_VALUES),
            Ok(Request::MdmInfo { .. } | Request::Action(_) | Request::SendMessage) => {}
            Err(error) => assert!(matches!(error.status(), 400 | 405 | 414) && !error.to_string().is_empty()),
        }
    }
}

fn values(line: &str) {
    if let Some(mac) = Mac::parse(line) {
        assert_eq!(Mac::parse(mac.text().as_str()), Some(mac));
    }
    if let Some(guid) = Guid::parse(line) {
        let canonical = Guid::parse(&guid.canonical());
        assert!(guid.uuid().is_none() || canonical.and_then(|guid| guid.uuid()) == guid.uuid());
    }
    if let Some(criterion) = Criterion::from_name(line.split('=').next().unwrap_or_default()) {
        let _ = criterion.read(line).echo();
    }
    let _ = Filter::parse(line);
}

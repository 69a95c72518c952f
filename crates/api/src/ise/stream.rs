//! Writing lists of devices: one piece if it is small, else a stream that is made as fast as the client takes it, so
//! that a poll of a hundred thousand devices needs the memory of one chunk.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use domain::model::{Device, Messaging, OrganizationId};
use engine::Engine;
use engine::ise::{self as feature, Naming, Page};
use futures_util::stream;
use http::StatusCode;
use wire_ise::answer::{self, DeviceAttributes};
use wire_ise::{ApiVersion, Filter, Identifier, IdentifierKind, Lookup, Mac};

use super::answers;
use super::call::Recorder;

/// What is written at once. A look-up is about a kilobyte.
const CHUNK: usize = 48 * 1024;
/// Addresses of a device, at most.
const MAX_MACS: usize = 10;

/// The devices of an answer.
pub(super) enum Entries {
    /// A page, all named in one way.
    Page(Arc<Page>, Naming),
    /// Devices that were asked for, named as they were asked for.
    Asked(Vec<(Lookup, Arc<Device>)>),
}

/// An answer that is being written.
pub(super) struct Answer {
    engine: Arc<Engine>,
    /// The organization's own words for reasons and remedies.
    messaging: Arc<Messaging>,
    entries: Entries,
    version: ApiVersion,
    filter: Filter,
    at: usize,
}

impl Answer {
    pub(super) fn new(
        engine: Arc<Engine>,
        organization: OrganizationId,
        entries: Entries,
        version: ApiVersion,
        filter: Filter,
    ) -> Self {
        let messaging = engine.directory().messaging(organization);
        let messaging = messaging.unwrap_or_else(|| Arc::new(Messaging::new(organization)));
        Self { engine, messaging, entries, version, filter, at: 0 }
    }

    /// The response. The call is recorded when the last byte was taken, or when the client left.
    pub(super) fn respond(mut self, next: u32, recorder: Recorder, note: &'static str) -> Response {
        let mut first = Vec::with_capacity(1_536);
        answer::page_start(&mut first, self.version, next);
        if self.fill(&mut first) {
            return recorder.answered(answers::xml(StatusCode::OK, first), note);
        }
        let streaming = Streaming { answer: self, first: Some(first), recorder: Some(recorder), done: false };
        let chunks = stream::unfold(streaming, |mut streaming| async move {
            let chunk = streaming.chunk().await?;
            Some((Ok::<_, Infallible>(Bytes::from(chunk)), streaming))
        });
        answers::xml(StatusCode::OK, Body::from_stream(chunks))
    }

    /// Appends devices until the chunk is full; true when the answer is complete.
    fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        while out.len() < CHUNK {
            match &self.entries {
                Entries::Page(page, naming) => match page.devices.get(self.at) {
                    Some(device) => self.in_page(out, device, *naming),
                    None => return end(out),
                },
                Entries::Asked(asked) => match asked.get(self.at) {
                    Some((lookup, device)) => self.asked(out, lookup, device),
                    None => return end(out),
                },
            }
            self.at += 1;
        }
        false
    }

    fn in_page(&self, out: &mut Vec<u8>, device: &Device, naming: Naming) {
        let by_mac = naming != Naming::Guid && !device.macs.is_empty();
        self.write(out, device, |write, macs, guid| {
            if by_mac {
                for mac in macs {
                    write(&Identifier::Mac(*mac));
                }
            } else if naming != Naming::Mac {
                write(&Identifier::Text(IdentifierKind::Guid, guid));
            }
        });
    }

    /// MAC, GUID and host name are repeated as they were asked for; what was found by udid, IMEI or MEID is named by
    /// its MAC, as the documents have it.
    fn asked(&self, out: &mut Vec<u8>, lookup: &Lookup, device: &Device) {
        self.write(out, device, |write, macs, guid| match (lookup, macs.first()) {
            (Lookup::Username(_), Some(_)) => {
                for mac in macs {
                    write(&Identifier::Mac(*mac));
                }
            }
            (Lookup::Udid(_) | Lookup::Imei(_) | Lookup::Meid(_), Some(mac)) => write(&Identifier::Mac(*mac)),
            _ => match lookup.echo() {
                Some(echo) => write(&echo),
                None => write(&Identifier::Text(IdentifierKind::Guid, guid)),
            },
        });
    }

    fn write(
        &self,
        out: &mut Vec<u8>,
        device: &Device,
        names: impl FnOnce(&mut dyn FnMut(&Identifier<'_>), &[Mac], &str),
    ) {
        let known = feature::attributes(&self.engine, &self.messaging.notifications, device);
        let guid = device.guid.to_string();
        let mut space = [Mac::from_octets([0; 6]); MAX_MACS];
        let mut count = 0;
        for mac in device.macs.iter().filter_map(|mac| Mac::parse(mac)).take(MAX_MACS) {
            space[count] = mac;
            count += 1;
        }
        let macs = &space[..count];
        let attributes = DeviceAttributes {
            registered: Some(known.registered),
            compliant: Some(known.compliant),
            failure_reason: &known.failure_reason,
            remediation: &known.remediation,
            disk_encryption: known.disk_encryption,
            pin_lock: known.pin_lock,
            jail_broken: known.jail_broken,
            manufacturer: known.manufacturer,
            model: known.model,
            imei: known.imei,
            meid: known.meid,
            udid: known.udid,
            serial_number: known.serial_number,
            os_version: &known.os_version,
            phone_number: known.phone_number,
            last_check_in: known.last_check_in,
            guid: &guid,
            macs,
        };
        let mut write =
            |name: &Identifier<'_>| answer::device(out, self.version, name, &attributes, self.filter);
        names(&mut write, macs, &guid);
    }
}

fn end(out: &mut Vec<u8>) -> bool {
    answer::page_end(out);
    true
}

/// The rest of an answer that did not fit into one chunk.
struct Streaming {
    answer: Answer,
    first: Option<Vec<u8>>,
    recorder: Option<Recorder>,
    done: bool,
}

impl Streaming {
    async fn chunk(&mut self) -> Option<Vec<u8>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.done {
            self.record("");
            return None;
        }
        // A page takes milliseconds to write; look-ups of others on this thread go in between.
        let_others_go().await;
        let mut chunk = Vec::with_capacity(CHUNK + 4_096);
        self.done = self.answer.fill(&mut chunk);
        Some(chunk)
    }

    fn record(&mut self, note: &str) {
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(StatusCode::OK.as_u16(), note);
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // Nothing was taken at all: a HEAD.
        let whole = self.done || self.first.is_some();
        let note = if whole { "" } else { "The client left in the middle of the answer." };
        self.record(note);
    }
}

/// Lets other tasks of this thread run once.
async fn let_others_go() {
    let mut yielded = false;
    std::future::poll_fn(move |cx| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

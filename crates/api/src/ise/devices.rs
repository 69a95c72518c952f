//! Look-ups, polls and batches.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use domain::model::Device;
use engine::ise::{self as feature, Key, Naming, PageQuery, Remark, Which};
use wire_ise::target::{BatchQuery, DeviceQuery};
use wire_ise::{ApiVersion, Filter, IdentifierKind, Lookup, body};

use super::call::Recorder;
use super::stream::{Answer, Entries};
use super::{Call, answers, bodies};

impl Call<'_> {
    /// `GET devices`.
    pub(super) async fn devices(&self, query: DeviceQuery, recorder: Recorder) -> Response {
        let naming = naming(self.version, query.device_identifier, query.identifier_kind());
        match key(&query.lookup) {
            Asked::Many(which) => self.page(which, query.paging, naming, query.filter, recorder).await,
            Asked::One(key) => {
                let found = key.map(|key| feature::lookup(&self.ise.engine, &self.scope, &key)).transpose();
                match found {
                    Ok(found) => {
                        let remark = found.as_ref().map_or(Remark::Unknown, |lookup| lookup.remark);
                        let device = found.and_then(|lookup| lookup.device);
                        let entries = Entries::Asked(device.map(|d| (query.lookup, d)).into_iter().collect());
                        self.list(entries, 0, query.filter, recorder, remark.words())
                    }
                    Err(error) => {
                        recorder.answered(answers::failure(self.version, &error), &error.to_string())
                    }
                }
            }
        }
    }

    async fn page(
        &self,
        which: Which,
        after: u32,
        naming: Naming,
        filter: Filter,
        recorder: Recorder,
    ) -> Response {
        match feature::page(&self.ise.engine, &self.scope, PageQuery { which, after, naming }).await {
            Ok(page) => {
                let next = page.next;
                self.list(Entries::Page(page, naming), next, filter, recorder, "")
            }
            Err(error) => recorder.answered(answers::failure(self.version, &error), &error.to_string()),
        }
    }

    /// `POST batchdevices`: each value is a look-up of its own; what nobody knows is left out.
    pub(super) async fn batch<B>(&self, query: BatchQuery, body: B, recorder: Recorder) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<axum::BoxError>,
    {
        let values = match bodies::read(body).await.and_then(|bytes| body::batch(&bytes)) {
            Ok(values) => values,
            Err(why) => return recorder.answered(answers::bad_body(self.version, why), &why.to_string()),
        };
        let naming = naming(self.version, query.device_identifier, IdentifierKind::MacAddress);
        let mut found = Vec::new();
        for lookup in query.lookups(&values) {
            if let Err(error) = self.batch_value(lookup, naming, &mut found).await {
                return recorder.answered(answers::failure(self.version, &error), &error.to_string());
            }
        }
        self.list(Entries::Asked(found), 0, query.filter, recorder, "")
    }

    async fn batch_value(
        &self,
        lookup: Lookup,
        naming: Naming,
        found: &mut Vec<(Lookup, Arc<Device>)>,
    ) -> engine::Result<()> {
        match key(&lookup) {
            Asked::One(Some(key)) => {
                let device = feature::lookup(&self.ise.engine, &self.scope, &key)?.device;
                found.extend(device.map(|device| (lookup, device)));
            }
            Asked::One(None) => {}
            Asked::Many(which) => {
                let query = PageQuery { which, after: 0, naming };
                let page = feature::page(&self.ise.engine, &self.scope, query).await?;
                found.extend(page.devices.iter().map(|device| (lookup.clone(), Arc::clone(device))));
            }
        }
        Ok(())
    }

    fn list(
        &self,
        entries: Entries,
        next: u32,
        filter: Filter,
        recorder: Recorder,
        note: &'static str,
    ) -> Response {
        let (engine, organization) = (Arc::clone(&self.ise.engine), self.scope.organization());
        Answer::new(engine, organization, entries, self.version, filter).respond(next, recorder, note)
    }
}

/// How a page names devices: by MAC unless `deviceidentifier` or the criterion says otherwise. Version 3 may name by
/// GUID what has no MAC, if the client left it open.
fn naming(version: ApiVersion, said: Option<IdentifierKind>, kind: IdentifierKind) -> Naming {
    match (version, said, kind) {
        (_, _, IdentifierKind::Guid) => Naming::Guid,
        (ApiVersion::V3, None, _) => Naming::MacOrGuid,
        _ => Naming::Mac,
    }
}

/// A question in the engine's words.
pub(super) enum Asked {
    /// One device; `None` if the value cannot be anybody's.
    One(Option<Key>),
    /// A list.
    Many(Which),
}

/// Translates a question.
pub(super) fn key(lookup: &Lookup) -> Asked {
    Asked::One(match lookup {
        Lookup::All => return Asked::Many(Which::All),
        Lookup::Compliance(compliant) => return Asked::Many(Which::Compliant(*compliant)),
        Lookup::Username(name) => return Asked::Many(Which::OfUser(name.clone())),
        Lookup::Mac(mac) => Some(Key::Mac(mac.to_string())),
        Lookup::Guid(guid) => guid.uuid().map(|bytes| Key::Guid(uuid::Uuid::from_bytes(bytes))),
        Lookup::HostName(name) => Some(Key::HostName(name.clone())),
        Lookup::Udid(udid) => Some(Key::Udid(udid.clone())),
        Lookup::Imei(imei) => Some(Key::Imei(imei.clone())),
        Lookup::Meid(meid) => Some(Key::Meid(meid.clone())),
        Lookup::Nobody { .. } => None,
    })
}

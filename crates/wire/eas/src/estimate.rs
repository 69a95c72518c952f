//! GetItemEstimate: how many changes a Sync would bring (MS-ASCMD, GetItemEstimate).

use crate::body::{self, Error};
use crate::codepages::token::{air_sync, get_item_estimate as t};
use crate::status::get_item_estimate::SUCCESS;
use crate::version::Version;
use crate::wbxml::Writer;

/// Most collections of one request.
const MAX_COLLECTIONS: usize = 1024;
const MAX_TEXT: usize = 1024;

/// A collection that the device asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its id; up to 12.1 a device may give only the class.
    pub id: Option<String>,
    /// Its class; up to 12.1.
    pub class: Option<String>,
    /// The key of the device's last Sync, if it says so.
    pub sync_key: Option<String>,
}

/// Reads a request.
pub fn parse_request(bytes: &[u8]) -> Result<Vec<Collection>, Error> {
    let root = body::parse(bytes, t::GET_ITEM_ESTIMATE)?;
    let collections = root.child(t::COLLECTIONS).ok_or(Error::Missing(t::COLLECTIONS))?;
    let collections = collections.all(t::COLLECTION).map(|collection| {
        let id = body::string(collection, t::COLLECTION_ID, MAX_TEXT)?;
        // The class moved between code pages and into Options over the versions; only the old place matters.
        let class = body::string(collection, t::CLASS, MAX_TEXT)?;
        Ok(Collection { id, class, sync_key: body::string(collection, air_sync::SYNC_KEY, MAX_TEXT)? })
    });
    body::bounded(collections.collect::<Result<_, Error>>()?, MAX_COLLECTIONS, t::COLLECTION)
}

/// The answer for one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The collection asked about.
    pub collection: Collection,
    /// See [`crate::status::get_item_estimate`].
    pub status: u16,
    /// How many changes wait; written only on success.
    pub count: u32,
}

/// Writes an answer. The class of a collection is repeated up to 12.1 only.
pub fn encode_answer(version: Version, estimates: &[Estimate]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(t::GET_ITEM_ESTIMATE, |w| {
        for estimate in estimates {
            w.nest(t::RESPONSE, |w| {
                w.number(t::STATUS, estimate.status);
                if estimate.status == SUCCESS {
                    w.nest(t::COLLECTION, |w| {
                        if version <= Version::V12_1 {
                            w.optional(t::CLASS, estimate.collection.class.as_deref());
                        }
                        w.optional(t::COLLECTION_ID, estimate.collection.id.as_deref());
                        w.number(t::ESTIMATE, estimate.count);
                    });
                }
            });
        }
    });
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captured_requests_are_read_and_the_answer_is_that_of_a_real_server() {
        let body = include_bytes!("../testdata/captured/eas-autoprobe-zpush/08-GetItemEstimate-req.bin");
        let collections = parse_request(body).unwrap();
        assert_eq!(collections.len(), 1);
        assert!(collections[0].id.is_some() && collections[0].sync_key.is_some());
        let answer = include_bytes!("../testdata/captured/eas-autoprobe-zpush/08-GetItemEstimate-resp.bin");
        let collection =
            Collection { class: Some("Email".to_owned()), ..collections.into_iter().next().unwrap() };
        let estimate = Estimate { collection, status: 1, count: 0 };
        // Z-Push repeats the class at every version.
        assert_eq!(encode_answer(Version::V12_1, std::slice::from_ref(&estimate)), answer);
        assert!(encode_answer(Version::V14_0, &[estimate]).len() < answer.len());
    }
}

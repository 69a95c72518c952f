//! Sync against captures, and round trips.

use proptest::prelude::*;

use super::*;
use crate::version::Version;

#[test]
fn captured_requests_give_their_keys_and_collections() {
    let body = include_bytes!("../../testdata/captured/sogo/07-Sync-req.bin");
    let request = Request::parse(body).unwrap().unwrap();
    let collection = &request.collections[0];
    assert_eq!(collection.sync_key, "-1");
    assert_eq!(collection.id.as_deref(), Some("mail%2F20b6f835aff2016bed7c000083ecc375"));
    assert_eq!(collection.get_changes, Some(true));
    let first = include_bytes!("../../testdata/captured/sogo/06-Sync-req.bin");
    let request = Request::parse(first).unwrap().unwrap();
    assert!(!request.collections[0].wants_changes());
    assert_eq!(request.encode(), first);
    assert_eq!(Request::parse(b""), Ok(None));
}

#[test]
fn an_answer_has_the_bytes_of_a_captured_one() {
    let body = include_bytes!("../../testdata/captured/eas-autoprobe-sogo/03-Sync-resp.bin");
    let answer = Answer::parse(body).unwrap();
    assert_eq!(answer.collections[0].sync_key, "-1");
    assert_eq!(answer.collections[0].status, 1);
    assert_eq!(answer.encode(Version::V12_0), body);
    let refused = include_bytes!("../../testdata/captured/sogo/13-Sync-resp.bin");
    assert_eq!(Answer::parse(refused).unwrap(), Answer::refused(13, None));
}

fn text() -> impl Strategy<Value = String> {
    "[!-~]{1,20}"
}

fn change() -> impl Strategy<Value = Change> {
    let kinds = vec![ChangeKind::Add, ChangeKind::Change, ChangeKind::Delete, ChangeKind::Fetch];
    (proptest::sample::select(kinds), proptest::option::of(text()), proptest::option::of(text()))
        .prop_map(|(kind, client_id, server_id)| Change { kind, client_id, server_id })
}

proptest! {
    #[test]
    fn requests_survive_writing_and_reading(
        key in text(), id in proptest::option::of(text()), get in any::<Option<bool>>(), wait in any::<Option<u32>>(),
        heartbeat in any::<Option<u32>>(), partial in any::<bool>(), changes in proptest::collection::vec(change(), 0..5),
    ) {
        let collection = Collection { sync_key: key, id, get_changes: get, changes, class: None };
        let request = Request {
            collections: vec![collection.clone(), collection],
            wait_minutes: wait,
            heartbeat_seconds: heartbeat,
            partial,
        };
        prop_assert_eq!(Request::parse(&request.encode()), Ok(Some(request)));
    }

    #[test]
    fn answers_survive_writing_and_reading(
        status in any::<Option<u16>>(), limit in any::<Option<u32>>(), key in text(), class in proptest::option::of(text()),
        changes in proptest::collection::vec((change(), any::<u16>()), 0..5),
    ) {
        let items = changes.into_iter().map(|(Change { kind, client_id, server_id }, status)| ItemStatus {
            kind, client_id, server_id, status,
        });
        let collection = CollectionAnswer { class, sync_key: key, id: None, status: 1, items: items.collect() };
        let answer = Answer { status, limit, collections: vec![collection] };
        prop_assert_eq!(Answer::parse(&answer.encode(Version::V12_0)), Ok(answer));
    }
}

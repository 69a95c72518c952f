//! Every address form of `urls.txt`: at every mount point, with and without an instance, with and without
//! the trailing slash, with doubled slashes.

use wire_ise::target::{self, Action, BatchQuery, DeviceQuery, Request};
use wire_ise::{Attribute, Criterion, Filter, IdentifierKind, Lookup};

use crate::fixture::{GUID, MAC, sample};

const MOUNTS: [&str; 5] =
    ["/ciscoise", "/ise/mdm/api", "/ciscoise/mdmapi/v1", "/ciscoise/mdmapi/v2", "/ciscoise/mdmapi/v3"];

fn devices(lookup: Lookup) -> Request {
    Request::Devices(DeviceQuery { paging: 0, lookup, filter: Filter::ALL, device_identifier: None })
}

fn poll(device_identifier: IdentifierKind) -> Request {
    let lookup = Lookup::Compliance(false);
    Request::Devices(DeviceQuery {
        paging: 0,
        lookup,
        filter: Filter::ALL,
        device_identifier: Some(device_identifier),
    })
}

fn of_user() -> Request {
    let filter = Filter::parse("register_status,compliance");
    assert!(filter.contains(Attribute::RegisterStatus) && !filter.contains(Attribute::Model));
    let lookup = Lookup::Username("abcd1234".to_owned());
    Request::Devices(DeviceQuery { paging: 0, lookup, filter, device_identifier: None })
}

fn batch(values: &[&str]) -> Request {
    Request::BatchDevices(BatchQuery {
        paging: 0,
        criterion: Some(Criterion::MacAddress),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        filter: Filter::ALL,
        device_identifier: None,
    })
}

/// What each line of the file means, in its order.
fn expected() -> Vec<Request> {
    let info = |asked_version| Request::MdmInfo { asked_version };
    vec![
        info(1),
        info(2),
        info(3),
        devices(Lookup::Mac(MAC)),
        devices(Lookup::Mac(MAC)),
        of_user(),
        devices(Lookup::Compliance(false)),
        devices(Lookup::All),
        devices(Lookup::Mac(MAC)),
        devices(Lookup::Udid("00008020-0000000000000001".to_owned())),
        of_user(),
        devices(Lookup::Compliance(false)),
        devices(Lookup::All),
        devices(Criterion::Guid.read(GUID)),
        devices(Lookup::HostName("LAPTOP-01".to_owned())),
        poll(IdentifierKind::Guid),
        poll(IdentifierKind::MacAddress),
        batch(&[]),
        batch(&["3408BC507C78"]),
        Request::Action(Action::PinLock),
        Request::Action(Action::CorporateWipe),
        Request::SendMessage,
    ]
}

/// Method and address of each line.
fn lines(file: &str) -> Vec<(String, String)> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let mut words = line.split_whitespace();
            (words.next().unwrap().to_owned(), words.next().unwrap().to_owned())
        })
        .collect()
}

/// The ways in which the same path is written.
fn spellings(path: &str) -> Vec<String> {
    let bare = path.trim_end_matches('/');
    vec![
        bare.to_owned(),
        format!("{bare}/"),
        format!("{bare}//"),
        bare.replace('/', "//"),
        bare.replace("devices", "%64evices").replace("mdminfo", "mdminf%6F"),
    ]
}

#[test]
fn every_form_is_read_at_every_mount_point() {
    let file = sample("urls.txt");
    let lines = lines(&file);
    let expected = expected();
    assert_eq!(lines.len(), expected.len(), "every line of the file has its meaning here");
    let mut read = 0;
    for ((method, address), request) in lines.iter().zip(&expected) {
        for instance in ["", "/acme"] {
            for mount in MOUNTS {
                let address = address.replace("{I}", instance).replace("{P}", mount);
                let (path, query) =
                    address.split_once('?').map_or((address.as_str(), None), |(p, q)| (p, Some(q)));
                for path in spellings(path) {
                    let target =
                        target::parse(method, &path, query).unwrap_or_else(|_| panic!("{method} {path}"));
                    assert_eq!(target.request.as_ref(), Ok(request), "{method} {path} {query:?}");
                    assert_eq!(target.instance.as_deref(), instance.strip_prefix('/'), "{path}");
                    read += 1;
                }
            }
        }
    }
    assert_eq!(read, lines.len() * 2 * 5 * 5);
}

#[test]
fn the_misprint_of_one_document_is_not_served() {
    assert!(target::parse("GET", "/ciscoise/devicess/0/all", None).is_err());
}

#[test]
fn a_plus_a_blank_and_a_comma_join_the_same_filter() {
    for joint in ["+", "%20", "%2B", ",", "%2C"] {
        let query = format!(
            "paging=0&querycriteria=username&value=abcd1234&filter=register_status{joint}compliance_status"
        );
        let target = target::parse("GET", "/ise/mdm/api/devices/", Some(&query)).unwrap();
        assert_eq!(target.request, Ok(of_user()), "{joint}");
        let path = format!("/ciscoise/devices/0/username/abcd1234/register_status{joint}compliance_status");
        assert_eq!(target::parse("GET", &path, None).unwrap().request, Ok(of_user()), "{joint}");
    }
}

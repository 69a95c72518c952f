//! From method, path and query to a typed request.
//!
//! One parser for every address that ISE, or a client that imitates it, has been seen to call: the three
//! mount points, with or without an instance in front, with or without a trailing slash, positional paths of
//! version 1, and parameters whose `?` was forgotten. Empty segments collapse; encoded slashes and dot
//! segments are not paths of this API. Nothing here ever asks for a redirect, since clients drop their
//! credentials or turn a POST into a GET when redirected.

mod params;
mod path;
mod read;
mod request;

pub use request::{Action, BatchQuery, DeviceQuery, Request, RequestError};

use crate::{ApiVersion, negotiate, version};
use params::Params;
use path::Resource;

/// Longest path in bytes.
pub const MAX_PATH: usize = 8 * 1024;
/// Longest query in bytes.
pub const MAX_QUERY: usize = 256 * 1024;

const READ: &[&str] = &["GET", "HEAD"];

/// The path is not one of this API (answer 404, the same for every such path).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound;

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not found")
    }
}

impl std::error::Error for NotFound {}

/// A request whose path belongs to this API.
///
/// The parts are checked in this order: the shape of the path (done), credentials, the instance (404 if it is
/// not the caller's organization), the caller's right, and only then `request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The segment in front of the mount point, decoded but otherwise as typed; 1 to 64 bytes.
    pub instance: Option<String>,
    /// The version that the address itself implies, if it does.
    pub implied_version: Option<ApiVersion>,
    /// What is asked, or why it cannot be answered.
    pub request: Result<Request, RequestError>,
}

impl Target {
    /// The version to answer with: that of the path, else what the parameters imply, else 3 if this account
    /// last negotiated 3, else 2. Pass `Some(V3)` as well when a body names its devices by GUID.
    pub fn version(&self, last_negotiated: Option<ApiVersion>) -> ApiVersion {
        match (self.implied_version, last_negotiated) {
            (Some(version), _) => version,
            (None, Some(ApiVersion::V3)) => ApiVersion::V3,
            (None, _) => ApiVersion::V2,
        }
    }
}

/// Reads the address of a request. `query` is what follows the `?`, without it.
///
/// ```
/// use wire_ise::target::{self, Action, Request};
/// let target = target::parse("POST", "/acme/ciscoise/mdmapi/v3/action/actionType=pin_lock", None)?;
/// assert_eq!(target.instance.as_deref(), Some("acme"));
/// assert_eq!(target.request, Ok(Request::Action(Action::PinLock)));
/// # Ok::<(), target::NotFound>(())
/// ```
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Result<Target, NotFound> {
    let place = path::locate(path)?;
    let query = query.unwrap_or_default();
    if query.len() > MAX_QUERY {
        return Ok(Target {
            instance: place.instance,
            implied_version: place.version,
            request: Err(RequestError::QueryTooLong),
        });
    }
    // Parameters in the path ("?" forgotten) come first, so that they are the ones that count. Only a first
    // segment holds parameters: later ones are values of version 1, and a user name may have a "=" in it.
    let mut params = Params::default();
    let positional = match place.rest.split_first() {
        Some((first, rest)) if first.raw.contains('=') => {
            params.read(first.raw);
            rest
        }
        _ => &place.rest,
    };
    let mixed = positional.len() < place.rest.len() && !positional.is_empty();
    let positional: Vec<&str> = positional.iter().map(|segment| segment.text.as_ref()).collect();
    params.read(query);

    let request = match place.resource {
        _ if mixed => Err(RequestError::Shape),
        Resource::MdmInfo => only(method, READ).and_then(|()| read::mdm_info(&positional, &params)),
        Resource::Devices => only(method, READ).and_then(|()| read::devices(&positional, &params)),
        Resource::BatchDevices => {
            only(method, &["POST"]).and_then(|()| read::batch_devices(&positional, &params))
        }
        Resource::Action => only(method, &["POST"]).and_then(|()| read::action(&positional, &params)),
        Resource::SendMessage => only(method, &["PUT"]).and_then(|()| read::send_message(&positional)),
    };
    let implied_version = match &request {
        _ if place.resource == Resource::MdmInfo => {
            Some(negotiate(version::asked_version(params.get("ise_api_version"))))
        }
        Ok(request) => place.version.or_else(|| request.implied_version(!positional.is_empty())),
        Err(_) => place.version,
    };
    Ok(Target { instance: place.instance, implied_version, request })
}

fn only(method: &str, allowed: &'static [&'static str]) -> Result<(), RequestError> {
    if allowed.contains(&method) { Ok(()) } else { Err(RequestError::Method { allowed }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filter, Lookup};

    fn get(path: &str, query: &str) -> Target {
        parse("GET", path, Some(query)).unwrap_or_else(|_| panic!("{path} is a path of the API"))
    }

    #[test]
    fn the_version_comes_from_path_then_parameters_then_account() {
        let cases = [
            ("/ciscoise/mdmapi/v1/devices", "", Some(ApiVersion::V1)),
            ("/ciscoise/mdmapi/v2/devices", "querycriteria=guid&value=x", Some(ApiVersion::V2)),
            ("/ciscoise/devices/0/all", "", Some(ApiVersion::V1)),
            ("/ise/mdm/api/devices/0/macaddress/3408BC507C78/all", "", Some(ApiVersion::V1)),
            ("/ise/mdm/api/devices", "querycriteria=guidhn&value=x", Some(ApiVersion::V3)),
            (
                "/ise/mdm/api/devices",
                "querycriteria=compliance&value=false&deviceidentifier=guid",
                Some(ApiVersion::V3),
            ),
            ("/ise/mdm/api/devices", "querycriteria=compliance&value=false", None),
            ("/ciscoise/mdminfo", "", Some(ApiVersion::V1)),
            ("/ciscoise/mdminfo", "ise_api_version=9", Some(ApiVersion::V3)),
        ];
        for (path, query, implied) in cases {
            let target = get(path, query);
            assert_eq!(target.implied_version, implied, "{path}?{query}");
            assert_eq!(target.version(None), implied.unwrap_or(ApiVersion::V2));
            assert_eq!(target.version(Some(ApiVersion::V3)), implied.unwrap_or(ApiVersion::V3));
        }
    }

    #[test]
    fn a_wrong_method_is_named_with_the_right_ones() {
        for (method, path) in [
            ("POST", "/ciscoise/mdminfo"),
            ("POST", "/ciscoise/devices/0/all"),
            ("GET", "/ciscoise/batchdevices"),
            ("GET", "/ciscoise/action/pin_lock"),
            ("POST", "/ciscoise/sendmessage"),
            ("get", "/ciscoise/mdminfo"),
        ] {
            let target = parse(method, path, None).expect("a path of the API");
            assert!(matches!(target.request, Err(RequestError::Method { .. })), "{method} {path}");
        }
    }

    #[test]
    fn an_overlong_query_is_refused_after_the_instance_is_known() {
        let target = get("/acme/ise/mdm/api/devices", &"x".repeat(MAX_QUERY + 1));
        assert_eq!(target.instance.as_deref(), Some("acme"));
        assert_eq!(target.request, Err(RequestError::QueryTooLong));
    }

    #[test]
    fn parameters_are_read_with_and_without_the_question_mark() {
        let with = get("/ise/mdm/api/devices", "paging=7&filter=model");
        let without = get("/ise/mdm/api/devices/paging=7&filter=model/", "");
        assert_eq!(with.request, without.request);
        let Ok(Request::Devices(devices)) = with.request else { panic!("devices") };
        assert_eq!((devices.paging, devices.lookup), (7, Lookup::All));
        assert_eq!(devices.filter, Filter::parse("model"));
    }
}

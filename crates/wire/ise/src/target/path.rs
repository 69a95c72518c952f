//! The path: instance, mount point, resource, and the segments after it.

use std::borrow::Cow;

use super::{MAX_PATH, NotFound};
use crate::{ApiVersion, percent};

/// More segments than any address of the API has; a bound, not a rule.
const MAX_SEGMENTS: usize = 16;
/// Longest instance in bytes.
const MAX_INSTANCE: usize = 64;

/// Where the API is mounted, longest first. Old `api_path`s stay valid, so that an ISE which kept one works.
const MOUNTS: [(&[&str], Option<ApiVersion>); 5] = [
    (&["ciscoise", "mdmapi", "v3"], Some(ApiVersion::V3)),
    (&["ciscoise", "mdmapi", "v2"], Some(ApiVersion::V2)),
    (&["ciscoise", "mdmapi", "v1"], Some(ApiVersion::V1)),
    (&["ise", "mdm", "api"], None),
    (&["ciscoise"], None),
];

/// The five calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    MdmInfo,
    Devices,
    BatchDevices,
    Action,
    SendMessage,
}

/// One path segment in both forms; parameters are split in the raw form, before escapes are decoded.
pub(super) struct Segment<'a> {
    pub raw: &'a str,
    pub text: Cow<'a, str>,
}

/// A path of this API, taken apart.
pub(super) struct Place<'a> {
    pub instance: Option<String>,
    pub version: Option<ApiVersion>,
    pub resource: Resource,
    pub rest: Vec<Segment<'a>>,
}

/// Finds the mount point at the front of the path, or behind one instance segment.
pub(super) fn locate(path: &str) -> Result<Place<'_>, NotFound> {
    if path.len() > MAX_PATH || !path.starts_with('/') {
        return Err(NotFound);
    }
    let mut segments = Vec::with_capacity(MAX_SEGMENTS);
    for raw in path.split('/').filter(|raw| !raw.is_empty()) {
        if segments.len() == MAX_SEGMENTS {
            return Err(NotFound);
        }
        segments.push(Segment { raw, text: percent::path_segment(raw).ok_or(NotFound)? });
    }
    let (at, mount, version) = mount(&segments).ok_or(NotFound)?;
    let resource = resource(segments.get(at + mount), mount == 1).ok_or(NotFound)?;
    let instance = match at {
        0 => None,
        _ => Some(segments[0].text.to_string())
            .filter(|name| name.len() <= MAX_INSTANCE)
            .ok_or(NotFound)?
            .into(),
    };
    Ok(Place { instance, version, resource, rest: segments.split_off(at + mount + 1) })
}

/// Where the mount point begins (0 or 1), how many segments it has, and its version.
fn mount(segments: &[Segment<'_>]) -> Option<(usize, usize, Option<ApiVersion>)> {
    for at in [0, 1] {
        let after = segments.get(at..)?;
        let found = MOUNTS.iter().find(|(names, _)| {
            after.len() >= names.len() && names.iter().zip(after).all(|(name, segment)| *name == segment.text)
        });
        if let Some((names, version)) = found {
            return Some((at, names.len(), *version));
        }
    }
    None
}

/// `mdminfo` is fixed at `/ciscoise`, as its caller does not know the `api_path` yet.
fn resource(segment: Option<&Segment<'_>>, at_ciscoise: bool) -> Option<Resource> {
    Some(match segment?.text.as_ref() {
        "mdminfo" if at_ciscoise => Resource::MdmInfo,
        "devices" => Resource::Devices,
        "batchdevices" => Resource::BatchDevices,
        "action" => Resource::Action,
        "sendmessage" => Resource::SendMessage,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_may_stand_in_front_once() {
        let place = locate("/acme/ciscoise/mdmapi/v2/devices/0/all").unwrap_or_else(|_| panic!("found"));
        assert_eq!((place.instance.as_deref(), place.version), (Some("acme"), Some(ApiVersion::V2)));
        assert_eq!(place.rest.len(), 2);
        assert!(locate("/acme/acme/ciscoise/mdminfo").is_err());
    }

    #[test]
    fn what_is_not_a_path_of_the_api_is_not_found() {
        let long_instance = format!("/{}/ciscoise/mdminfo", "a".repeat(65));
        let many = format!("/ciscoise/devices{}", "/x".repeat(20));
        let long = format!("/ciscoise/devices/0/username/{}/all", "a".repeat(MAX_PATH));
        for path in [
            "",
            "/",
            "ciscoise/mdminfo",
            "/ciscoise",
            "/ciscoise/",
            "/acme",
            "/mdminfo",
            "/ciscoise/mdminfos",
            "/ciscoise/MDMINFO",
            "/ciscoise/devicess/0/all",
            "/ciscoise/mdmapi/v4/devices",
            "/ciscoise/mdmapi/v2/mdminfo",
            "/ise/mdm/api/mdminfo",
            "/ise/mdm/devices",
            "/ciscoise/./mdminfo",
            "/x/../ciscoise/mdminfo",
            "/x/%2e%2e/ciscoise/mdminfo",
            "/ciscoise%2Fmdminfo",
            "/a%2Fb/ciscoise/mdminfo",
            "/ciscoise/devices/0/username/a%00/all",
            "/ciscoise/devices/0/username/%ff/all",
            long_instance.as_str(),
            many.as_str(),
            long.as_str(),
        ] {
            assert!(locate(path).is_err(), "{path}");
        }
    }
}

//! From segments and parameters to the five calls.

use super::params::Params;
use super::{Action, BatchQuery, DeviceQuery, Request, RequestError};
use crate::body::MAX_VALUES;
use crate::{Criterion, Filter, IdentifierKind, Lookup, version};

pub(super) fn mdm_info(positional: &[&str], params: &Params<'_>) -> Result<Request, RequestError> {
    if !positional.is_empty() {
        return Err(RequestError::Shape);
    }
    Ok(Request::MdmInfo { asked_version: version::asked_version(params.get("ise_api_version")) })
}

/// Version 1 puts the parts in a row (`0/macaddress/3408BC507C78/all`, `0/all`), later versions name them.
pub(super) fn devices(positional: &[&str], params: &Params<'_>) -> Result<Request, RequestError> {
    let (token, criterion, value, filter) = match *positional {
        [] => (params.get("paging"), params.get("querycriteria"), params.get("value"), params.get("filter")),
        [token, filter] => (Some(token), None, None, Some(filter)),
        [token, criterion, value] => (Some(token), Some(criterion), Some(value), None),
        [token, criterion, value, filter] => (Some(token), Some(criterion), Some(value), Some(filter)),
        _ => return Err(RequestError::Shape),
    };
    let value = value.unwrap_or_default();
    let lookup = match criterion.map(str::trim).unwrap_or_default() {
        "" if value.is_empty() => Lookup::All,
        "" => return Err(RequestError::NoCriterion),
        all if all.eq_ignore_ascii_case("all") => Lookup::All,
        name => Criterion::from_name(name).ok_or(RequestError::Criterion)?.read(value),
    };
    Ok(Request::Devices(DeviceQuery {
        paging: paging(token),
        lookup,
        filter: filter.map_or(Filter::ALL, Filter::parse),
        device_identifier: device_identifier(params),
    }))
}

pub(super) fn batch_devices(positional: &[&str], params: &Params<'_>) -> Result<Request, RequestError> {
    if !positional.is_empty() {
        return Err(RequestError::Shape);
    }
    let criterion = match params.get("querycriteria").map(str::trim).unwrap_or_default() {
        "" => None,
        name => Some(Criterion::from_name(name).ok_or(RequestError::Criterion)?),
    };
    if criterion == Some(Criterion::Compliance) {
        return Err(RequestError::Criterion);
    }
    let values = params.all("value").filter(|value| !value.trim().is_empty()).take(MAX_VALUES);
    Ok(Request::BatchDevices(BatchQuery {
        paging: paging(params.get("paging")),
        criterion,
        values: values.map(str::to_owned).collect(),
        filter: params.get("filter").map_or(Filter::ALL, Filter::parse),
        device_identifier: device_identifier(params),
    }))
}

/// Documents print the parameter as a path segment; it is also taken as a parameter and as a bare segment.
/// As these are wipes, two answers to the question which one are refused.
pub(super) fn action(positional: &[&str], params: &Params<'_>) -> Result<Request, RequestError> {
    if positional.len() > 1 {
        return Err(RequestError::Shape);
    }
    let mut chosen = None;
    for name in positional.iter().copied().chain(params.all("actionType")) {
        let action = Action::from_name(name).ok_or(RequestError::Action)?;
        if chosen.is_some_and(|other| other != action) {
            return Err(RequestError::Contradiction);
        }
        chosen = Some(action);
    }
    chosen.map(Request::Action).ok_or(RequestError::Action)
}

pub(super) fn send_message(positional: &[&str]) -> Result<Request, RequestError> {
    if positional.is_empty() { Ok(Request::SendMessage) } else { Err(RequestError::Shape) }
}

/// A token that we cannot have given means the first page.
fn paging(token: Option<&str>) -> u32 {
    let token = token.unwrap_or_default().trim();
    if !token.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    token.parse::<u32>().ok().filter(|token| *token <= i32::MAX.unsigned_abs()).unwrap_or(0)
}

fn device_identifier(params: &Params<'_>) -> Option<IdentifierKind> {
    let name = params.get("deviceidentifier")?.trim();
    [IdentifierKind::Guid, IdentifierKind::MacAddress]
        .into_iter()
        .find(|kind| kind.element().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::body::BatchValue;

    fn request(method: &str, path: &str, query: &str) -> Result<Request, RequestError> {
        parse(method, path, Some(query)).expect("a path of the API").request
    }

    #[test]
    fn a_paging_token_is_a_positive_31_bit_number_or_the_start() {
        for (token, expected) in [
            ("417000002", 417_000_002),
            ("2147483647", 2_147_483_647),
            ("2147483648", 0),
            ("99999999999999999999", 0),
            ("-1", 0),
            ("+1", 0),
            ("junk", 0),
            ("", 0),
        ] {
            assert_eq!(paging(Some(token)), expected, "{token}");
        }
    }

    #[test]
    fn a_broken_question_is_an_error_but_a_strange_value_is_not() {
        let path = "/ciscoise/mdmapi/v3/devices/";
        assert_eq!(request("GET", path, "querycriteria=colour&value=red"), Err(RequestError::Criterion));
        assert_eq!(request("GET", path, "value=3408BC507C78"), Err(RequestError::NoCriterion));
        assert_eq!(request("GET", "/ciscoise/devices/0", ""), Err(RequestError::Shape));
        assert_eq!(request("GET", "/ciscoise/devices/0/username/a/all/b", ""), Err(RequestError::Shape));
        assert_eq!(request("GET", "/ciscoise/mdminfo/x", ""), Err(RequestError::Shape));
        let Ok(Request::Devices(query)) = request("GET", path, "querycriteria=macaddress&value=junk") else {
            panic!("an empty answer, not an error");
        };
        assert!(matches!(query.lookup, Lookup::Nobody { criterion: Criterion::MacAddress, .. }));
    }

    #[test]
    fn only_the_first_segment_holds_parameters() {
        let Ok(Request::Devices(query)) = request("GET", "/ciscoise/devices/0/username/a=b/all", "") else {
            panic!("a user name of version 1");
        };
        assert_eq!(query.lookup, Lookup::Username("a=b".to_owned()));
        assert_eq!(request("GET", "/ciscoise/devices/paging=0/0/all", ""), Err(RequestError::Shape));
        assert_eq!(
            request("POST", "/ciscoise/action/actionType=pin_lock/full_wipe", ""),
            Err(RequestError::Shape)
        );
    }

    #[test]
    fn every_form_of_an_action_is_read_and_doubt_is_refused() {
        for path in [
            "action/actionType=Full_Wipe",
            "action/full_wipe",
            "action//FULL_WIPE/",
            "action/ACTIONTYPE=full_wipe/",
        ] {
            assert_eq!(
                request("POST", &format!("/ciscoise/{path}"), ""),
                Ok(Request::Action(Action::FullWipe)),
                "{path}"
            );
        }
        for path in ["/ciscoise/action", "/ciscoise/action/"] {
            assert_eq!(request("POST", path, "actiontype=PIN_LOCK"), Ok(Request::Action(Action::PinLock)));
            assert_eq!(request("POST", path, ""), Err(RequestError::Action));
            assert_eq!(request("POST", path, "actionType=explode"), Err(RequestError::Action));
        }
        let doubt = request("POST", "/ciscoise/action/actionType=pin_lock", "actionType=full_wipe");
        assert_eq!(doubt, Err(RequestError::Contradiction));
    }

    #[test]
    fn a_batch_takes_values_from_parameters_and_body() {
        let path = "/ciscoise/mdmapi/v2/batchdevices/";
        let Ok(Request::BatchDevices(batch)) =
            request("POST", path, "querycriteria=udid&value=a&value=&value=b")
        else {
            panic!("a batch");
        };
        let body = [
            BatchValue { criterion: None, text: "c".to_owned() },
            BatchValue { criterion: Some(Criterion::Imei), text: "d".to_owned() },
        ];
        let lookups: Vec<_> = batch.lookups(&body).collect();
        let udid = |text: &str| Lookup::Udid(text.to_owned());
        assert_eq!(lookups, [udid("a"), udid("b"), udid("c"), Lookup::Imei("d".to_owned())]);
        assert_eq!(request("POST", path, "querycriteria=compliance"), Err(RequestError::Criterion));
    }

    #[test]
    fn the_answer_names_devices_as_they_were_asked_for() {
        for (query, kind) in [
            ("querycriteria=guid&value=x", IdentifierKind::Guid),
            ("querycriteria=guidhn&value=x", IdentifierKind::GuidHn),
            ("querycriteria=udid&value=x", IdentifierKind::MacAddress),
            ("querycriteria=macaddress&value=3408BC507C78&deviceidentifier=guid", IdentifierKind::MacAddress),
            ("querycriteria=compliance&value=false", IdentifierKind::MacAddress),
            ("querycriteria=compliance&value=false&deviceidentifier=GUID", IdentifierKind::Guid),
            ("deviceidentifier=udid", IdentifierKind::MacAddress),
        ] {
            let Ok(Request::Devices(asked)) = request("GET", "/ise/mdm/api/devices", query) else {
                panic!("{query}")
            };
            assert_eq!(asked.identifier_kind(), kind, "{query}");
        }
    }
}

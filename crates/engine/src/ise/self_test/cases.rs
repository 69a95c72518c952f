//! The rows of the table: what is asked, and what ISE would show for the answer.

use domain::model::Organization;

use super::{Credentials, Port, ProbeAnswer, ProbeRequest, Trust};
use crate::Engine;

const SUCCESS: &str = "The MDM Server details are valid and the connectivity was successful.";
const UNREACHABLE: &str = "Connection failed: Please check connection parameters";
const UNTRUSTED: &str =
    "Connection Failed: There is a problem with the server Certificate or ISE trust store.";
const UNAUTHORIZED: &str = "Connection Failed 401: Unauthorized";
const FORBIDDEN: &str = "Connection Failed 403: Forbidden";
const NOT_FOUND: &str = "Connection Failed 404: Not Found";
/// Not a message of ISE's: there is none, the device simply counts as not registered.
const NOBODY: &str = "The device is not registered.";

/// A row before it is run.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) expected: &'static str,
    pub(super) hint: &'static str,
    pub(super) port: Port,
    pub(super) trust: Trust,
    pub(super) credentials: Option<Credentials>,
    pub(super) target: String,
}

impl Case {
    pub(super) fn request(&self) -> ProbeRequest {
        ProbeRequest {
            port: self.port,
            trust: self.trust,
            credentials: self.credentials.clone(),
            target: self.target.clone(),
        }
    }
}

pub(super) fn cases(
    engine: &Engine,
    organization: &Organization,
    marked: &Credentials,
    unmarked: &Credentials,
    own: Option<Credentials>,
) -> Vec<Case> {
    let info =
        |instance: &str, version: u32| format!("{instance}/ciscoise/mdminfo/?ise_api_version={version}");
    let instance = format!("/{}", organization.slug);
    let case = |name, expected, hint, credentials: Option<&Credentials>, target| Case {
        name,
        expected,
        hint,
        port: Port::Server,
        trust: Trust::ExportedRoot,
        credentials: credentials.cloned(),
        target,
    };
    let wrong = Credentials { user: marked.user.clone(), password: format!("{}x", marked.password) };
    let mut cases = vec![
        Case {
            port: Port::Closed,
            ..case(
                "Nobody listens",
                UNREACHABLE,
                "Something answers on a port that should be closed.",
                None,
                info("", 3),
            )
        },
        Case {
            trust: Trust::Nothing,
            ..case(
                "Root not imported",
                UNTRUSTED,
                "The server answered without TLS, or to a client that trusts nobody.",
                Some(marked),
                info("", 3),
            )
        },
        Case {
            trust: Trust::WrongName,
            ..case(
                "Wrong host name",
                UNTRUSTED,
                "The certificate is valid for names it should not have.",
                Some(marked),
                info("", 3),
            )
        },
        case(
            "No credentials yet",
            UNAUTHORIZED,
            "A challenge must come with the refusal; a proxy may have removed it.",
            None,
            info("", 3),
        ),
        case(
            "Wrong password",
            UNAUTHORIZED,
            "A proxy in front may answer instead of this server.",
            Some(&wrong),
            info("", 3),
        ),
        case(
            "Account without the ISE Admin mark",
            FORBIDDEN,
            "Tell the maker: an unmarked account got through.",
            Some(unmarked),
            info("", 3),
        ),
        case(
            "Instance that does not exist",
            NOT_FOUND,
            "A proxy in front may rewrite paths.",
            None,
            info("/no-such-instance", 3),
        ),
        case(
            "Without an instance",
            SUCCESS,
            "Import the exported root; enter the host name that is in the certificate.",
            Some(marked),
            info("", 3),
        ),
        case(
            "With the organization as instance",
            SUCCESS,
            "A proxy in front may rewrite paths.",
            Some(marked),
            info(&instance, 3),
        ),
        case(
            "ISE before 3.1 (version 2)",
            SUCCESS,
            "A proxy in front may remove the query.",
            Some(marked),
            info("", 2),
        ),
        case(
            "The oldest ISE (version 1)",
            SUCCESS,
            "A proxy in front may rewrite paths.",
            Some(marked),
            "/ciscoise/mdminfo".into(),
        ),
        case(
            "Look-up of an unknown device",
            NOBODY,
            "A proxy in front may rewrite paths.",
            Some(marked),
            // A documentation address (RFC 7042 2.1.1): no device has it.
            "/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&value=00005E005300&filter=all"
                .into(),
        ),
    ];
    let others = engine.directory().organizations();
    if let Some(other) = others.iter().find(|other| other.id != organization.id) {
        let target = info(&format!("/{}", other.slug), 3);
        cases.push(case(
            "Instance of somebody else",
            NOT_FOUND,
            "Tell the maker: tenants are not kept apart.",
            Some(marked),
            target,
        ));
    }
    if let Some(own) = own {
        cases.push(case(
            "Your account",
            SUCCESS,
            "Check name, password, mark and allowed networks of the account.",
            Some(&own),
            info("", 3),
        ));
    }
    cases
}

/// The message that ISE would show.
pub(super) fn shown(case: &Case, answer: ProbeAnswer) -> String {
    match answer {
        ProbeAnswer::Unreachable(_) => UNREACHABLE.into(),
        ProbeAnswer::Untrusted(_) => UNTRUSTED.into(),
        ProbeAnswer::Answered { status: 200, body, .. } if case.expected == NOBODY => {
            if body.contains("<name>attributes</name>") && body.contains("<deviceList></deviceList>") {
                NOBODY.into()
            } else {
                "The answer is not an empty list of devices.".into()
            }
        }
        ProbeAnswer::Answered { status: 200, body, .. } => {
            if body.contains("<name>mdminfo</name>") {
                SUCCESS.into()
            } else {
                "The answer is not mdminfo.".into()
            }
        }
        ProbeAnswer::Answered { status: 401, challenged: false, .. } => {
            format!("{UNAUTHORIZED} (without WWW-Authenticate)")
        }
        ProbeAnswer::Answered { status, .. } => {
            let reason = match status {
                401 => "Unauthorized",
                403 => "Forbidden",
                404 => "Not Found",
                503 => "Service Unavailable",
                _ => "",
            };
            format!("Connection Failed {status}: {reason}").trim_end_matches([':', ' ']).to_owned()
        }
    }
}

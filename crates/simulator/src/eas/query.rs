//! The query of a request, plain or base64 (MS-ASHTTP 2.2.1.1.1), written and read.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::version::Version;
use crate::http::{percent_decode, percent_encode};

/// Commands by their code in a base64 query (MS-ASHTTP 2.2.1.1.1.2); empty names are historical.
pub static COMMANDS: [&str; 24] = [
    "Sync",
    "SendMail",
    "SmartForward",
    "SmartReply",
    "GetAttachment",
    "GetHierarchy",
    "CreateCollection",
    "DeleteCollection",
    "MoveCollection",
    "FolderSync",
    "FolderCreate",
    "FolderDelete",
    "FolderUpdate",
    "MoveItems",
    "GetItemEstimate",
    "MeetingResponse",
    "Search",
    "Settings",
    "Ping",
    "ItemOperations",
    "Provision",
    "ResolveRecipients",
    "ValidateCert",
    "Find",
];

/// Parameters by their tag in a base64 query.
static PARAMETERS: [&str; 9] = [
    "AttachmentName",
    "CollectionId",
    "CollectionName",
    "ItemId",
    "LongId",
    "ParentId",
    "Occurrence",
    "Options",
    "User",
];

/// The code of a command.
pub fn command_code(name: &str) -> Option<u8> {
    COMMANDS.iter().position(|c| c.eq_ignore_ascii_case(name)).map(|at| at as u8)
}

/// The fields of a query, whichever form they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Command name.
    pub cmd: String,
    /// `User`; absent in most base64 queries.
    pub user: String,
    /// Device identifier. Bytes that are not printable ASCII appear as upper-case hex.
    pub device_id: String,
    /// Device type.
    pub device_type: String,
    /// Protocol version; base64 form only.
    pub version: Option<Version>,
    /// Locale as LCID; base64 form only.
    pub locale: Option<u16>,
    /// Policy key; base64 form only.
    pub policy_key: Option<u32>,
    /// Further parameters in order. In base64 form `SaveInSent=T` and `AcceptMultiPart=T` become option bits.
    pub params: Vec<(String, String)>,
    /// Whether it is, or was, base64.
    pub base64: bool,
}

impl Query {
    /// The first further parameter of a name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Text behind the `?`, in the form that [`Query::base64`] asks for.
    pub fn to_text(&self) -> String {
        if self.base64 { self.to_base64() } else { self.to_plain() }
    }

    fn to_plain(&self) -> String {
        let mut out = format!(
            "Cmd={}&User={}&DeviceId={}&DeviceType={}",
            self.cmd,
            percent_encode(&self.user),
            percent_encode(&self.device_id),
            percent_encode(&self.device_type)
        );
        for (name, value) in self.params.iter().filter(|(n, _)| n != "AcceptMultiPart") {
            out.push_str(&format!("&{name}={}", percent_encode(value)));
        }
        out
    }

    fn to_base64(&self) -> String {
        let mut b = vec![self.version.map_or(0, |v| v.0 as u8), command_code(&self.cmd).unwrap_or(0xFF)];
        b.extend(self.locale.unwrap_or(0x0409).to_le_bytes());
        let mut field = |value: &[u8]| {
            let value = &value[..value.len().min(255)];
            b.push(value.len() as u8);
            b.extend_from_slice(value);
        };
        field(self.device_id.as_bytes());
        match self.policy_key {
            Some(key) => field(&key.to_le_bytes()),
            None => field(&[]),
        }
        field(self.device_type.as_bytes());
        let mut options = 0;
        for (name, value) in &self.params {
            match name.as_str() {
                "SaveInSent" => options |= u8::from(value == "T"),
                "AcceptMultiPart" => options |= 2 * u8::from(value == "T"),
                _ => {
                    if let Some(tag) = PARAMETERS.iter().position(|p| p == name) {
                        let value = &value.as_bytes()[..value.len().min(255)];
                        b.extend([tag as u8, value.len() as u8]);
                        b.extend_from_slice(value);
                    }
                }
            }
        }
        if options != 0 {
            b.extend([7, 1, options]);
        }
        STANDARD.encode(b)
    }

    /// Reads the text behind the `?`; `None` if it is neither form.
    pub fn parse(text: &str) -> Option<Query> {
        let plain = text.contains('&') || text.trim_end_matches('=').contains('=');
        if plain { Some(Query::parse_plain(text)) } else { Query::parse_base64(text) }
    }

    fn parse_plain(text: &str) -> Query {
        let mut q = Query::default();
        for pair in text.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode(value);
            match name.to_ascii_lowercase().as_str() {
                "cmd" => q.cmd = value,
                "user" => q.user = value,
                "deviceid" => q.device_id = value,
                "devicetype" => q.device_type = value,
                _ => q.params.push((name.to_owned(), value)),
            }
        }
        q
    }

    fn parse_base64(text: &str) -> Option<Query> {
        let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        let mut rest = bytes.as_slice();
        let fixed = take(&mut rest, 4)?;
        let version = Version(u16::from(fixed[0]));
        let mut q = Query {
            cmd: (*COMMANDS.get(usize::from(fixed[1]))?).to_owned(),
            version: Some(version).filter(|v| Version::ALL.contains(v)),
            locale: Some(u16::from_le_bytes([fixed[2], fixed[3]])),
            base64: true,
            ..Query::default()
        };
        q.device_id = readable(field(&mut rest)?);
        q.policy_key = match field(&mut rest)? {
            [] => None,
            key => Some(u32::from_le_bytes(key.try_into().ok()?)),
        };
        q.device_type = String::from_utf8_lossy(field(&mut rest)?).into_owned();
        while let Some((&tag, mut tail)) = rest.split_first() {
            let value = field(&mut tail)?;
            rest = tail;
            q.parameter(tag, value);
        }
        Some(q)
    }

    fn parameter(&mut self, tag: u8, value: &[u8]) {
        let text = String::from_utf8_lossy(value).into_owned();
        match PARAMETERS.get(usize::from(tag)) {
            Some(&"User") => self.user = text,
            Some(&"Options") => {
                let bits = value.first().copied().unwrap_or(0);
                for (bit, name) in [(1, "SaveInSent"), (2, "AcceptMultiPart")] {
                    if bits & bit != 0 {
                        self.params.push((name.to_owned(), "T".to_owned()));
                    }
                }
            }
            Some(name) => self.params.push(((*name).to_owned(), text)),
            None => {}
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(n)?;
    *rest = tail;
    Some(head)
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(take(rest, 1)?[0]);
    take(rest, length)
}

fn readable(id: &[u8]) -> String {
    if id.iter().all(u8::is_ascii_graphic) {
        String::from_utf8_lossy(id).into_owned()
    } else {
        id.iter().fold(String::new(), |hex, b| hex + &format!("{b:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_queries_of_the_specification_are_read() {
        let list: serde_json::Value =
            serde_json::from_str(include_str!("../../testdata/base64-queries.json")).unwrap();
        for case in list.as_array().unwrap() {
            let q = Query::parse(case["b64"].as_str().unwrap()).unwrap();
            assert_eq!(q.version.unwrap().to_string(), case["version"].as_str().unwrap());
            assert_eq!(u64::from(command_code(&q.cmd).unwrap()), case["command"].as_u64().unwrap());
            assert_eq!(q.locale.map(u64::from), case["locale"].as_u64());
            assert_eq!(q.policy_key.map(u64::from), case["policy_key"].as_u64());
            assert_eq!(q.device_type, case["device_type"].as_str().unwrap());
            if let Some(id) = case["device_id_ascii"].as_str() {
                assert_eq!(q.device_id, id);
            }
        }
    }

    #[test]
    fn a_query_survives_both_forms() {
        for base64 in [false, true] {
            let q = Query {
                cmd: "SmartReply".to_owned(),
                user: if base64 { String::new() } else { "DOM\\u 1".to_owned() },
                device_id: "TESTDEV0001".to_owned(),
                device_type: "iPhone".to_owned(),
                version: base64.then_some(Version::V12_1),
                locale: base64.then_some(0x0407),
                policy_key: base64.then_some(4_294_967_295),
                params: vec![
                    ("ItemId".to_owned(), "5:12".to_owned()),
                    ("SaveInSent".to_owned(), "T".to_owned()),
                ],
                base64,
            };
            assert_eq!(Query::parse(&q.to_text()).unwrap(), q);
        }
    }

    #[test]
    fn broken_base64_queries_are_refused() {
        for bad in ["", "jA", "jAAJ", "jAAJBAp2MTQwRGV2", "!!!!", "jGMJBAA="] {
            assert_eq!(Query::parse(bad).filter(|q| q.base64), None, "{bad}");
        }
    }
}

//! The XML form: `POST /autodiscover/autodiscover.xml`.
//!
//! Reads requests of devices and answers of mail servers, writes answers. Documents with a DTD are refused, so
//! there are no entities to expand.

use quick_xml::escape::escape;
use roxmltree::{Document, Node, ParsingOptions};

use super::is_email;

/// Largest document read, in bytes.
pub const MAX_DOCUMENT: usize = 64 << 10;
/// Most XML nodes of a document.
const MAX_NODES: u32 = 4096;

/// The answer schema of ActiveSync clients.
pub const MOBILE_SCHEMA: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
/// The namespace around every answer, and of framework errors.
const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

/// The server type of ActiveSync.
pub const MOBILE_SYNC: &str = "MobileSync";

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Larger than [`MAX_DOCUMENT`].
    #[error("document too large")]
    TooLarge,
    /// Not XML in UTF-8, or with a DTD.
    #[error("not a plain XML document")]
    Xml,
    /// An element is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The mail address is none.
    #[error("not a mail address")]
    Email,
}

/// A device's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The mail address asked about.
    pub email: String,
    /// Which kind of answer is wanted.
    pub schema: String,
}

impl Request {
    /// Reads a request body.
    pub fn parse(bytes: &[u8]) -> Result<Request, Error> {
        with_document(bytes, |root| {
            let request = child(root, "Request").ok_or(Error::Missing("Request"))?;
            let email = text(request, "EMailAddress").ok_or(Error::Missing("EMailAddress"))?;
            let schema = text(request, "AcceptableResponseSchema");
            if !is_email(email) {
                return Err(Error::Email);
            }
            let schema = schema.ok_or(Error::Missing("AcceptableResponseSchema"))?;
            Ok(Request { email: email.to_owned(), schema: schema.to_owned() })
        })
    }

    /// Whether the device wants the answer for ActiveSync; desktop programs ask for another.
    pub fn is_mobile(&self) -> bool {
        self.schema.eq_ignore_ascii_case(MOBILE_SCHEMA)
    }

    /// Writes the request of an ActiveSync client.
    pub fn encode(&self) -> String {
        format!(
            "{DECLARATION}<Autodiscover xmlns=\"{REQUEST}\"><Request><EMailAddress>{}</EMailAddress>\
             <AcceptableResponseSchema>{}</AcceptableResponseSchema></Request></Autodiscover>",
            clean(&self.email),
            clean(&self.schema)
        )
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const REQUEST: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006";

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Here are the servers.
    Settings {
        /// The user.
        user: User,
        /// Where to go.
        servers: Vec<Server>,
    },
    /// Ask again with this address.
    Redirect {
        /// The user.
        user: User,
        /// The other mail address.
        email: String,
    },
    /// Ask again at this URL.
    RedirectUrl(String),
    /// The protocol's own error.
    Error {
        /// The user.
        user: User,
        /// 1: the directory failed; 2: the request was wrong.
        status: u16,
        /// For people.
        message: String,
    },
    /// An error of the framework around the protocol: 600 invalid request, 601 no provider for the schema.
    Framework {
        /// 600 or 601.
        code: u16,
        /// For people.
        message: String,
    },
}

/// The user in an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The name shown.
    pub display_name: String,
    /// The mail address.
    pub email: String,
}

/// A server in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// [`MOBILE_SYNC`] or another.
    pub kind: String,
    /// Its URL.
    pub url: String,
    /// Its name; for ActiveSync the URL again.
    pub name: String,
}

impl Server {
    /// The ActiveSync server at a URL.
    pub fn mobile_sync(url: &str) -> Server {
        Server { kind: MOBILE_SYNC.to_owned(), url: url.to_owned(), name: url.to_owned() }
    }
}

impl Answer {
    /// Reads a mail server's answer.
    pub fn parse(bytes: &[u8]) -> Result<Answer, Error> {
        with_document(bytes, |root| {
            let response = child(root, "Response").ok_or(Error::Missing("Response"))?;
            if let Some(error) = child(response, "Error") {
                let code = text(error, "ErrorCode").and_then(|code| code.parse().ok());
                let code = code.ok_or(Error::Missing("ErrorCode"))?;
                return Ok(Answer::Framework { code, message: owned(error, "Message") });
            }
            let user = child(response, "User").map(user).unwrap_or_default();
            let action = child(response, "Action").ok_or(Error::Missing("Action"))?;
            if let Some(error) = child(action, "Error") {
                let status = text(error, "Status").and_then(|status| status.parse().ok()).unwrap_or(1);
                return Ok(Answer::Error { user, status, message: owned(error, "Message") });
            }
            if let Some(email) = text(action, "Redirect") {
                return Ok(Answer::Redirect { user, email: email.to_owned() });
            }
            if let Some(url) = text(action, "RedirectUrl") {
                return Ok(Answer::RedirectUrl(url.to_owned()));
            }
            let settings = child(action, "Settings").ok_or(Error::Missing("Settings"))?;
            let servers = settings.children().filter(|node| node.has_tag_name_local("Server"));
            Ok(Answer::Settings { user, servers: servers.map(server).collect() })
        })
    }

    /// The URL of the ActiveSync server in the answer.
    pub fn activesync_url(&self) -> Option<&str> {
        match self {
            Answer::Settings { servers, .. } => {
                servers.iter().find(|server| server.kind == MOBILE_SYNC).map(|server| server.url.as_str())
            }
            _ => None,
        }
    }

    /// The same answer with the gateway as the only server: every other kind of server is left out, because
    /// nothing stands behind the gateway for it.
    pub fn pointing_to(self, gateway_url: &str) -> Answer {
        match self {
            Answer::Settings { user, .. } => {
                Answer::Settings { user, servers: vec![Server::mobile_sync(gateway_url)] }
            }
            other => other,
        }
    }

    /// Writes the body. `time` (`hh:mm:ss.fffffff`) and `id` only appear in framework errors.
    pub fn encode(&self, time: &str, id: u32) -> String {
        let (user, action) = match self {
            Answer::Framework { code, message } => {
                let (time, message) = (clean(time), clean(message));
                return format!(
                    "{DECLARATION}<Autodiscover xmlns=\"{OUTER}\"><Response><Error Time=\"{time}\" Id=\"{id}\">\
                     <ErrorCode>{code}</ErrorCode><Message>{message}</Message><DebugData/></Error></Response>\
                     </Autodiscover>"
                );
            }
            Answer::Settings { user, servers } => (Some(user), settings(servers)),
            Answer::Redirect { user, email } => {
                (Some(user), format!("<Redirect>{}</Redirect>", clean(email)))
            }
            Answer::RedirectUrl(url) => (None, format!("<RedirectUrl>{}</RedirectUrl>", clean(url))),
            Answer::Error { user, status, message } => {
                let message = clean(message);
                let error = format!(
                    "<Error><Status>{status}</Status><Message>{message}</Message><DebugData>MailUser</DebugData></Error>"
                );
                (Some(user), error)
            }
        };
        let user = user.map(|user| {
            let (name, email) = (clean(&user.display_name), clean(&user.email));
            format!("<User><DisplayName>{name}</DisplayName><EMailAddress>{email}</EMailAddress></User>")
        });
        format!(
            "{DECLARATION}<Autodiscover xmlns=\"{OUTER}\"><Response xmlns=\"{MOBILE_SCHEMA}\"><Culture>en:us</Culture>\
             {}<Action>{action}</Action></Response></Autodiscover>",
            user.unwrap_or_default()
        )
    }
}

fn settings(servers: &[Server]) -> String {
    let mut out = String::from("<Settings>");
    for server in servers {
        let (kind, url, name) = (clean(&server.kind), clean(&server.url), clean(&server.name));
        out.push_str(&format!("<Server><Type>{kind}</Type><Url>{url}</Url><Name>{name}</Name></Server>"));
    }
    out.push_str("</Settings>");
    out
}

/// Escapes a text for XML and leaves out what XML 1.0 cannot express.
fn clean(text: &str) -> String {
    let allowed: String =
        text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
    escape(&allowed).into_owned()
}

/// Parses a document and hands its Autodiscover element on.
fn with_document<T>(bytes: &[u8], read: impl FnOnce(Node<'_, '_>) -> Result<T, Error>) -> Result<T, Error> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Error::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Xml)?.trim_start_matches('\u{FEFF}');
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|_| Error::Xml)?;
    let root = document.root_element();
    if root.has_tag_name_local("Autodiscover") { read(root) } else { Err(Error::Missing("Autodiscover")) }
}

/// Element names without regard to namespaces, in which clients and servers differ.
trait LocalName {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name_local(name))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name).and_then(|child| child.text()).map(str::trim).filter(|text| !text.is_empty())
}

fn owned(node: Node<'_, '_>, name: &str) -> String {
    text(node, name).unwrap_or_default().to_owned()
}

fn user(node: Node<'_, '_>) -> User {
    User { display_name: owned(node, "DisplayName"), email: owned(node, "EMailAddress") }
}

fn server(node: Node<'_, '_>) -> Server {
    Server { kind: owned(node, "Type"), url: owned(node, "Url"), name: owned(node, "Name") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY: &str = "https://mdm.example.test/Microsoft-Server-ActiveSync";

    fn request(email: &str) -> Request {
        Request { email: email.to_owned(), schema: MOBILE_SCHEMA.to_owned() }
    }

    #[test]
    fn requests_survive_writing_and_reading() {
        let sent = request("o'neil&co@example.test");
        let read = Request::parse(sent.encode().as_bytes()).unwrap();
        assert!(read.is_mobile());
        assert_eq!(read, sent);
    }

    #[test]
    fn every_kind_of_answer_survives_writing_and_reading() {
        let user = User { display_name: "A <b>".to_owned(), email: "a@b.test".to_owned() };
        let answers = [
            Answer::Settings { user: user.clone(), servers: vec![Server::mobile_sync(GATEWAY)] },
            Answer::Redirect { user: user.clone(), email: "c@d.test".to_owned() },
            Answer::RedirectUrl("https://x.test/autodiscover/autodiscover.xml?a=1&b=2".to_owned()),
            Answer::Error { user, status: 2, message: "no \"user\"".to_owned() },
            Answer::Framework { code: 601, message: "no provider".to_owned() },
        ];
        for answer in answers {
            assert_eq!(Answer::parse(answer.encode("10:00:00.0", 7).as_bytes()), Ok(answer));
        }
    }

    #[test]
    fn a_mail_servers_answer_gives_its_url_and_then_points_to_the_gateway() {
        let body = "<?xml version='1.0'?><a:Autodiscover xmlns:a='urn:x'><Response><User><DisplayName>J</DisplayName>\
            <EMailAddress>j@x.test</EMailAddress></User><Action><Settings><Server><Type>MobileSync</Type>\
            <Url>https://mail.x.test/eas</Url><Name>https://mail.x.test/eas</Name></Server><Server>\
            <Type>CertEnroll</Type><Url>https://ca.x.test/</Url><Name/></Server></Settings></Action></Response>\
            </a:Autodiscover>";
        let answer = Answer::parse(body.as_bytes()).unwrap();
        assert_eq!(answer.activesync_url(), Some("https://mail.x.test/eas"));
        let text = answer.pointing_to(GATEWAY).encode("", 0);
        assert!(!text.contains("x.test/"), "{text}");
        assert_eq!(Answer::parse(text.as_bytes()).unwrap().activesync_url(), Some(GATEWAY));
    }

    #[test]
    fn bad_documents_are_refused() {
        let dtd = "<!DOCTYPE a [<!ENTITY x 'y'>]><Autodiscover><Request/></Autodiscover>";
        assert_eq!(Request::parse(dtd.as_bytes()), Err(Error::Xml));
        assert_eq!(Request::parse(b"\xFF\xFE<\0"), Err(Error::Xml));
        assert_eq!(Request::parse(b""), Err(Error::Xml));
        assert_eq!(Request::parse(&vec![b' '; MAX_DOCUMENT + 1]), Err(Error::TooLarge));
        assert_eq!(Request::parse(b"<x/>"), Err(Error::Missing("Autodiscover")));
        assert_eq!(Request::parse(request("nobody").encode().as_bytes()), Err(Error::Email));
        assert_eq!(Request::parse("<a>".repeat(20_000).as_bytes()), Err(Error::Xml));
        let wide = format!("<Autodiscover>{}</Autodiscover>", "<a/>".repeat(10_000));
        assert_eq!(Request::parse(wide.as_bytes()), Err(Error::Xml));
    }
}

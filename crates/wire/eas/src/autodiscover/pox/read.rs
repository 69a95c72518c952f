//! Reads requests and answers. Namespaces do not matter, because clients and servers differ in them.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Answer, Error, MAX_DOCUMENT, Request, Server, User};
use crate::autodiscover::is_email;

/// Most XML nodes of a document.
const MAX_NODES: u32 = 4096;

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

//! Writes requests and answers.

use quick_xml::escape::escape;

use super::{Answer, MOBILE_SCHEMA, Request, Server};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const REQUEST: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006";
/// The namespace around every answer, and of framework errors.
const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

impl Request {
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

impl Answer {
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

//! Autodiscover in its old XML and its new JSON form.

use super::gate::canonical;
use super::state::Shared;
use crate::http::{Answer, Incoming, percent_decode};

const MOBILE: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";

pub(super) fn answer(shared: &Shared, incoming: &Incoming) -> Answer {
    let state = shared.state.lock();
    let host = incoming.headers.get("Host").unwrap_or("localhost");
    let url = if state.script.autodiscover_url.is_empty() {
        format!("https://{host}/Microsoft-Server-ActiveSync")
    } else {
        state.script.autodiscover_url.clone()
    };
    if incoming.target.to_ascii_lowercase().contains("autodiscover.json") {
        let target = percent_decode(&incoming.target);
        if !target.to_ascii_lowercase().contains("protocol=activesync") {
            let body =
                serde_json::json!({ "ErrorCode": "InvalidProtocol", "ErrorMessage": "unknown protocol" });
            return Answer::new(400, body.to_string().into_bytes()).with("Content-Type", "application/json");
        }
        let body = serde_json::json!({ "Protocol": "ActiveSync", "Url": url });
        return Answer::new(200, body.to_string().into_bytes()).with("Content-Type", "application/json");
    }
    let text = String::from_utf8_lossy(&incoming.body);
    let doc = roxmltree::Document::parse(&text).ok();
    let field = |name: &str| {
        let node = doc.as_ref()?.descendants().find(|n| n.tag_name().name() == name)?;
        Some(node.text()?.trim().to_owned())
    };
    let address = field("EMailAddress").unwrap_or_default();
    let known = state.mailboxes.contains_key(&canonical(&address));
    let action = if field("AcceptableResponseSchema").as_deref() != Some(MOBILE) || !known {
        "<Error><Status>1</Status><Message>No such user here</Message><DebugData>MailUser</DebugData></Error>"
            .to_owned()
    } else {
        let url = escape(&url);
        format!(
            "<Settings><Server><Type>MobileSync</Type><Url>{url}</Url><Name>{url}</Name></Server></Settings>"
        )
    };
    let address = escape(&address);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover \
         xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\"><Response \
         xmlns=\"{MOBILE}\"><Culture>en:us</Culture><User><DisplayName>{address}</DisplayName>\
         <EMailAddress>{address}</EMailAddress></User><Action>{action}</Action></Response></Autodiscover>"
    );
    Answer::new(200, body.into_bytes()).with("Content-Type", "text/xml; charset=utf-8")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
